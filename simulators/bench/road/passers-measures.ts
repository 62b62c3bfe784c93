/** The road lane as it works against the lane that searches every picture whole and reads every plate: what is lost, and what is saved. */
import { openPlateReader } from '../../../models/plate/index.ts';
import { openScene, randomTraffic } from '../../scene/scene.ts';
import { measure, share, type Measure } from '../report.ts';
import { letPass, type Passers } from './passers.ts';

/** Vehicles of one drawn road: it lasts one minute or two. */
const MAX_VEHICLES = 30;
const SEED = 400;
/** Between two vehicles, both directions together: dense traffic, and a road that is empty now and then. */
const EVERY_S = [1.5, 4];
/** Pictures a second that the box looks at. */
const FPS = 5;
/** A picture of a hit may be this much narrower: a person sees no difference. */
const NARROWER = 0.8;

interface Difference {
  /** Texts that only the full work counted, and only the other one. */
  readonly missed: readonly string[];
  readonly extra: readonly string[];
  /** Texts whose last picture shows the plate clearly narrower. */
  readonly narrower: readonly string[];
}

export function comparePassers(needed: Passers, full: Passers): Difference {
  const texts = ({ counted }: Passers): string[] => counted.map((p) => p.best.text);
  return {
    missed: without(texts(full), texts(needed)),
    extra: without(texts(needed), texts(full)),
    narrower: [...full.widths].flatMap(([text, width]) =>
      (needed.widths.get(text) ?? width) < NARROWER * width ? [text] : [],
    ),
  };
}

/** A text that is there twice has to be taken away twice. */
function without(texts: readonly string[], taken: readonly string[]): string[] {
  const left = [...texts];
  for (const text of taken) {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

/** Roads by day and by night, with dense and with thin traffic, in turn. */
export async function measurePassers(passages: number, progress: (text: string) => void): Promise<Measure[]> {
  const reader = await openPlateReader();
  const [needed, full]: [Passers[], Passers[]] = [[], []];
  const differences: Difference[] = [];
  let passed = 0;
  for (let road = 0; passed < passages; road++) {
    const count = Math.min(MAX_VEHICLES, passages - passed);
    passed += count;
    const seed = SEED + road;
    const night = road % 2 === 1;
    progress(`reading road ${road + 1} by ${night ? 'night' : 'day'}, twice: ${passed} of ${passages} vehicles`);
    const vehicles = randomTraffic(seed, { count, everyS: EVERY_S[(road >> 1) % 2]! }).map((v) => ({
      ...v,
      startS: v.startS + 1,
    }));
    const scene = await openScene({ seed, vehicles, night, width: 1920, height: 1080 });
    const how = { fps: FPS, seconds: Math.ceil(scene.durationS) };
    needed.push(await letPass(scene, reader, how));
    full.push(await letPass(scene, reader, { ...how, full: true }));
    differences.push(comparePassers(needed.at(-1)!, full.at(-1)!));
  }
  return [
    ...compared(differences, passages),
    ...work('as needed', needed, passages),
    ...work('in full', full, passages),
  ];
}

function compared(differences: readonly Difference[], passages: number): Measure[] {
  const total = (of: keyof Difference): number => differences.reduce((sum, d) => sum + d[of].length, 0);
  return [
    measure('passages that full work has and the box has not', total('missed'), 'passages', passages, { most: 0 }),
    measure('passages that full work has not', total('extra'), 'passages', passages, { most: 0 }),
    measure('hits with a narrower plate in their picture', total('narrower'), 'hits', passages, { most: 0 }),
  ];
}

function work(how: string, drives: readonly Passers[], passages: number): Measure[] {
  const sum = (of: (drive: Passers) => number): number => drives.reduce((total, d) => total + of(d), 0);
  const pictures = sum((d) => d.pictures);
  const analysed = sum((d) => d.counts.analysed);
  const partly = sum((d) => d.counts.partly);
  const each = (total: number): number => Math.round((total / passages) * 10) / 10;
  return [
    measure(`reads of a plate for each passage, ${how}`, each(sum((d) => d.counts.platesRead)), 'reads', passages),
    measure(`processor for each passage, ${how}`, Math.round(sum((d) => d.cpuMs) / passages), 'ms', passages),
    measure(`pictures searched, ${how}`, share(analysed, pictures), '%', pictures),
    measure(`of these in part, ${how}`, share(partly, analysed), '%', analysed),
  ];
}
