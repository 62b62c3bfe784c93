import { expect, test } from 'vitest';
import type { Evidence, Frame, Hit, ListState, Log, Match, Passage, PlateRead } from '../types.ts';
import { openRoad, type RoadParts } from './road.ts';

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const IN_FORCE: ListState = {
  state: 'in force',
  ref: { type: 'plate-list', version: 1, sha256: 'a'.repeat(64) },
  expires: 1e15,
  entries: 1,
};
const ENTRY: Match['entry'] = {
  id: 'E-1',
  key: '皖A12345',
  category: 'stolen',
  legalBasis: 'basis',
  issuer: 'issuer',
  authorisedBy: 'person',
  validFrom: 0,
  validUntil: 1e15,
  instruction: 'look',
};
const PICTURE: Evidence = { what: 'plate', sha256: 'b'.repeat(64), mediaType: 'image/jpeg', bytes: new Uint8Array(3) };

const frame = (at: number): Frame => ({ source: 'cam-1', at, width: 1280, height: 720, rgb: new Uint8Array(3) });
function read(text: string, x = 300): PlateRead {
  const corners = [
    [x, 300],
    [x + 100, 300],
    [x + 100, 333],
    [x, 333],
  ] as const;
  return {
    text,
    kind: 'standard',
    colour: 'blue',
    lines: 1,
    probability: 0.99,
    band: 'accept',
    characters: [],
    runnersUp: [],
    corners,
    sharpness: 0.5,
  };
}

/** A road whose reading threads answer when the test says so. */
function rig(change: Partial<RoadParts> = {}) {
  const reading: { frame: Frame; answer: (text?: string) => void; fail: () => void }[] = [];
  const raised: { hit: Hit; evidence: readonly Evidence[] }[] = [];
  const counted: Passage[] = [];
  const listed = new Set(['皖A12345']);
  const road = openRoad({
    cameras: [{ id: 'cam-1', lane: 'lane-1' }],
    clock: { now: () => 1e12, mono: () => 0, trusted: () => 1e12, state: () => ({ highest: 1e12, behindMs: 0 }) },
    log: SILENT,
    config: 'c'.repeat(64),
    threads: 2,
    models: () => ['m'.repeat(64)],
    free: () => reading.length < 2,
    plates: (f) =>
      new Promise((resolve, reject) => {
        const done = () => void reading.splice(reading.indexOf(job), 1);
        const job = {
          frame: f,
          answer(text?: string) {
            done();
            resolve({ reads: text ? [read(text)] : [], frame: f });
          },
          fail() {
            done();
            reject(new Error('deadline'));
          },
        };
        reading.push(job);
      }),
    evidence: async () => [PICTURE],
    list: () => IN_FORCE,
    match: (r) => (listed.has(r.text) ? { entry: { ...ENTRY, key: r.text }, certainty: 'exact' } : undefined),
    raise: (hit, evidence) => void raised.push({ hit, evidence }),
    count: (passage) => void counted.push(passage),
    ...change,
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  /** One frame, read at once. */
  const see = async (at: number, text?: string) => {
    road.frame(frame(at));
    reading[0]!.answer(text);
    await settle();
  };
  return { road, reading, raised, counted, listed, settle, see };
}

test('a listed vehicle is raised once, with its pictures; one that is not listed is only counted', async () => {
  const { road, raised, counted, see } = rig();
  for (let i = 0; i < 4; i++) await see(i * 200, '皖A12345');
  road.lost('cam-1');
  expect(raised.map((r) => [r.hit.entry, r.hit.certainty, r.evidence])).toEqual([['E-1', 'exact', [PICTURE]]]);
  for (let i = 0; i < 4; i++) await see(100_000 + i * 200, '粤B98K61');
  road.lost('cam-1');
  expect(raised).toHaveLength(1);
  expect(counted.map((p) => p.best.text)).toEqual(['皖A12345', '粤B98K61']);
  expect(road.lookups()).toEqual({ 'no list': 0, 'no match': 1, possible: 0, exact: 1 });
});

test('two frames are read side by side and taken in the order in which they came', async () => {
  const { road, reading, counted, settle } = rig();
  road.frame(frame(0));
  road.frame(frame(200));
  road.frame(frame(400));
  expect(reading.map((j) => j.frame.at)).toEqual([0, 200]);
  reading[1]!.answer('皖A12345');
  await settle();
  expect(road.counts('cam-1')).toMatchObject({ received: 3, taken: 2, analysed: 0 });
  reading[0]!.answer('皖A12345');
  await settle();
  reading[0]!.answer('皖A12345');
  await settle();
  road.lost('cam-1');
  expect(counted).toMatchObject([{ first: 0, last: 400, votes: 3 }]);
  expect(road.counts('cam-1')).toEqual({ received: 3, taken: 3, dropped: 0, analysed: 3, failed: 0 });
});

test('a frame that fails is counted, and neither stops nor disorders the ones behind it', async () => {
  const { road, reading, settle } = rig();
  road.frame(frame(0));
  road.frame(frame(200));
  reading[1]!.answer('皖A12345');
  reading[0]!.fail();
  await settle();
  expect(road.counts('cam-1')).toMatchObject({ analysed: 2, failed: 1 });
});

test('a car that stands there when another list comes into force is looked up again', async () => {
  const { road, raised, listed, see } = rig();
  for (let i = 0; i < 5; i++) await see(i * 200, '京B67890');
  expect(raised).toHaveLength(0);
  listed.add('京B67890');
  for (let i = 5; i < 10; i++) await see(i * 200, '京B67890');
  expect(raised, 'its read was looked up already').toHaveLength(0);
  road.listChanged();
  for (let i = 10; i < 12; i++) await see(i * 200, '京B67890');
  expect(raised.map((r) => r.hit.listed)).toEqual(['京B67890']);
});

test('without a list in force nothing is compared, and the outcome says so', async () => {
  const { road, raised, see } = rig({ list: () => ({ state: 'not in force', why: 'expired', detail: 'x' }) });
  for (let i = 0; i < 4; i++) await see(i * 200, '皖A12345');
  expect(raised).toHaveLength(0);
  expect(road.lookups()).toMatchObject({ 'no list': 1, exact: 0 });
});

test('a hit whose pictures cannot be cut goes out without them, and so do those that wait when the box stops', async () => {
  const failing = rig({ evidence: () => Promise.reject(new Error('thread died')) });
  for (let i = 0; i < 2; i++) await failing.see(i * 200, '皖A12345');
  expect(failing.raised.map((r) => r.evidence)).toEqual([[]]);
  let free = true;
  const stopping = rig({ free: () => free });
  await stopping.see(0, '皖A12345');
  free = false;
  stopping.road.lost('cam-1');
  await stopping.road.drain();
  expect(stopping.raised.map((r) => r.evidence)).toEqual([[]]);
});

test('the region of a camera reaches the reader in pixels', async () => {
  const regions: unknown[] = [];
  const { road } = rig({
    cameras: [
      {
        id: 'cam-1',
        lane: 'lane-1',
        region: [
          [0, 0.5],
          [1, 0.5],
          [1, 1],
        ],
      },
    ],
    plates: (f, region) => {
      regions.push(region);
      return Promise.resolve({ reads: [], frame: f });
    },
  });
  road.frame(frame(0));
  await road.drain();
  expect(regions).toEqual([
    [
      [0, 360],
      [1280, 360],
      [1280, 720],
    ],
  ]);
});
