/** A sleeping camera, and a vehicle that comes into view at once: how long until a picture of it was read. */
import { setTimeout as sleep } from 'node:timers/promises';
import { measure, spread, type Measure } from '../report.ts';
import { of, timeOf } from '../road/road-measures.ts';
import { suddenClip } from './clips.ts';
import { startBox, type BenchBox } from './box.ts';

/** The clip lasts longer than the box remembers a vehicle that has gone. */
const VEHICLES = 8;
const TURNS = 2;
const LEARNING = 2;
/** A vehicle is in view for so long. */
const VIEW_MS = 1_300;
const SETTLE_MS = 3_000;
const ASK_MS = 10;

/** From now until another picture of the camera was read: a sleeping camera has none read for seconds. */
async function msUntilRead(box: BenchBox, id: string, before: number): Promise<number> {
  const startedAt = performance.now();
  while ((await box.analysed(id)) === before) {
    if (performance.now() - startedAt > VIEW_MS) return NaN;
    await sleep(ASK_MS);
  }
  return performance.now() - startedAt;
}

interface Road {
  readonly id: string;
  readonly clip: Awaited<ReturnType<typeof suddenClip>>;
  readonly keyEveryS: number;
  readonly barMs: number;
  /** When each vehicle came into view. */
  readonly shownAt: number[];
  readonly readMs: number[];
}

async function drawRoad(keyEveryS: number, barMs: number): Promise<Road> {
  const clip = await suddenClip(50 + keyEveryS, VEHICLES, keyEveryS);
  return { id: `keys-${keyEveryS}`, clip, keyEveryS, barMs, shownAt: [], readMs: [] };
}

export async function measureWaking(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  progress('drawing vehicles that come into view at once');
  const roads = [await drawRoad(1, 250), await drawRoad(2, 400)];
  const running: { box?: BenchBox } = {};
  const analysed = new Map<string, number>();
  const shown = async ({ id, clip, shownAt, readMs }: Road, picture: number): Promise<void> => {
    if (!clip.firstPictures.includes(picture)) return;
    shownAt.push(Date.now());
    // The first ones teach the box what is usual.
    if (running.box && shownAt.length > LEARNING) readMs.push(await msUntilRead(running.box, id, analysed.get(id)!));
  };
  const cameras = roads.map((road) => ({ ...road, sent: (picture: number): void => void shown(road, picture) }));
  await using started = await startBox({ folder, cameras });
  running.box = started;
  await started.upAt();
  const playMs = TURNS * roads[0]!.clip.durationS * 1000;
  progress(`watching for ${playMs / 1000} s`);
  const endAt = performance.now() + playMs - 500;
  while (performance.now() < endAt) {
    await sleep(500);
    for (const { id } of roads) analysed.set(id, await started.analysed(id));
  }
  const until = Date.now();
  await sleep(SETTLE_MS);
  return roads.flatMap((road) => judged(road, started, until));
}

function judged({ id, keyEveryS, barMs, shownAt, readMs }: Road, { lines }: BenchBox, until: number): Measure[] {
  const name = `key frames ${keyEveryS} s apart`;
  const hitsAt = of(lines, 'hit committed')
    .filter((l) => l['lane'] === id)
    .map(timeOf);
  const passed = shownAt.filter((at) => at < until - VIEW_MS);
  const committedMs = passed.flatMap((at) => {
    const first = hitsAt.find((t) => t >= at && t < at + SETTLE_MS);
    return first === undefined ? [] : [first - at];
  });
  const read = readMs.filter((ms) => !Number.isNaN(ms));
  return [
    ...spread(`${name}: first moving picture -> its first picture read`, read, barMs),
    ...spread(`${name}: first moving picture -> hit committed`, committedMs),
    measure(`${name}: vehicles missed`, passed.length - committedMs.length, 'vehicles', passed.length, { most: 0 }),
  ];
}
