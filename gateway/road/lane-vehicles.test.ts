import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Id, Instant } from '../contracts/base.ts';
import type { Passage, PlateRead } from '../contracts/plate.ts';
import { LaneVehicles, SAME_VEHICLE_MS } from './lane-vehicles.ts';
import { read } from './road.fixtures.ts';

const DOUBTFUL = { band: 'check', probability: 0.7 } as const;
let now: Instant;
let vehicles: LaneVehicles;
/** Tracks that the cameras still know, with when they last saw their vehicle. */
let tracks: Map<Id, Instant>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  now = 0;
  tracks = new Map();
  vehicles = new LaneVehicles(
    () => now,
    (track) => tracks.get(track),
  );
});
afterEach(() => {
  vehicles.close();
  vi.useRealTimers();
});

let ids = 0;
function passage(camera: string, at: Instant, text: string, more: Partial<PlateRead> = {}, id = `P${ids++}`): Passage {
  const best = read(text, more);
  return { id, lane: 'lane-1', camera, first: at, last: at + 1_000, best, votes: 2, direction: 'unknown' };
}
const join = (...of: Parameters<typeof passage>) => vehicles.join(passage(...of)).vehicle;
const isOne = (a: Parameters<typeof passage>, b: Parameters<typeof passage>): boolean => join(...a) === join(...b);

test.each<[string, boolean, Parameters<typeof passage>, Parameters<typeof passage>]>([
  ['the same plate, seen by two', true, ['a', 0, '皖A12345'], ['b', 5_000, '皖A12345']],
  ['the same plate, the rear camera first', true, ['a', 15_000, '皖A12345'], ['b', 0, '皖A12345']],
  ['the same plate, pushed three times over', true, ['a', 0, '皖A12345'], ['a', 900, '皖A12345']],
  ['at the end of the window', true, ['a', 0, '皖A12345'], ['b', 1_000 + SAME_VEHICLE_MS, '皖A12345']],
  ['beyond it', false, ['a', 0, '皖A12345'], ['b', 1_001 + SAME_VEHICLE_MS, '皖A12345']],
  ['one character apart, one of them doubtful', true, ['a', 0, '皖A12345', DOUBTFUL], ['b', 0, '皖A12349']],
  [
    'one character apart, pushed again by a doubtful trigger',
    true,
    ['a', 0, '皖A12345'],
    ['a', 900, '皖A12349', DOUBTFUL],
  ],
  ['one character apart, pushed some seconds later', false, ['a', 0, '皖A12345'], ['a', 5_000, '皖A12349', DOUBTFUL]],
  ['two characters apart', false, ['a', 0, '皖A12345', DOUBTFUL], ['b', 0, '皖A12399']],
  ['one character more', false, ['a', 0, '皖A12345', DOUBTFUL], ['b', 0, '皖A123456']],
  ['both sure, characters that nobody confuses', false, ['a', 0, '皖A12345'], ['b', 0, '皖A12346']],
  ['both sure, characters that readers confuse', true, ['a', 0, '皖A1234B'], ['b', 0, '皖A12348']],
  ['both sure, the province', true, ['a', 0, '皖A12345'], ['b', 0, '苏A12345']],
  ['both sure, characters that readers confuse, one camera', false, ['a', 0, '皖A1234B'], ['a', 5_000, '皖A12348']],
])('%s: one vehicle %s', (_, one, a, b) => expect(isOne(a, b)).toBe(one));

test('two tracks of one camera are two vehicles, and another camera sees the one that it has not seen yet', () => {
  for (const id of ['T1', 'T2', 'U1', 'U2']) tracks.set(id, 0);
  const first = join('a', 0, '皖A12345', {}, 'T1');
  expect(join('b', 2_000, '皖A12345', {}, 'U1')).toBe(first);
  const second = join('a', 7_500, '皖A12345', {}, 'T2');
  expect(second).not.toBe(first);
  expect(join('b', 9_500, '皖A12345', {}, 'U2')).toBe(second);
});

test('the same plate is preferred to a similar one', () => {
  const first = join('a', 0, '皖A1234B');
  const second = join('a', 3_000, '皖A12348');
  expect([join('b', 4_000, '皖A1234B'), join('b', 6_000, '皖A12348')]).toEqual([first, second]);
  expect(first).not.toBe(second);
});

test('the better read leads, by band and then by probability; of one track the newest does', () => {
  const steps = [
    passage('a', 0, '皖A12345', { band: 'check', probability: 0.9 }, 'T'),
    passage('b', 0, '皖A12346', { band: 'accept', probability: 0.8 }, 'U'),
    passage('a', 0, '皖A12345', { band: 'check', probability: 0.95 }, 'T'),
    passage('c', 0, '皖A12346', { band: 'accept', probability: 0.9 }, 'V'),
    passage('c', 0, '皖A12346', { band: 'accept', probability: 0.85 }, 'V'),
  ];
  tracks.set('T', 1_000).set('U', 1_000).set('V', 1_000);
  const joined = steps.map((p) => vehicles.join(p));
  expect(joined.map((j) => [j.leads, j.better])).toEqual([
    [true, false],
    [true, true],
    [false, false],
    [true, true],
    [true, false],
  ]);
  expect(new Set(joined.map((j) => j.vehicle)).size).toBe(1);
  expect(joined[0]!.vehicle.best.best.probability).toBe(0.85);
});

test('a remembered vehicle holds no frame', () => {
  const frame = { source: 'a', at: 0, width: 1, height: 1, rgb: new Uint8Array(3) };
  const p = passage('a', 0, '皖A12345');
  const { vehicle } = vehicles.join({ ...p, picture: { frame, corners: p.best.corners } });
  expect(vehicle.best).not.toHaveProperty('picture');
});

test('a track that comes round to the plate that another camera has read is the vehicle of that camera', () => {
  tracks.set('T', 1_000);
  const far = join('a', 0, '苏A1Z345', DOUBTFUL, 'T');
  far.lookedUp.add('苏A1Z345');
  const near = join('b', 500, '皖A12345');
  expect(near).not.toBe(far);
  near.counted = true;
  const merged = join('a', 0, '皖A12345', {}, 'T');
  expect([merged, merged.counted, merged.first]).toEqual([near, true, 0]);
  expect(merged.lookedUp).toContain('苏A1Z345');
});

test('a track that was taken for the vehicle of another camera, and comes round to another plate, is a vehicle of its own', () => {
  tracks.set('T', 6_000);
  const first = join('b', 0, '皖A12345');
  expect(join('a', 5_000, '皖A12346', DOUBTFUL, 'T')).toBe(first);
  const own = join('a', 5_000, '皖A98346', {}, 'T');
  expect(own).not.toBe(first);
  expect(join('a', 5_000, '皖A98346', {}, 'T')).toBe(own);
});

test('a vehicle that stands before one camera is the same for the next one, however long it stood', () => {
  tracks.set('T', 1_000);
  const parked = join('a', 0, '皖A12345', {}, 'T');
  for (now = 10_000; now <= 3_600_000; now += 10_000) {
    tracks.set('T', now);
    vi.advanceTimersByTime(10_000);
  }
  expect(join('b', 3_605_000, '皖A12345')).toBe(parked);
});

test('a vehicle that is gone is forgotten within two windows, also when the clock was set back', () => {
  const held = (): boolean => vehicles.join(passage('b', 20_000, '皖A12345')).vehicle.counted;
  join('a', 0, '皖A12345').counted = true;
  now = SAME_VEHICLE_MS;
  vi.advanceTimersByTime(SAME_VEHICLE_MS);
  expect(held(), 'still remembered').toBe(true);
  now = -3_600_000;
  vi.advanceTimersByTime(SAME_VEHICLE_MS);
  expect(held()).toBe(false);
});

test('a flood is bounded: the oldest vehicle is forgotten, unless it still stands there', () => {
  tracks.set('T', 1_000);
  const parked = join('a', 0, '皖A12345', {}, 'T');
  const oldest = join('a', 0, '沪C00000');
  for (let i = 0; i < 200; i++) join('b', 0, `粤B${String(11 * i).padStart(5, '0')}`);
  expect(join('b', 2_000, '皖A12345')).toBe(parked);
  expect(join('b', 2_000, '沪C00000')).not.toBe(oldest);
});
