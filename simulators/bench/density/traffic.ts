/** Roads with traffic, all vehicles listed: is each passage of each lane exactly one hit, how soon, and what does it take? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../../product/gateway.ts';
import { measure, spread, type Measure } from '../report.ts';
import { of, timeOf } from '../road/road-measures.ts';
import { emptyClip, trafficClip, type DrawnClip } from './clips.ts';
import { processorsUsed, startBox, type BenchCamera } from './box.ts';

/** A clip for each half of the cameras: in that many places of it they begin, so that no two lanes show a vehicle at once. */
const CLIPS = 2;
const SETTLE_MS = 6_000;
/** How long a vehicle takes past the camera. */
const WAY_M = 72;

interface Run {
  readonly folder: string;
  readonly cameras: readonly BenchCamera[];
  readonly keys?: object;
  readonly turns: number;
}

/** Lets each camera show its clip so often. */
async function run({ folder, cameras, keys = {}, turns }: Run) {
  await using box = await startBox({ folder, cameras, keys });
  const upAt = await box.upAt();
  const playMs = turns * cameras.find(({ clip }) => clip.vehicles.length > 0)!.clip.durationS * 1000;
  const used = await processorsUsed(box, playMs);
  const memory = box.memoryMiB();
  const until = Date.now();
  await sleep(SETTLE_MS);
  const hits = of(box.lines, 'hit committed').filter((l) => timeOf(l) < until + SETTLE_MS);
  const busy = cameras.filter(({ clip }) => clip.vehicles.length > 0);
  const counts = busy.flatMap((camera) => passages(camera, upAt.get(camera.id)!, turns, box.plates, hits));
  const toCommit = hits.map((l) => Number(l['captureToCommitMs']));
  return { used, memory, counts, toCommit };
}

/** Hits of each pass of each vehicle that was wholly seen: one is right. */
function passages(
  { id, clip, fromS = 0 }: BenchCamera,
  upAt: number,
  turns: number,
  plates: readonly string[],
  hits: readonly LogLine[],
): number[] {
  const mine = hits.filter((l) => l['lane'] === id);
  return clip.vehicles.flatMap(({ plate, startS, speedMps }) => {
    const entry = `E-${plates.indexOf(plate) + 1}`;
    const waysS = WAY_M / speedMps;
    const all = mine.filter((l) => l['entry'] === entry);
    return Array.from({ length: turns + 1 }, (_, turn) => upAt + (turn * clip.durationS + startS - fromS) * 1000)
      .filter((from) => from >= upAt && from + waysS * 1000 <= upAt + turns * clip.durationS * 1000)
      .map((from) => all.filter((l) => timeOf(l) >= from - 1_500 && timeOf(l) < from + (waysS + 5) * 1000).length);
  });
}

function judged(
  name: string,
  { counts, toCommit, used }: Awaited<ReturnType<typeof run>>,
  isPromised: boolean,
): Measure[] {
  const n = counts.length;
  const bar = isPromised ? { most: 0 } : undefined;
  const cores = (value: number): number => Math.round(value * 100) / 100;
  return [
    measure(`${name}: missed`, counts.filter((c) => c === 0).length, 'passages', n, bar),
    measure(`${name}: doubled`, counts.filter((c) => c > 1).length, 'passages', n, bar),
    ...spread(`${name}: frame captured -> hit committed`, toCommit, isPromised ? 500 : undefined),
    measure(`${name}: processors used`, cores(used.box), 'cores', n),
    measure(`${name}: by the simulated cameras`, cores(used.simulators), 'cores', n),
  ];
}

/** `count` cameras share the clips, each from another second of its own on. */
function spreadOver(clips: readonly DrawnClip[], count: number, everyS: number): BenchCamera[] {
  return Array.from({ length: count }, (_, i) => {
    const clip = clips[i % clips.length]!;
    const step = Math.floor(i / clips.length);
    return { id: `cam-${i + 1}`, clip, fromS: Math.round((step * everyS * 2) % clip.durationS) };
  });
}

export async function measureEverySix(
  folder: string,
  passagesWanted: number,
  progress: (text: string) => void,
): Promise<Measure[]> {
  const [cameras, vehicles, everyS] = [8, 10, 6];
  progress('drawing a vehicle every 6 s');
  const clips: DrawnClip[] = [];
  for (let i = 0; i < CLIPS; i++) clips.push(await trafficClip(60 + i, vehicles, everyS));
  const turns = Math.max(2, Math.ceil(passagesWanted / (cameras * vehicles)));
  progress(`${turns * cameras * vehicles} passages, ${turns * clips[0]!.durationS} s`);
  const result = await run({ folder, cameras: spreadOver(clips, cameras, everyS), turns });
  const memory = measure(
    '8 cameras, a vehicle every 6 s: memory, children included',
    Math.round(result.memory),
    'MiB',
    1,
    { most: 900 },
  );
  return [...judged('8 cameras, a vehicle every 6 s', result, true), memory];
}

export async function measureDense(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  progress('drawing a vehicle every 2.5 s');
  const clip = await trafficClip(70, 16, 2.5);
  const cameras = spreadOver([clip], 8, 2.5);
  const measures: Measure[] = [];
  for (const [name, keys] of [
    ['asleep in between', {}],
    ['every picture decoded', { sleep: false }],
  ] as const) {
    progress(`8 cameras, a vehicle every 2.5 s, ${name}`);
    const result = await run({ folder: `${folder}/${measures.length}`, cameras, keys, turns: 2 });
    measures.push(...judged(`8 cameras, a vehicle every 2.5 s, ${name}`, result, false));
  }
  return measures;
}

export async function measureSixteen(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  progress('drawing a busy road, and an empty one');
  const busy = await trafficClip(80, 12, 2.8);
  const empty = await emptyClip();
  const cameras = Array.from({ length: 16 }, (_, i): BenchCamera => {
    return i % 8 === 0 ? { id: `cam-${i + 1}`, clip: busy, fromS: i } : { id: `cam-${i + 1}`, clip: empty };
  });
  progress('16 cameras that come at once');
  const result = await run({ folder, cameras, turns: 2 });
  return judged('16 cameras, one in eight busy', result, true).filter(({ name }) => !name.includes('captured'));
}
