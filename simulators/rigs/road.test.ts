/** The main job from end to end: camera, gateway, signed list, command room over HTTP and over MQTT. All real but the road. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { iso } from '../../gateway/contracts/time.ts';
import { readKey, writeSigned } from '../../gateway/lists/files.ts';
import { signBundle } from '../../gateway/lists/office/sign.ts';
import manifest from '../../models/manifest.json' with { type: 'json' };
import {
  CAMERA_ID,
  drawShortRoad,
  FIRST,
  layCheckpoint,
  metric,
  openCamera,
  SECOND,
  THIRD,
  type Checkpoint,
  type ShortRoad,
} from './road.ts';
import { siteboxOrThrow, type GatewayProcess, type LogLine } from '../product/gateway.ts';
import { descendantsOf, stillRunning } from '../product/processes.ts';
import { startRoomBroker } from '../command-room/broker.ts';
import { PATIENCE_FACTOR } from '../patience.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import type { StoredEvent } from '../command-room/store.ts';
import { giveList, LANE, newSecret, SITE } from '../product/site.ts';

const HIT = 'io.sitebox.plate.hit.v2';
const PATIENCE = { timeout: 60_000, interval: 50 };
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let road: ShortRoad;
let checkpoint: Checkpoint;
let gateway: GatewayProcess;
let url: string;
/** One behind each relay. */
let room: Room;
let mqttRoom: Room;
const log: LogLine[] = [];
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  road = await drawShortRoad();
  const camera = await openCamera(road);
  undo.push(() => camera.close());
  const secret = newSecret();
  room = await startRoom({ secret });
  undo.push(() => room.close());
  const broker = await startRoomBroker();
  undo.push(() => broker.close());
  mqttRoom = await startRoom({ secret, mqtt: { url: broker.url } });
  undo.push(() => mqttRoom.close());
  checkpoint = await layCheckpoint({
    cameraUrl: camera.url,
    road,
    env: { ROOM_SECRET: secret },
    upstream: {
      room: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' },
      broker: { kind: 'mqtt', url: broker.url },
    },
    more: { hits: { windowS: 3600 } },
  });
  undo.push(() => checkpoint.close());
  await giveList(checkpoint.site, 1, [{ plate: FIRST, category: 'stolen', instruction: 'stop the vehicle' }]);
  gateway = checkpoint.start((line) => log.push(line));
  url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
});

beforeEach(() => onTestFailed(() => console.log(gateway.text().slice(-4_000))));

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** Lines about hits of the one entry of the list in force, in order: the first sighting and the later ones. */
const sightings = (of: string): number => log.filter((l) => l['hit'] === of && l.msg !== 'hit acknowledged').length;
const hitsAt = (where: Room): StoredEvent[] => where.events().filter((e) => e.type === HIT);
const dataOf = (event: StoredEvent | undefined) => event?.data as Record<string, unknown>;
const lookups = (outcome: string): Promise<number> => metric(url, 'sitebox_lookups_total', `"${outcome}"`);

test('a listed vehicle is one hit, with its pictures, at both command rooms', async () => {
  await expect.poll(() => hitsAt(room).length, PATIENCE).toBeGreaterThan(0);
  await expect.poll(() => hitsAt(mqttRoom).length, PATIENCE).toBeGreaterThan(0);
  const [event] = hitsAt(room);
  const { first, last, clock, read, ...data } = dataOf(event);
  const list = {
    type: 'plate-list',
    version: 1,
    sha256: hash(readFileSync(join(checkpoint.site.folder, 'list-1.json'))),
  };
  expect(event).toMatchObject({ source: `/sites/${SITE}/boxes/box-001`, subject: LANE, times: 1 });
  expect(data).toEqual({
    id: event!.id,
    lane: LANE,
    camera: CAMERA_ID,
    sightings: 1,
    state: 'unreviewed',
    list,
    entry: 'E-1',
    category: 'stolen',
    instruction: 'stop the vehicle',
    certainty: 'exact',
    listed: FIRST,
    direction: expect.stringMatching(/^(approaching|unknown)$/) as unknown,
    config: hash(readFileSync(checkpoint.site.configFile)),
    models: manifest.models.filter((m) => /^plate\/(find|detect|read)$/.test(m.name)).map((m) => m.sha256),
    evidence: event!.evidence,
  });
  expect(read).toEqual({
    text: FIRST,
    kind: 'standard',
    colour: expect.any(String) as unknown,
    lines: 1,
    by: 'box',
    probability: expect.any(Number) as unknown,
    votes: expect.any(Number) as unknown,
  });
  const times = [first, last, (clock as { highest: string }).highest].map((t) => Date.parse(t as string));
  expect(
    times.every((t) => Math.abs(Date.now() - t) < 120_000),
    JSON.stringify(times),
  ).toBe(true);
  expect((clock as { behindMs: number }).behindMs).toBe(0);
  expect(hitsAt(mqttRoom)[0]).toMatchObject({ id: event!.id, data: event!.data });
});

test('the pictures are in the command room under their digests: the plate, and its surroundings only', async () => {
  const [event] = hitsAt(room);
  expect(event!.evidence.map((e) => e.what)).toEqual(['plate', 'vehicle']);
  const held = new Map(room.evidence().map((e) => [hash(e.bytes), e.bytes]));
  const sizes = [];
  for (const { sha256, bytes } of event!.evidence) {
    const picture = held.get(sha256);
    expect(picture?.length).toBe(bytes);
    const { format, width } = await sharp(Buffer.from(picture!)).metadata();
    expect(format).toBe('jpeg');
    sizes.push(width);
  }
  expect(sizes[0]).toBeLessThan(sizes[1]!);
  expect(sizes[1]).toBeLessThan(road.width);
});

test('the same vehicle again is the same hit; those not listed leave nothing but counts', async () => {
  const id = hitsAt(room)[0]!.id;
  await expect.poll(() => sightings(id), PATIENCE).toBeGreaterThan(1);
  await expect.poll(() => lookups('no match'), PATIENCE).toBeGreaterThanOrEqual(2);
  const upstream = JSON.stringify([...room.events(), ...mqttRoom.events()]);
  expect(new Set(hitsAt(room).map((e) => dataOf(e)['id']))).toEqual(new Set([id]));
  for (const text of [upstream, gateway.text()]) for (const plate of [SECOND, THIRD]) expect(text).not.toContain(plate);
  // The same search does see the listed one, so it is not blind.
  expect(upstream).toContain(FIRST);
  await expect.poll(() => metric(url, 'sitebox_passages_total'), PATIENCE).toBeGreaterThanOrEqual(3);
});

test('a list swapped in while it runs: who was added matches, who was withdrawn does not', async () => {
  const old = hitsAt(room)[0]!.id;
  // Its id is E-1, as that of the withdrawn vehicle was: an entry of another plate is another hit all the same.
  await giveList(checkpoint.site, 2, [{ plate: SECOND, category: 'sought', instruction: 'report' }]);
  await gateway.line((l) => l.msg === 'list in force' && l['version'] === 2);
  const added = await gateway.line((l) => l.msg === 'hit committed' && l['hit'] !== old);
  // Whatever was under way for the withdrawn vehicle at the change has been committed before the new hit.
  const [before, unlisted] = [sightings(old), await lookups('no match')];
  // A whole turn later the added vehicle is back, and the withdrawn one has been looked up in between.
  await expect.poll(() => sightings(String(added['hit'])), PATIENCE).toBeGreaterThan(1);
  await expect.poll(() => lookups('no match'), PATIENCE).toBeGreaterThan(unlisted + 1);
  expect(sightings(old)).toBe(before);
  await expect.poll(() => hitsAt(room).map((e) => dataOf(e)['id']), PATIENCE).toContain(added['hit']);
  expect(dataOf(hitsAt(room).find((e) => e.id === added['hit']))).toMatchObject({
    listed: SECOND,
    list: { version: 2 },
  });
});

/** As the list office signs it, but for seconds instead of days. */
function signForSeconds(seconds: number, version: number, plate: string): string {
  const key = readKey(join(checkpoint.site.folder, 'trust', 'list-1.key'));
  if (!key.ok) throw new Error(key.detail);
  const now = Date.now();
  const day = (n: number): string => iso(now + n * 86_400_000);
  const texts = { category: 'sought', legalBasis: 'simulation', issuer: 'office', authorisedBy: 'officer' };
  const entry = { id: 'E-1', plate, ...texts, validFrom: day(-1), validUntil: day(1), instruction: 'report' };
  const days = seconds / 86_400;
  const file = join(checkpoint.site.folder, `list-${version}.json`);
  writeSigned(file, signBundle({ type: 'plate-list', site: SITE, version, entries: [entry], now, days }, [key.value]));
  return file;
}

test('a list that runs out matches nothing, and the command room is told', async () => {
  // Long enough to be imported and loaded, on a slow machine too.
  const file = signForSeconds(12 * PATIENCE_FACTOR, 3, SECOND);
  await siteboxOrThrow('list', 'import', file, '--config', checkpoint.site.configFile, '--yes', '--by', 'test');
  await gateway.line((l) => l.msg === 'list in force' && l['version'] === 3);
  const isRaised = (e: StoredEvent): boolean =>
    e.type === 'io.sitebox.alarm.v1' && e.subject === 'list:plate-list' && dataOf(e)['state'] === 'raised';
  await expect
    .poll(
      () =>
        room
          .events()
          .filter(isRaised)
          .map((e) => dataOf(e)['what']),
      PATIENCE,
    )
    .toHaveLength(1);
  expect(dataOf(room.events().find(isRaised))['what']).toMatch(/expired/);
  const health = (await (await fetch(`${url}/health`)).json()) as { problems: { key: string }[] };
  expect(health.problems.map((p) => p.key)).toContain('list:plate-list');
  const sighted = () => log.filter((l) => /^hit (committed|seen again)/.test(l.msg)).length;
  const before = sighted();
  await expect.poll(() => lookups('no list'), PATIENCE).toBeGreaterThanOrEqual(2);
  expect(sighted()).toBe(before);
});

test('an interrupt ends it with code 0 and leaves no process behind', async () => {
  const children = descendantsOf(gateway.pid);
  expect(children.map((c) => c.command).join('\n')).toMatch(/ffmpeg/);
  expect(await gateway.stop()).toBe(0);
  expect(stillRunning(children)).toEqual([]);
});
