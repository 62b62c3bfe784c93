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
import { spawnGateway, type GatewayProcess, type LogLine } from '../gateway.ts';
import { startRoom } from '../room/room.ts';
import { openScene, randomTraffic, type Vehicle } from '../scene.ts';
import { giveList, laySite, newSecret } from '../site.ts';
import { share, spread, type Measure } from './report.ts';

/** The demo's road with more vehicles: one every two seconds, 15 pictures a second, 1280 x 720. */
const SEED = 7;
const COUNT = 24;
const EVERY_S = 2;
const FPS = 15;
/** The clip is played this often. */
const TURNS = 2;
const WAY_M = 72;
/** For the last look-ups and acknowledgements. */
const SETTLE_MS = 10_000;

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
    ...{ folder, port: 0, more: { hits: { windowS: 1 } } },
    cameras: { 'north-1': { kind: 'rtsp', url, user: 'gate', password: 'env:BENCH_CAMERA' } },
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:BENCH_ROOM' } },
  });
  const wanted = vehicles.map(({ plate }) => ({ plate, category: 'stolen', instruction: 'stop the vehicle' }));
  await giveList(site, 1, wanted);
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
  return [...delays(lines), ...passes(lines, vehicles, durationS, timeOf(up)), ...counted(metrics, vehicles)];
}

const PASSWORD = 'bench-camera';

function startCamera(): ChildProcess {
  const file = new URL('../camera/main.ts', import.meta.url).pathname;
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

const of = (lines: readonly LogLine[], msg: string): LogLine[] => lines.filter((l) => l.msg === msg);
const timeOf = (line: LogLine): number => Date.parse(String(line['time']));

/** Waits until every hit is acknowledged, or for as long as is given. */
async function settled(lines: readonly LogLine[]): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_MS;
  do await sleep(500);
  while (of(lines, 'hit acknowledged').length < of(lines, 'hit committed').length && performance.now() < giveUpAt);
}

async function metricsOf(gateway: GatewayProcess): Promise<string> {
  const { url } = (await gateway.line((l) => l.msg === 'serving')) as { url?: string };
  return (await fetch(`${url}/metrics`)).text();
}

function delays(lines: readonly LogLine[]): Measure[] {
  const committed = of(lines, 'hit committed');
  const acknowledged = of(lines, 'hit acknowledged');
  return [
    ...spread(
      'frame captured -> hit committed',
      committed.map((l) => Number(l['captureToCommitMs'])),
      1000,
    ),
    ...spread(
      'hit committed -> acknowledged',
      acknowledged.map((l) => Number(l['commitToAckMs'])),
      200,
    ),
    { name: 'hits committed', value: committed.length, unit: 'hits', n: committed.length, bar: { least: 40 } },
    { name: 'of these acknowledged', value: acknowledged.length, unit: 'hits', n: committed.length },
  ];
}

/** Each pass of each vehicle against the hits of its entry: one is right. A hit belongs to the pass that is nearest in time. */
function passes(lines: readonly LogLine[], vehicles: readonly Vehicle[], durationS: number, upAt: number): Measure[] {
  const hitsOf = new Map<string, number>();
  for (const line of of(lines, 'hit committed')) {
    const entry = Number(String(line['entry']).slice(2)) - 1;
    const { startS, speedMps } = vehicles[entry]!;
    const middleMs = (startS + WAY_M / speedMps / 2) * 1000;
    const turn = Math.round((timeOf(line) - upAt - middleMs) / (durationS * 1000));
    const key = `${entry} ${turn}`;
    hitsOf.set(key, (hitsOf.get(key) ?? 0) + 1);
  }
  const all = vehicles.length * TURNS;
  const counts = [...hitsOf.values()];
  const one = counts.filter((n) => n === 1).length;
  const possible = of(lines, 'hit committed').filter((l) => l['certainty'] === 'possible').length;
  return [
    { name: 'listed vehicles that became exactly one hit', value: share(one, all), unit: '%', n: all },
    { name: 'listed vehicles missed', value: all - counts.length, unit: 'vehicles', n: all },
    { name: 'listed vehicles with more than one hit', value: counts.length - one, unit: 'vehicles', n: all },
    { name: 'hits that ask a person to compare (possible)', value: possible, unit: 'hits', n: counts.length },
  ];
}

/** Passages of /metrics against the scene, per kind of plate: a false passage must not make up for a missed one. */
function counted(metrics: string, vehicles: readonly Vehicle[]): Measure[] {
  const difference = new Map<string, number>();
  const add = (kind: string, n: number): void => void difference.set(kind, (difference.get(kind) ?? 0) + n);
  let total = 0;
  for (const [, kind, n] of metrics.matchAll(/^sitebox_passages_total\{.*kind="([^"]+)".*\} (\d+)$/gm)) {
    add(kind!, Number(n));
    total += Number(n);
  }
  for (const { style } of vehicles) add(style.replace(/^standard-yellow.*/, 'standard'), -TURNS);
  const all = vehicles.length * TURNS;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const missed = sum([...difference.values()].map((d) => Math.max(0, -d)));
  const extra = sum([...difference.values()].map((d) => Math.max(0, d)));
  const analysed = Number(/^sitebox_frames_analysed_total\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
  const received = Number(/^sitebox_frames_received_total\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
  return [
    { name: 'passages counted', value: total, unit: `of ${all} vehicles`, n: all },
    { name: 'passages missing, by kind of plate', value: missed, unit: 'passages', n: all },
    { name: 'passages too many, by kind of plate', value: extra, unit: 'passages', n: all },
    { name: 'frames analysed', value: share(analysed, received), unit: '%', n: received },
  ];
}
