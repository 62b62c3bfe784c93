/** A box with a lane for each camera, and what it takes: processors, memory, how long its cameras slept. The cameras run in this process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCamera } from '../../devices/road-camera/server.ts';
import { spawnGateway, type LogLine } from '../../product/gateway.ts';
import { cpuSeconds, descendantsOf } from '../../product/processes.ts';
import { giveList, laySite, stolen } from '../../product/site.ts';
import { FPS, type DrawnClip } from './clips.ts';

export interface BenchCamera {
  readonly id: string;
  readonly clip: Pick<DrawnClip, 'bytes' | 'vehicles' | 'durationS'>;
  /** Where in its clip it begins, whole seconds. */
  readonly fromS?: number;
  readonly sent?: (picture: number) => void;
}

export interface BenchBoxOptions {
  readonly folder: string;
  readonly cameras: readonly BenchCamera[];
  /** Further keys of each camera. */
  readonly keys?: object;
}

const THREADS = 2;

export type BenchBox = Awaited<ReturnType<typeof startBox>>;

export async function startBox({ folder, cameras, keys = {} }: BenchBoxOptions) {
  const undo = new AsyncDisposableStack();
  const named: Record<string, Record<string, unknown>> = {};
  for (const { id, clip, fromS = 0, sent } of cameras) {
    const options = { clip: clip.bytes, fps: FPS, from: fromS * FPS, ...(sent ? { sent } : {}) };
    const camera = await startCamera(options);
    undo.defer(() => camera.close());
    named[id] = { kind: 'rtsp', url: camera.url, ...keys };
  }
  const lanes = cameras.map(({ id }) => ({ id, kind: 'road', cameras: [id] }));
  const more = { hits: { windowS: 1 }, lanes, inference: { threads: THREADS } };
  const site = await laySite({ folder: join(folder, 'box'), port: 0, cameras: named, more });
  const plates = [...new Set(cameras.flatMap(({ clip }) => clip.vehicles.map((v) => v.plate)))];
  if (plates.length > 0) await giveList(site, 1, plates.map(stolen));
  const lines: LogLine[] = [];
  const gateway = spawnGateway(site.configFile, { onLine: (line) => void lines.push(line) });
  undo.defer(() => gateway.kill());
  const all = (): number[] => [gateway.pid, ...descendantsOf(gateway.pid).map(({ pid }) => pid)];
  const fetched = async (path: string): Promise<string> => await (await fetch(`${await gateway.url()}${path}`)).text();
  return {
    lines,
    plates,
    /** When each camera came up, by the box's clock. */
    async upAt(): Promise<ReadonlyMap<string, number>> {
      const isUp = (id: string) => gateway.line((l) => l.msg === 'camera up' && l['camera'] === id);
      const times = cameras.map(async ({ id }) => [id, Date.parse(String((await isUp(id))['time']))] as const);
      return new Map(await Promise.all(times));
    },
    /** Processor seconds of the gateway and its children until now. */
    usedS: (): number => all().reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    /** Memory of the gateway and its children; what they share counts once. */
    memoryMiB: (): number => all().reduce((sum, pid) => sum + pssMiB(pid), 0),
    async states(): Promise<string[]> {
      const health = JSON.parse(await fetched('/health')) as { cameras: { decoding: { state: string } }[] };
      return health.cameras.map(({ decoding }) => decoding.state);
    },
    /** Pictures of one camera that were searched for plates until now. */
    async analysed(id: string): Promise<number> {
      const text = await fetched('/metrics');
      return Number(new RegExp(`^sitebox_frames_analysed_total\\{camera="${id}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
    },
    /** Of one camera, seconds in which every picture was decoded, and in which it slept. */
    async decoded(id: string): Promise<{ readonly decodedS: number; readonly asleepS: number }> {
      const text = await fetched('/metrics');
      const value = (name: string): number =>
        Number(new RegExp(`^sitebox_camera_${name}_seconds_total\\{camera="${id}"\\} (\\S+)$`, 'm').exec(text)?.[1]);
      return { decodedS: value('decoded'), asleepS: value('asleep') };
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

function pssMiB(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Processors that the box, and this process with its simulated cameras, use while `ms` pass. */
export async function processorsUsed(box: Pick<BenchBox, 'usedS'>, ms: number) {
  const [before, ownBefore, startedAt] = [box.usedS(), process.cpuUsage(), performance.now()];
  await sleep(ms);
  const seconds = (performance.now() - startedAt) / 1000;
  const own = process.cpuUsage(ownBefore);
  return { box: (box.usedS() - before) / seconds, simulators: (own.user + own.system) / 1e6 / seconds };
}

export async function until(isSo: () => Promise<boolean>, maxMs: number): Promise<void> {
  const giveUpAt = performance.now() + maxMs;
  while (!(await isSo()) && performance.now() < giveUpAt) await sleep(250);
}
