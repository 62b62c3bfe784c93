import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { newId } from '../clock/clock.ts';
import type { Hit, PlateHit } from '../contracts/hit.ts';
import type { Evidence } from '../contracts/picture.ts';
import { appendAnyDeed } from './audit.fixtures.ts';
import { verifyAudit } from './audit.ts';
import { testDb } from './db.fixtures.ts';
import type { Db } from './db.ts';
import { getEvidence } from './evidence.ts';
import { listHits, storedHit } from './hits.fixtures.ts';
import { hitData, recordHit } from './hits.ts';
import { OutboxWriter, type OutboxLimits } from './outbox/outbox.ts';
import { outboxTotals } from './outbox/outbox.ts';
import { openQueue } from './outbox/queue.ts';

const WINDOW_MS = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

let folder: string;
let db: Db;
let now: number;
let outbox: OutboxWriter;

beforeEach(() => {
  folder = tempFolder();
  now = T0;
  open();
});

function open(): void {
  db = testDb(folder);
  outbox = outboxOf({ rows: 1000, bytes: 1e6 });
}

function outboxOf(limits: OutboxLimits): OutboxWriter {
  const source = '/sites/demo/boxes/box-001';
  return new OutboxWriter(db, { source, relays: ['room', 'second'], limits, now: () => now, wake: () => undefined });
}

function hitAt(at: number, more: Partial<PlateHit> = {}): PlateHit {
  return {
    id: newId(at),
    lane: 'road-1',
    camera: 'north',
    first: at - 1000,
    last: at,
    sightings: 1,
    list: { type: 'plate-list', version: 7, sha256: sha('list') },
    entry: 'E-0001',
    category: 'stolen',
    instruction: 'stop and ask',
    certainty: 'exact',
    read: { text: '皖A12345', kind: 'standard', colour: 'blue', lines: 1, probability: 0.99, votes: 4, by: 'box' },
    listed: '皖A12345',
    direction: 'approaching',
    state: 'unreviewed',
    clock: { highest: at, behindMs: 0 },
    config: sha('config'),
    models: [sha('model')],
    ...more,
  };
}

function picture(text: string, what: Evidence['what'] = 'plate'): Evidence {
  return { what, sha256: sha(text), mediaType: 'image/jpeg', bytes: Buffer.from(text) };
}

function record(hit: Hit, evidence: readonly Evidence[] = []) {
  return recordHit(db, { hit, evidence, windowMs: WINDOW_MS }, outbox);
}

function waiting(at = now + 1e6) {
  const wanted = { now: at, liveFrom: 0, busyStreams: [], limit: 100, onlyLive: false };
  return openQueue(db, 'room', outbox.source).due(wanted);
}

describe('recordHit', () => {
  it('commits hit, evidence, audit and one row per relay', () => {
    const hit = hitAt(T0);
    const evidence = [picture('plate'), picture('vehicle', 'vehicle')];
    expect(record(hit, evidence)).toEqual({ hit, fresh: true });
    expect(storedHit(db, hit.id)).toEqual({ hit, evidence: evidence.map(({ what, sha256 }) => ({ what, sha256 })) });
    expect(getEvidence(db, sha('plate'))?.bytes).toEqual(Buffer.from('plate'));
    expect(verifyAudit(db)).toEqual({ ok: true, rows: 1 });
    expect(outboxTotals(db, 'second').rows).toBe(1);
    const [row] = waiting();
    expect(row!.envelope).toMatchObject({ id: hit.id, subject: 'road-1', sequence: 1 });
    expect(row!.envelope.evidence).toEqual(evidence);
    expect(row!.envelope.data).toMatchObject({
      id: hit.id,
      entry: 'E-0001',
      state: 'unreviewed',
      last: '2026-01-01T00:00:00.000Z',
      list: { version: 7 },
    });
  });

  it('writes with synchronous=FULL, also in an existing store', () => {
    record(hitAt(T0));
    db.close();
    db = testDb(folder);
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  });

  // A failure planted before each statement of the transaction simulates a disk that is full at that moment.
  it.each(['hits', 'evidence', 'hitEvidence', 'audit', 'outbox', 'meta'])(
    'keeps nothing when writing %s fails',
    (table) => {
      db.exec(`CREATE TRIGGER broken BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
      expect(() => record(hitAt(T0), [picture('plate')])).toThrow('planted failure');
      db.exec('DROP TRIGGER broken');
      for (const t of ['hits', 'evidence', 'hitEvidence', 'audit', 'outbox']) {
        expect(db.prepare(`SELECT count(*) FROM ${t}`).pluck().get(), t).toBe(0);
      }
      // The key that seals is noted when the store is opened.
      expect(db.prepare('SELECT key FROM meta').pluck().all()).toEqual(['sealKeys']);
      expect(record(hitAt(T0)).fresh).toBe(true);
    },
  );

  it('keeps nothing when an outbox is full', () => {
    const full = outboxOf({ rows: 0, bytes: 0 });
    expect(() => recordHit(db, { hit: hitAt(T0), evidence: [], windowMs: WINDOW_MS }, full)).toThrow(/is full/);
    expect(listHits(db, { limit: 10 })).toEqual([]);
    expect(verifyAudit(db)).toEqual({ ok: true, rows: 0 });
  });
});

describe('the check for one transaction', () => {
  it('sees a commit made in several', () => {
    db.exec(`CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
    const careless = (): void => {
      appendAnyDeed(db, { at: T0, who: 'box', what: 'hit raised', detail: null });
      outbox.enqueue({ type: 'io.sitebox.plate.hit.v2', subject: 'l', time: T0, data: null, stream: 's' });
    };
    expect(careless).toThrow('planted failure');
    expect(db.prepare('SELECT count(*) FROM audit').pluck().get()).toBe(1);
  });
});

describe('the window', () => {
  it('makes sightings of one entry one hit, over lanes, cameras and a restart', () => {
    const first = record(hitAt(T0)).hit;
    db.close();
    open();
    const again = record(hitAt(T0 + WINDOW_MS, { lane: 'road-2', camera: 'south' }));
    expect(again).toEqual({ fresh: false, hit: { ...first, last: T0 + WINDOW_MS, sightings: 2 } });
    expect(listHits(db, { limit: 10 }).map((h) => h.hit)).toEqual([again.hit]);
  });

  it.each([
    ['a sighting after it', hitAt(T0 + WINDOW_MS + 1)],
    ['another entry', hitAt(T0, { entry: 'E-0002' })],
    ['another plate under the id of a withdrawn entry', hitAt(T0, { listed: '粤B98K61' })],
    ['another list', hitAt(T0, { list: { type: 'doc-list', version: 1, sha256: sha('d') } })],
    ['a clock that was set back by years', hitAt(T0 - 1e11)],
  ])('does not hold for %s', (_name, other) => {
    record(hitAt(T0));
    expect(record(other).fresh).toBe(true);
    expect(listHits(db, { limit: 10 })).toHaveLength(2);
  });

  it('P3: keeps a current sighting apart from a hit that was read late, of which the crew has not heard', () => {
    const late = hitAt(T0, { late: true, receivedAt: T0 + 30_000 });
    const first = record(late);
    expect(first).toMatchObject({ fresh: true, hit: { late: true, last: T0 } });
    // Late reads of one passage are one hit; a current sighting is a new one, and late reads that fit join it.
    expect(record(hitAt(T0 + 10_000, { late: true, receivedAt: T0 + 31_000 }))).toMatchObject({ fresh: false });
    const now = record(hitAt(T0 + 30_000));
    expect(now).toMatchObject({ fresh: true });
    expect(now.hit).not.toHaveProperty('late');
    expect(hitData(first.hit)).toMatchObject({
      late: true,
      last: '2026-01-01T00:00:00.000Z',
      receivedAt: '2026-01-01T00:00:30.000Z',
    });
  });

  it('moves with each sighting', () => {
    record(hitAt(T0));
    record(hitAt(T0 + 50_000));
    expect(record(hitAt(T0 + 100_000))).toMatchObject({ fresh: false, hit: { sightings: 3 } });
  });

  it('sends only the newest state upstream, some seconds later, and after the hit itself', () => {
    const { hit } = record(hitAt(T0), [picture('plate')]);
    for (let i = 1; i <= 50; i++) {
      now = T0 + i * 100;
      record(hitAt(now));
    }
    expect(outboxTotals(db, 'room').rows).toBe(2);
    const [first] = waiting();
    expect(first!.envelope).toMatchObject({ id: hit.id, data: { sightings: 1 } });
    openQueue(db, 'room', outbox.source).settle([{ seq: first!.seq, kind: 'stored' }]);
    // The date of the first update counts: a car that is seen all the time is still reported.
    expect(waiting(T0 + 5_099)).toEqual([]);
    const [update] = waiting(T0 + 5_100);
    expect(update!.envelope).toMatchObject({ data: { id: hit.id, sightings: 51 }, evidence: [] });
    expect(update!.envelope.id).not.toBe(hit.id);
  });

  it('raises a possible hit to exact, at once and with the new pictures', () => {
    const { hit } = record(hitAt(T0, { certainty: 'possible', read: { ...hitAt(T0).read, text: '皖A12346' } }), [
      picture('first'),
    ]);
    const lifted = record(hitAt(T0 + 1000), [picture('second')]).hit;
    expect(lifted).toMatchObject({ id: hit.id, certainty: 'exact', read: { text: '皖A12345' } });
    expect(storedHit(db, hit.id)!.evidence.map((e) => e.sha256)).toEqual([sha('first'), sha('second')]);
    // A later, plain update replaces the row and must carry the pictures over.
    record(hitAt(T0 + 2000, { certainty: 'possible' }), [picture('third')]);
    openQueue(db, 'room', outbox.source).settle([{ seq: waiting()[0]!.seq, kind: 'stored' }]);
    const [update] = waiting(now);
    expect(update!.envelope).toMatchObject({ data: { certainty: 'exact', sightings: 3 } });
    expect(update!.envelope.evidence.map((e) => e.sha256)).toEqual([sha('second')]);
  });
});

describe('an update of a passage', () => {
  const unsure = { ...hitAt(T0).read, probability: 0.7 };

  it('replaces the read by the better one, adds its pictures, and does not count as a sighting', () => {
    const crossCheck = { text: '皖A12346', probability: 0.8 };
    const { hit } = record(hitAt(T0, { certainty: 'possible', read: unsure, crossCheck }), [picture('first')]);
    const better = { ...unsure, probability: 0.9, by: 'camera' as const };
    const news = { id: hit.id, sightings: 0, certainty: 'possible', read: better, camera: 'south' } as const;
    expect(record(hitAt(T0 + 900, { ...news, direction: 'unknown' }), [picture('second')])).toEqual({
      fresh: false,
      hit: { ...hitAt(T0), ...news, sightings: 1, last: T0 + 900, clock: hit.clock, direction: 'approaching' },
    });
    expect(storedHit(db, hit.id)!.evidence.map((e) => e.sha256)).toEqual([sha('first'), sha('second')]);
    openQueue(db, 'room', outbox.source).settle([{ seq: waiting()[0]!.seq, kind: 'stored' }]);
    expect(waiting()[0]!.envelope.evidence.map((e) => e.sha256)).toEqual([sha('second')]);
  });

  it('raises a possible hit at once, never lowers an exact one, and finds its hit even hours later', () => {
    const { hit } = record(hitAt(T0, { certainty: 'possible', read: unsure }));
    now = T0 + 3 * 3_600_000;
    const lifted = record(hitAt(now, { id: hit.id, sightings: 0 }), [picture('leaving')]).hit;
    expect(lifted).toMatchObject({
      id: hit.id,
      certainty: 'exact',
      sightings: 1,
      read: { probability: 0.99 },
      last: now,
    });
    openQueue(db, 'room', outbox.source).settle([{ seq: waiting()[0]!.seq, kind: 'stored' }]);
    expect(waiting(now)[0]!.envelope.data, 'at once').toMatchObject({ certainty: 'exact' });
    const lower = record(hitAt(now, { id: hit.id, sightings: 0, certainty: 'possible', read: unsure }), [
      picture('poor'),
    ]);
    expect(lower.hit).toEqual(lifted);
    expect(storedHit(db, hit.id)!.evidence.map((e) => e.sha256)).toEqual([sha('leaving')]);
    // A sighting hours later is another hit; only an update belongs to this one.
    expect(record(hitAt(now + WINDOW_MS + 1, { id: newId(now) })).fresh).toBe(true);
  });

  it('is a hit of its own if the original is lost', () => {
    expect(record(hitAt(T0, { sightings: 0 }))).toMatchObject({ fresh: true, hit: { sightings: 1 } });
  });
});
