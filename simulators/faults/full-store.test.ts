/** A store that has no room left, where no small disk can be mounted: SQLite's own limit of pages says "full" just the same. */
import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { newId } from '../../gateway/clock/clock.ts';
import { HitBuffer } from '../../gateway/hits/hit-buffer.ts';
import { verifyAudit } from '../../gateway/store/audit.ts';
import { testDb } from '../../gateway/store/db.fixtures.ts';
import { recordHit } from '../../gateway/store/hits.ts';
import { OutboxWriter } from '../../gateway/store/outbox/outbox.ts';
import { SILENT_LOG } from '../../gateway/contracts/base.ts';
import type { Hit } from '../../gateway/contracts/hit.ts';
import type { Evidence } from '../../gateway/contracts/picture.ts';

const T0 = Date.UTC(2026, 0, 1);
const OUTBOX = {
  source: '/sites/demo/boxes/box-001',
  relays: ['room'],
  limits: { rows: 1000, bytes: 1e6 },
  now: () => T0,
  wake: () => undefined,
};

function newHit(entry: string): Hit {
  return {
    id: newId(T0),
    lane: 'lane-1',
    camera: 'cam-1',
    first: T0 - 1_000,
    last: T0,
    sightings: 1,
    entry,
    category: 'stolen',
    instruction: 'stop the vehicle',
    certainty: 'exact',
    listed: '皖A12345',
    list: { type: 'plate-list', version: 1, sha256: '0'.repeat(64) },
    read: { text: '皖A12345', kind: 'standard', colour: 'blue', lines: 1, probability: 0.99, votes: 4, by: 'box' },
    direction: 'approaching',
    state: 'unreviewed',
    clock: { highest: T0, behindMs: 0 },
    config: '0'.repeat(64),
    models: [],
  };
}

function newPicture(): Evidence {
  const bytes = randomBytes(30_000);
  return { what: 'vehicle', mediaType: 'image/jpeg', sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
}

test('hits wait while the store is full, nothing of them is half written, and they are stored once there is room', async () => {
  const folder = tempFolder();
  const db = testDb(folder);
  const outbox = new OutboxWriter(db, OUTBOX);
  const commit = (hit: Hit, evidence: readonly Evidence[]) =>
    recordHit(db, { hit, evidence, windowMs: 1_000 }, outbox).hit.id;
  const buffer = new HitBuffer(commit, SILENT_LOG);
  const rows = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  const all = () => ['hits', 'evidence', 'hitEvidence', 'outbox', 'audit'].map(rows);

  await buffer.raise(newHit('E-1'), [newPicture()]);
  expect(all()).toEqual([1, 1, 1, 1, 1]);
  // Room for the hit's own row, not for its picture: the transaction breaks in the middle.
  db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 2}`);
  const pending = ['E-2', 'E-3'].map((entry) => buffer.raise(newHit(entry), [newPicture()]));
  buffer.retry();
  expect(buffer.state()).toEqual({ waiting: 2, lost: 0, error: 'database or disk is full' });
  expect(all()).toEqual([1, 1, 1, 1, 1]);
  expect(verifyAudit(db)).toEqual({ ok: true, rows: 1 });

  db.pragma('max_page_count = 1000000');
  buffer.retry();
  expect(buffer.state()).toEqual({ waiting: 0, lost: 0, error: undefined });
  await Promise.all(pending);
  expect(all()).toEqual([3, 3, 3, 3, 3]);
  expect(verifyAudit(db)).toEqual({ ok: true, rows: 3 });
});
