/** What the log holds of a hit says nothing once the hit's row is gone, and shows a change of that row while it is there. */
import { beforeEach, expect, test } from 'vitest';
import { newId } from '../clock/clock.ts';
import type { PlateHit } from '../contracts/hit.ts';
import { verifyAudit } from './audit.ts';
import { testDb } from './db.fixtures.ts';
import type { Db } from './db.ts';
import { hitDigest } from './hit-digest.ts';
import { exampleHit } from './hits.fixtures.ts';
import { getHit, recordHit } from './hits.ts';
import { OutboxWriter } from './outbox/outbox.ts';

const T0 = Date.UTC(2026, 0, 1);
const HIT = exampleHit(T0);

let db: Db;
let outbox: OutboxWriter;

beforeEach(() => {
  db = testDb();
  outbox = new OutboxWriter(db, {
    source: '/s',
    relays: [],
    limits: { rows: 9, bytes: 1e6 },
    now: () => T0,
    wake() {},
  });
});

const record = (more: Partial<PlateHit> = {}) =>
  recordHit(db, { hit: { ...HIT, ...more }, evidence: [], windowMs: 60_000 }, outbox);
const rows = () =>
  (db.prepare('SELECT what, detail FROM audit ORDER BY seq').all() as { what: string; detail: string }[]).map(
    (row) => ({
      what: row.what,
      ...(JSON.parse(row.detail) as { hit: string; digest: string }),
    }),
  );

test('the log holds the id and a digest, and neither entry nor lane nor list', () => {
  record();
  expect(rows()).toEqual([{ what: 'hit raised', hit: HIT.id, digest: hitDigest(db, getHit(db, HIT.id)!) }]);
  const text = String(db.prepare('SELECT detail FROM audit').pluck().get());
  expect(text).not.toMatch(/E-0001|road-1|north|plate-list/);
});

test('a row is written where the digest changes, and the last one fits the hit', () => {
  record();
  record({ id: newId(T0), last: T0 + 1 });
  record({ sightings: 0, camera: 'south' });
  record({ id: newId(T0), certainty: 'exact', last: T0 + 2 });
  expect(rows().map((row) => row.what)).toEqual(['hit raised', 'hit updated', 'hit became exact']);
  expect(rows().at(-1)!.digest).toBe(hitDigest(db, getHit(db, HIT.id)!));
});

test('once the row of the hit is gone, knowing the facts does not give the digest, and the chain verifies', () => {
  record();
  const { digest } = rows()[0]!;
  db.prepare('DELETE FROM hits').run();
  record();
  expect(rows()[1]!.digest).not.toBe(digest);
  expect(verifyAudit(db)).toEqual({ ok: true, rows: 2 });
});

test('a hit of an earlier version keeps its rows, and gets a digest with its next change', () => {
  record();
  db.prepare('UPDATE hits SET salt = NULL').run();
  expect(hitDigest(db, getHit(db, HIT.id)!)).toBeUndefined();
  record({ id: newId(T0), certainty: 'exact' });
  expect(rows().at(-1)!.digest).toBe(hitDigest(db, getHit(db, HIT.id)!));
});
