/** What is away comes back: the command room, and the camera. Real processes, real sockets. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import {
  CAMERA_PASSWORD,
  drawShortRoad,
  FIRST,
  layCheckpoint,
  nth,
  openCamera,
  SECOND,
  THIRD,
  type ShortRoad,
} from './road.ts';
import type { GatewayProcess, LogLine } from '../product/gateway.ts';
import { descendantsOf } from '../product/processes.ts';
import { startRoom } from '../command-room/room.ts';
import { freePort } from '../product/free-port.ts';
import { giveList, newSecret } from '../product/site.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
/** Longer than two turns of the clip, so that vehicles pass while the box is patient. */
const RETRY_AFTER_S = 15;

let road: ShortRoad;
beforeAll(async () => {
  road = await drawShortRoad();
});

const undo: (() => unknown)[] = [];
let gateway: GatewayProcess | undefined;
beforeEach(() => onTestFailed(() => console.log(gateway?.text().slice(-4_000))));
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

test('hits of an outage and of a restart in it arrive once each, the live one first', async () => {
  const camera = await openCamera(road);
  undo.push(() => camera.close());
  const [secret, port] = [newSecret(), await freePort()];
  const checkpoint = await layCheckpoint({
    cameraUrl: camera.url,
    road,
    env: { ROOM_SECRET: secret },
    upstream: { room: { kind: 'https', url: `http://127.0.0.1:${port}`, secret: 'env:ROOM_SECRET' } },
    // Each turn of the clip brings hits of its own.
    more: { hits: { windowS: 1 } },
  });
  undo.push(() => checkpoint.close());
  const wanted = { category: 'stolen', instruction: 'stop the vehicle' };
  await giveList(
    checkpoint.site,
    1,
    [FIRST, SECOND, THIRD].map((plate) => ({ plate, ...wanted })),
  );
  const committed: { id: string; at: number }[] = [];
  const note = (line: LogLine): void => {
    if (line.msg === 'hit committed') committed.push({ id: String(line['hit']), at: Date.parse(String(line['time'])) });
  };

  // Nothing listens at the room's port.
  gateway = checkpoint.start(note);
  await gateway.line(nth(3, (l) => l.msg === 'hit committed'));
  await gateway.line((l) => l.msg === 'cannot deliver; events wait in the outbox');
  expect(await gateway.stop()).toBe(0);
  const beforeRestart = committed.length;

  // The room is there, but asks for patience; meanwhile vehicles pass.
  const room = await startRoom({ secret, port, faults: { retryAfterS: RETRY_AFTER_S } });
  undo.push(() => room.close());
  room.fault('busy');
  gateway = checkpoint.start(note);
  await gateway.line((l) => l.msg === 'cannot deliver; events wait in the outbox');
  // The box sends four events at a time; all four have to be refused, or one of them would arrive before its time.
  await expect.poll(() => room.requests(), PATIENCE).toBeGreaterThanOrEqual(4);
  const refusedAt = Date.now();
  room.fault(undefined);
  await gateway.line((l) => l.msg === 'delivering again');

  const arrived = () => room.events().filter((e) => e.type === 'io.sitebox.plate.hit.v2' && e.id === hitId(e.data));
  await expect.poll(() => ids(arrived()), PATIENCE).toEqual(expect.arrayContaining(ids(committed)));
  expect(ids(arrived())).toEqual(expect.arrayContaining(ids(committed.slice(0, beforeRestart))));
  expect(arrived().filter((e) => e.times !== 1)).toEqual([]);
  const firstArrived = committed.find((hit) => hit.id === arrived()[0]?.id);
  // Oldest first would bring one of the outage.
  expect(firstArrived?.at, 'committed after the room had asked for patience').toBeGreaterThan(refusedAt);
  expect(await gateway.stop()).toBe(0);
  expect(ids(committed), 'the room holds nothing else').toEqual(expect.arrayContaining(ids(arrived())));
});

const hitId = (data: unknown): unknown => (data as { id?: unknown } | null)?.id;
const ids = (hits: readonly { readonly id: string }[]): string[] => hits.map((h) => h.id);

test('a camera that is away at the start, stalls and goes is found and comes back; its password is told to nobody', async () => {
  const port = await freePort();
  const cameraUrl = `rtsp://127.0.0.1:${port}/stream1`;
  const checkpoint = await layCheckpoint({ cameraUrl, road, upstream: {} });
  undo.push(() => checkpoint.close());
  gateway = checkpoint.start();
  const isUp = (l: LogLine): boolean => l.msg === 'camera up';
  const isLost = (l: LogLine): boolean => l.msg === 'camera lost';
  expect((await gateway.line(isLost))['cause']).toMatch(/nothing listens/);

  let camera = await openCamera(road, port);
  undo.push(() => camera.close());
  await gateway.line(isUp);
  const ffmpeg = descendantsOf(gateway.pid).filter((p) => /ffmpeg/.test(p.command));
  // One takes its pictures, the other decodes them.
  expect(ffmpeg).toHaveLength(2);

  camera.fault('stall');
  expect((await gateway.line(nth(2, isLost)))['cause']).toMatch(/stalled/);
  camera.fault(undefined);
  await gateway.line(nth(2, isUp));

  await camera.close();
  await gateway.line(nth(3, isLost));
  camera = await openCamera(road, port);
  await gateway.line(nth(3, isUp));

  expect(await gateway.stop()).toBe(0);
  const shown = gateway.text() + ffmpeg.map((p) => p.command).join('\n');
  for (const form of [CAMERA_PASSWORD, encodeURIComponent(CAMERA_PASSWORD)]) expect(shown).not.toContain(form);
  // The search would see it: this is how the configuration names it.
  expect(readFileSync(checkpoint.site.configFile, 'utf8')).toContain('env:CAMERA_PASSWORD');
});
