/** One box and drawn traffic before its cameras: every vehicle is listed, so each of its passes is a hit of its own. The gateway is a process of its own; cameras and command room live in this one. */
import { mkdtempDisposableSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCamera } from '../../devices/road-camera/server.ts';
import { spawnGateway, type GatewayProcess, type LogLine } from '../../product/gateway.ts';
import { cpuSeconds, descendantsOf } from '../../product/processes.ts';
import { startRoom } from '../../command-room/room.ts';
import { openScene, type SceneVehicle } from '../../scene/scene.ts';
import { encodeClip } from '../../scene/clip.ts';
import { giveList, laySite, newSecret, stolen } from '../../product/site.ts';
import { measure, share, type Measure } from '../report.ts';
import { settled, timeOf, type DrivenRoad } from './road-measures.ts';

/** What a camera sends, pictures a second. */
const FPS = 15;

interface Traffic {
  readonly id: string;
  readonly seed: number;
  readonly vehicles: readonly SceneVehicle[];
}

interface Drive {
  readonly turns: number;
  /** Further keys of each camera, and of the box. */
  readonly camera?: object;
  readonly more?: object;
}

type Lane = Awaited<ReturnType<typeof openLane>>;

/** Lets all vehicles of each lane pass `turns` times. */
export async function drive(traffic: readonly Traffic[], how: Drive, progress: (text: string) => void) {
  const { turns, camera = {}, more = {} } = how;
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-drive-'));
  await using undo = new AsyncDisposableStack();
  const count = traffic.reduce((n, { vehicles }) => n + vehicles.length, 0);
  progress(`drawing ${count} vehicles`);
  const lanes: Lane[] = [];
  for (const one of traffic) {
    const lane = await openLane(one);
    undo.defer(() => lane.camera.close());
    lanes.push(lane);
  }
  const secret = newSecret();
  const room = await startRoom({ secret });
  undo.defer(() => room.close());
  const site = await laySite({
    folder: folder.path,
    port: 0,
    cameras: Object.fromEntries(lanes.map((l) => [l.id, { kind: 'rtsp', url: l.camera.url, ...camera }])),
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:BENCH_ROOM' } },
    more: { hits: { windowS: 1 }, lanes: lanes.map(({ id }) => ({ id, kind: 'road', cameras: [id] })), ...more },
  });
  const plates = lanes.flatMap((l) => l.vehicles.map((v) => v.plate));
  await giveList(site, 1, plates.map(stolen));
  const lines: LogLine[] = [];
  const onLine = (line: LogLine): void => void lines.push(line);
  const gateway = spawnGateway(site.configFile, { env: { BENCH_ROOM: secret }, onLine });
  undo.defer(() => gateway.kill());
  const longest = Math.max(...lanes.map((l) => l.durationS));
  progress(`driving for ${turns * longest} s: ${count * turns} passages`);
  const clock = startClock(gateway);
  const roads = await Promise.all(lanes.map((lane) => pass(lane, gateway, turns)));
  const work = clock();
  await settled(lines);
  const metrics = await (await fetch(`${await gateway.url()}/metrics`)).text();
  return { lines, roads, work, metrics };
}

/** Draws the clip and serves it; it starts to play when the gateway comes. */
async function openLane({ id, seed, vehicles }: Traffic) {
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

/** From here to the call of what it returns: how much of the machine the gateway with its children, and this process, have used. */
function startClock(gateway: GatewayProcess): () => Measure[] {
  const startedAt = performance.now();
  const ownBefore = process.cpuUsage();
  const used = (): number => [gateway, ...descendantsOf(gateway.pid)].reduce((sum, p) => sum + cpuSeconds(p.pid), 0);
  const before = used();
  return () => {
    const seconds = ((performance.now() - startedAt) / 1000) * cpus().length;
    const own = process.cpuUsage(ownBefore);
    const by = (name: string, usedS: number): Measure =>
      measure(`processors used by ${name}`, share(usedS, seconds), '%', Math.round(seconds));
    return [
      by('the gateway and its ffmpegs', used() - before),
      by('the simulated cameras and command room', (own.user + own.system) / 1e6),
    ];
  };
}
