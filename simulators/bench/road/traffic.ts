/**
 * The demo's set-up under a denser list: every vehicle of the drawn road is wanted, and each of its passes is a hit of its own.
 * Camera and gateway are processes of their own; what is measured is read from the gateway's log and metrics.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGateway, type LogLine } from '../../product/gateway.ts';
import { startRoom } from '../../command-room/room.ts';
import { openScene, randomTraffic } from '../../scene/scene.ts';
import { giveList, LANE, laySite, newSecret } from '../../product/site.ts';
import type { Measure } from '../report.ts';
import { counted, delays, metricsOf, of, passes, settled, timeOf, wanted, type DrivenRoad } from './road-measures.ts';

/** The demo's road with more vehicles: one every two seconds, 15 pictures a second, 1280 x 720. */
const SEED = 7;
const COUNT = 24;
const EVERY_S = 2;
const FPS = 15;
/** The clip is played this often. */
const TURNS = 2;
/** Hits that a drive must give at least, so that percentiles mean something. */
const MIN_HITS = 40;

export async function measureTraffic(progress: (text: string) => void): Promise<Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-bench-'));
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    return await drive(folder, undo, progress);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function drive(folder: string, undo: (() => unknown)[], progress: (text: string) => void): Promise<Measure[]> {
  const vehicles = randomTraffic(SEED, { count: COUNT, everyS: EVERY_S });
  const { durationS } = await openScene({ seed: SEED, vehicles });
  progress(`drawing ${COUNT} vehicles, ${Math.round(durationS)} s of road`);
  const camera = startCamera();
  undo.push(() => endChild(camera));
  const url = await addressOf(camera);
  const secret = newSecret();
  const room = await startRoom({ secret });
  undo.push(() => room.close());
  const site = await laySite({
    folder,
    port: 0,
    more: { hits: { windowS: 1 } },
    cameras: { 'north-1': { kind: 'rtsp', url, user: 'gate', password: 'env:BENCH_CAMERA' } },
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:BENCH_ROOM' } },
  });
  await giveList(site, 1, vehicles.map(wanted));
  const lines: LogLine[] = [];
  const env = { BENCH_CAMERA: PASSWORD, BENCH_ROOM: secret };
  const gateway = spawnGateway(site.configFile, { env, onLine: (line) => lines.push(line) });
  undo.push(() => gateway.stop());
  const up = await gateway.line((l) => l.msg === 'camera up');
  progress(`driving for ${Math.round(TURNS * durationS)} s`);
  await Promise.race([sleep(TURNS * durationS * 1000), gateway.line(() => false)]);
  // With the camera gone, the open passages are closed, looked up and counted.
  await endChild(camera);
  await gateway.line((l) => l.msg === 'camera lost');
  await settled(lines);
  const metrics = await metricsOf(gateway);
  const roads: DrivenRoad[] = [{ lane: LANE, vehicles, durationS, upAt: timeOf(up) }];
  const hits = of(lines, 'hit committed').length;
  return [
    ...delays(lines, 1000),
    { name: 'hits committed', value: hits, unit: 'hits', n: hits, bar: { least: MIN_HITS } },
    ...passes(lines, roads, TURNS),
    ...counted(metrics, roads, TURNS),
  ];
}

const PASSWORD = 'bench-camera';

function startCamera(): ChildProcess {
  const file = new URL('../../devices/road-camera/main.ts', import.meta.url).pathname;
  const args = [
    '--seed',
    `${SEED}`,
    '--count',
    `${COUNT}`,
    '--every',
    `${EVERY_S}`,
    '--fps',
    `${FPS}`,
    '--user',
    'gate',
  ];
  const env = { ...process.env, CAMERA_PASSWORD: PASSWORD };
  return spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Its first line comes when the clip is drawn and it serves. */
async function addressOf(camera: ChildProcess): Promise<string> {
  const lines = createInterface({ input: camera.stdout! });
  const [line] = (await Promise.race([once(lines, 'line'), once(camera, 'close').then(() => [''])])) as [string];
  if (line === '') throw new Error('the camera simulator ended before it served');
  return (JSON.parse(line) as { url: string }).url;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}
