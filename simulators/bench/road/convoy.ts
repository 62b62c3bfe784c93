/**
 * Three cameras, each before a lane of its own with traffic side by side in both directions, and one box that must miss nobody: every vehicle
 * is listed and each of its passes is a hit of its own. The gateway is a process of its own; cameras and command room live in this one.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCamera, type RtspCamera } from '../../devices/road-camera/server.ts';
import { spawnGateway, type GatewayProcess, type LogLine } from '../../product/gateway.ts';
import { descendantsOf } from '../../product/processes.ts';
import { startRoom } from '../../command-room/room.ts';
import { openScene, randomTraffic, type SceneVehicle } from '../../scene/scene.ts';
import { encodeClip } from '../../scene/clip.ts';
import { giveList, laySite, newSecret } from '../../product/site.ts';
import { share, type Measure } from '../report.ts';
import { counted, delays, metricsOf, passes, settled, timeOf, wanted, type DrivenRoad } from './road-measures.ts';

type Progress = (text: string) => void;

const CAMERAS = ['north', 'south', 'bridge'];
const SEED = 70;
/** Of each camera and turn: with this pause between them (one every three seconds in a lane) a turn takes a minute. */
const MAX_VEHICLES = 34;
const EVERY_S = 1.5;
/** Nothing stands in a clip's first picture, so a drive that ends a moment late shows no vehicle twice. */
const LEAD_S = 1;
/** Vehicles of one lane drive nearly alike: nobody drives through the one in front. */
const SPEED = { from: 9, to: 11 };
/** What a camera sends, pictures a second; the box looks at five of them. */
const FPS = 15;
const LOOKED_AT = 5;
const THREADS = 2;

/** The drive: so many vehicles before each camera, and how often all of them pass. */
export interface Plan {
  readonly vehicles: number;
  readonly turns: number;
}

/** The fewest turns that give at least so many passages. */
export function planFor(passages: number): Plan {
  const vehicles = Math.min(MAX_VEHICLES, Math.ceil(passages / CAMERAS.length));
  return { vehicles, turns: Math.ceil(passages / (CAMERAS.length * vehicles)) };
}

export async function measureConvoy(passages: number, progress: Progress): Promise<Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-convoy-'));
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    return await drive(folder, planFor(passages), undo, progress);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

interface Lane {
  readonly id: string;
  readonly vehicles: readonly SceneVehicle[];
  readonly durationS: number;
  readonly camera: RtspCamera;
}

async function drive(folder: string, plan: Plan, undo: (() => unknown)[], progress: Progress): Promise<Measure[]> {
  const { vehicles, turns } = plan;
  progress(`drawing ${vehicles * CAMERAS.length} vehicles`);
  const lanes: Lane[] = [];
  for (const [i, id] of CAMERAS.entries()) {
    const lane = await openLane(id, SEED + i, vehicles);
    undo.push(() => lane.camera.close());
    lanes.push(lane);
  }
  const secret = newSecret();
  const room = await startRoom({ secret });
  undo.push(() => room.close());
  const site = await laySite({
    folder,
    port: 0,
    cameras: Object.fromEntries(lanes.map((l) => [l.id, { kind: 'rtsp', url: l.camera.url, fps: LOOKED_AT }])),
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:BENCH_ROOM' } },
    more: {
      hits: { windowS: 1 },
      inference: { threads: THREADS },
      lanes: lanes.map(({ id }) => ({ id, kind: 'road', cameras: [id] })),
    },
  });
  await giveList(
    site,
    1,
    lanes.flatMap((l) => l.vehicles.map(wanted)),
  );
  const lines: LogLine[] = [];
  const onLine = (line: LogLine): void => void lines.push(line);
  const gateway = spawnGateway(site.configFile, { env: { BENCH_ROOM: secret }, onLine });
  undo.push(() => gateway.stop());
  const longest = Math.max(...lanes.map((l) => l.durationS));
  progress(`driving for ${turns * longest} s: ${lanes.length * vehicles * turns} passages`);
  const clock = startClock(gateway);
  const roads = await Promise.all(lanes.map((lane) => pass(lane, gateway, turns)));
  const work = clock();
  await settled(lines);
  const metrics = await metricsOf(gateway);
  return [...delays(lines, 500), ...passes(lines, roads, turns, 0), ...counted(metrics, roads, turns, 0), ...work];
}

/** Draws the clip and serves it; it starts to play when the gateway comes. */
async function openLane(id: string, seed: number, count: number): Promise<Lane> {
  const vehicles = randomTraffic(seed, { count, everyS: EVERY_S }).map((v, i) => ({
    ...v,
    startS: v.startS + LEAD_S,
    speedMps: SPEED.from + ((i * 0.37) % 1) * (SPEED.to - SPEED.from),
  }));
  const scene = await openScene({ seed, vehicles });
  // Whole seconds, so that the turns do not drift away from the clock.
  const durationS = Math.ceil(scene.durationS);
  const clip = await encodeClip(scene, { seconds: durationS, fps: FPS });
  return { id, vehicles, durationS, camera: await startCamera({ clip, fps: FPS }) };
}

/** Lets all turns pass. With the camera gone, the open passages are closed, looked up and counted. */
async function pass(
  { id, vehicles, durationS, camera }: Lane,
  gateway: GatewayProcess,
  turns: number,
): Promise<DrivenRoad> {
  const about = (msg: string) => gateway.line((l) => l.msg === msg && l['camera'] === id);
  const upAt = timeOf(await about('camera up'));
  // The second is a rejection when the gateway ends before its time.
  await Promise.race([sleep(upAt + turns * durationS * 1000 - Date.now()), gateway.line(() => false)]);
  await camera.close();
  await about('camera lost');
  return { lane: id, vehicles, durationS, upAt };
}

/** Linux counts processor time in hundredths of a second (USER_HZ). */
const TICKS = 100;

/** From here to the call of what it returns: how much of the machine the gateway with its children, and this process, have used. */
function startClock(gateway: GatewayProcess): () => Measure[] {
  const startedAt = performance.now();
  const ownBefore = process.cpuUsage();
  const before = cpuSeconds(gateway.pid);
  return () => {
    const seconds = ((performance.now() - startedAt) / 1000) * cpus().length;
    const own = process.cpuUsage(ownBefore);
    const measure = (name: string, used: number): Measure => {
      return { name: `processors used by ${name}`, value: share(used, seconds), unit: '%', n: Math.round(seconds) };
    };
    return [
      measure('the gateway and its ffmpegs', cpuSeconds(gateway.pid) - before),
      measure('the simulated cameras and command room', (own.user + own.system) / 1e6),
    ];
  };
}

/** Of a process and those below it, children that have ended included (proc(5): utime, stime, cutime, cstime). */
function cpuSeconds(pid: number): number {
  const all = [pid, ...descendantsOf(pid).map((p) => p.pid)];
  return all.reduce((sum, one) => {
    const stat = readFileSync(`/proc/${one}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0) / TICKS;
  }, 0);
}
