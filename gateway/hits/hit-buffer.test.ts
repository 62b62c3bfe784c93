import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { testDb } from '../store/db.fixtures.ts';
import { StoreRefused } from '../store/connection/health.ts';
import { recordHit } from '../store/hits.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { Match } from '../contracts/list.ts';
import type { Passage } from '../contracts/plate.ts';
import { buildHit } from './hit.ts';
import { HitBuffer } from './hit-buffer.ts';

const MATCH: Match = {
  certainty: 'exact',
  entry: {
    id: 'E-1',
    key: '皖A12345',
    category: 'stolen',
    legalBasis: 'basis',
    issuer: 'issuer',
    authorisedBy: 'person',
    validFrom: 0,
    validUntil: 1,
    instruction: 'stop and check',
  },
};
const PASSAGE: Passage = {
  id: 'P',
  lane: 'lane-1',
  camera: 'cam-1',
  first: 1,
  last: 2,
  votes: 2,
  direction: 'approaching',
  best: {
    text: '皖A12345',
    kind: 'standard',
    colour: 'blue',
    lines: 1,
    probability: 0.99,
    characters: [],
    sharpness: 0.5,
    band: 'accept',
    alternatives: [],
    corners: [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ],
  },
};
const FACTS = {
  id: 'H-0',
  list: { type: 'plate-list', version: 1, sha256: 'a' },
  clock: { highest: 2, behindMs: 0 },
  config: 'c',
  models: ['m'],
} as const;
const hit = (n: number): Hit => ({ ...buildHit(PASSAGE, MATCH, FACTS), id: `H-${n}` });

test('an unsure read is never more than possible', () => {
  expect(buildHit(PASSAGE, MATCH, FACTS).certainty).toBe('exact');
  const unsure = { ...PASSAGE, best: { ...PASSAGE.best, band: 'check' as const } };
  expect(buildHit(unsure, MATCH, FACTS).certainty).toBe('possible');
  expect(buildHit(PASSAGE, { ...MATCH, certainty: 'possible' }, FACTS).certainty).toBe('possible');
});

test('a hit carries the entry, the list version, the digests and the clock, and waits for people', () => {
  expect(buildHit(PASSAGE, MATCH, FACTS)).toMatchObject({
    ...FACTS,
    entry: 'E-1',
    state: 'unreviewed',
    sightings: 1,
    listed: '皖A12345',
  });
});

test('a camera that reads by itself is named, with what the box read in the same picture', () => {
  expect(buildHit(PASSAGE, MATCH, FACTS)).toMatchObject({ read: { by: 'box' } });
  const crossCheck = { text: '皖A12346', probability: 0.7 };
  expect(buildHit(PASSAGE, MATCH, FACTS, { by: 'camera', crossCheck })).toMatchObject({
    read: { by: 'camera', text: '皖A12345' },
    crossCheck,
  });
});

test('while the store refuses, hits wait in order and are stored later; those that do not fit are counted as lost', async () => {
  const stored: string[] = [];
  let full = true;
  const buffer = new HitBuffer((h) => {
    if (full) throw new StoreRefused('full', 'database or disk is full');
    stored.push(h.id);
    return `kept ${h.id}`;
  }, SILENT_LOG);
  const raised = Array.from({ length: 70 }, (_, i) => buffer.raise(hit(i), []));
  const lost = await Promise.allSettled(raised.slice(64));
  expect(lost.map((r) => r.status)).toEqual(Array(6).fill('rejected'));
  expect(buffer.state()).toEqual({ waiting: 64, lost: 6, error: 'database or disk is full' });
  buffer.retry();
  expect(stored).toEqual([]);
  expect(await Promise.race([raised[0], Promise.resolve('pending')])).toBe('pending');
  full = false;
  // Although there is room on the disk by now: a new hit does not overtake, and the buffer is full.
  await expect(buffer.raise(hit(99), [])).rejects.toThrow('the buffer is full');
  expect(stored).toEqual([]);
  buffer.retry();
  expect(stored).toEqual(Array.from({ length: 64 }, (_, i) => `H-${i}`));
  expect(buffer.state()).toMatchObject({ waiting: 0, error: undefined });
  expect(await Promise.all(raised.slice(0, 2))).toEqual(['kept H-0', 'kept H-1']);
  expect(await buffer.raise(hit(100), [])).toBe('kept H-100');
});

test('W2: a hit that cannot be stored holds up no other, is a problem of /health, and is stored once it can be', async () => {
  const folder = tempFolder();
  const db = testDb(folder);
  const lines: string[] = [];
  const log = {
    ...SILENT_LOG,
    error: (about: object, what: string) => void lines.push(`${what} ${JSON.stringify(about)}`),
  };
  const limits = { rows: 9, bytes: 1e6 };
  const outbox = new OutboxWriter(db, { source: '', relays: [], limits, now: () => 0, wake: () => undefined });
  const buffer = new HitBuffer((h, evidence) => recordHit(db, { hit: h, evidence, windowMs: 0 }, outbox).hit.id, log);
  // A real store that refuses one row, as a damaged page does, with words that quote what it was given.
  db.exec(
    `CREATE TRIGGER planted BEFORE INSERT ON hits WHEN new.id = 'H-1' BEGIN SELECT json_extract('not json', '$'); END`,
  );
  const of = (n: number): Hit => ({ ...hit(n), first: n * 10, last: n * 10, entry: `E-${n}` });
  const first = buffer.raise(of(1), []);
  expect(await buffer.raise(of(2), [])).toBe('H-2');
  for (let i = 0; i < 5; i++) buffer.retry();
  expect(await buffer.raise(of(3), [])).toBe('H-3');
  expect(buffer.state()).toEqual({ waiting: 0, lost: 0, error: undefined });
  expect(buffer.status.problems!()).toMatchObject([{ key: 'storage:aside' }]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('皖A12345');
  db.exec('DROP TRIGGER planted');
  buffer.retry();
  expect(await first).toBe('H-1');
  expect(buffer.status.problems!()).toEqual([]);
});

test('W2: of hits that wait for the store, one that cannot be stored holds up none of the others; both queues are bounded', async () => {
  const stored: string[] = [];
  let full = true;
  const buffer = new HitBuffer((h) => {
    if (full) throw new StoreRefused('full', 'the disk is full');
    if (h.id === 'H-0' || h.id.length > 4) throw new TypeError(`no such thing as ${h.listed}`);
    stored.push(h.id);
    return h.id;
  }, SILENT_LOG);
  const raised = Array.from({ length: 3 }, (_, i) => buffer.raise(hit(i), []));
  full = false;
  buffer.retry();
  expect(stored).toEqual(['H-1', 'H-2']);
  expect(await Promise.all(raised.slice(1))).toEqual(['H-1', 'H-2']);
  const many = Array.from({ length: 70 }, (_, i) => buffer.raise(hit(100 + i), []));
  // One stands aside already.
  expect((await Promise.allSettled(many.slice(63))).map((r) => r.status)).toEqual(Array(7).fill('rejected'));
  expect(buffer.state()).toMatchObject({ waiting: 0, lost: 7 });
  expect(JSON.stringify([buffer.status.problems!(), buffer.status.health!()])).not.toContain('皖A12345');
});
