import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import type { EventType } from '../../contracts/relay.ts';
import { testDb } from '../db.fixtures.ts';
import type { Db } from '../db.ts';
import {
  deadLetters,
  OutboxFull,
  outboxStats,
  outboxTotals,
  OutboxWriter,
  readEvidenceNames,
  type NewEvent,
  type OutboxLimits,
} from './outbox.ts';
import type { Queue, DueQuery } from './queue.ts';
import { openQueue } from './queue.ts';

const HIT: EventType = 'io.sitebox.plate.hit.v2';
const ALARM: EventType = 'io.sitebox.alarm.v1';
const HEALTH: EventType = 'io.sitebox.health.v1';
const SOS: EventType = 'io.sitebox.sos.v1';
const COUNTS: EventType = 'io.sitebox.counts.v1';
const SOURCE = '/sites/demo/boxes/box-001';

let folder: string;
let db: Db;
let queue: Queue;
let now: number;
let woken: number;
let outbox: OutboxWriter;

beforeEach(() => {
  folder = tempFolder();
  db = testDb(folder);
  queue = openQueue(db, 'room', SOURCE);
  now = 1_000_000;
  woken = 0;
  outbox = outboxOf({ rows: 1000, bytes: 1e6 });
});

function outboxOf(limits: OutboxLimits, relays = ['room']): OutboxWriter {
  return new OutboxWriter(db, { source: SOURCE, relays, limits, now: () => now, wake: () => woken++ });
}

function event(type: EventType, stream: string, more: Partial<NewEvent> = {}): NewEvent {
  return { type, subject: 'lane-1', time: now, data: { n: stream }, stream, ...more };
}

function dueIds(wanted: Partial<DueQuery> = {}): string[] {
  return due(wanted).map((r) => r.envelope.id);
}

function due(wanted: Partial<DueQuery> = {}) {
  return queue.due({ now, liveFrom: 0, busyStreams: [], limit: 100, onlyLive: false, ...wanted });
}

/** Counts the rows, for comparison with the totals kept beside them. */
function recount(relay = 'room') {
  return db
    .prepare(
      'SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(dead), 0) AS dead FROM outbox WHERE relay = ?',
    )
    .get(relay);
}

describe('enqueue', () => {
  it('writes one row per relay with one id and one sequence number', () => {
    const both = outboxOf({ rows: 10, bytes: 1e6 }, ['room', 'second']);
    const a = both.enqueue(event(HIT, 'a'));
    both.enqueue(event(HIT, 'b'));
    const second = openQueue(db, 'second', SOURCE);
    const rows = second.due({ now, liveFrom: 0, busyStreams: [], limit: 10, onlyLive: false });
    expect(rows.map((r) => r.envelope.sequence)).toEqual([2, 1]);
    expect(due().map((r) => r.envelope.sequence)).toEqual([2, 1]);
    expect(rows[1]!.envelope).toEqual({
      id: a,
      source: SOURCE,
      type: HIT,
      time: now,
      subject: 'lane-1',
      sequence: 1,
      data: { n: 'a' },
      evidence: [],
    });
    expect(woken).toBe(2);
  });

  it('continues its numbers after it is reopened', () => {
    outbox.enqueue(event(HIT, 'a'));
    db.close();
    db = testDb(folder);
    outboxOf({ rows: 1000, bytes: 1e6 }).enqueue(event(HIT, 'b'));
    queue = openQueue(db, 'room', SOURCE);
    expect(due().map((r) => r.envelope.sequence)).toEqual([2, 1]);
  });

  it('replaces unsent events, except the excepted one, and keeps their date and evidence', () => {
    const sha = 'a'.repeat(64);
    const first = outbox.enqueue(event(HIT, 's'));
    const evidence = [{ what: 'plate' as const, sha256: sha }];
    outbox.enqueue(event(HIT, 's', { supersedes: { except: first }, notBefore: now + 10, evidence }));
    const last = outbox.enqueue(event(HIT, 's', { supersedes: { except: first }, notBefore: now + 90 }));
    expect(recount()).toMatchObject({ rows: 2 });
    expect(dueIds()).toEqual([first]);
    queue.settle([{ seq: due()[0]!.seq, kind: 'stored' }]);
    expect(dueIds({ now: now + 9 })).toEqual([]);
    expect(dueIds({ now: now + 10 })).toEqual([last]);
    const row = db.prepare('SELECT id, evidence FROM outbox').get() as { id: string; evidence: string };
    expect(readEvidenceNames(db, 'room', row)).toEqual(evidence);
  });
});

describe('order', () => {
  it('W9: is calls for help, hits, then by priority; hits of ten minutes youngest first, others live before backlog', () => {
    const minute = 60_000;
    const hits: string[] = [];
    for (const at of [-30, -20, -11, -9, -5]) {
      now = 100 * minute + at * minute;
      hits.push(outbox.enqueue(event(HIT, `h${at}`)));
    }
    now = 100 * minute;
    const counts = outbox.enqueue(event(COUNTS, 'counts'));
    const [early, alarm] = [outbox.enqueue(event(SOS, 'sos1')), outbox.enqueue(event(ALARM, 'alarm'))];
    const liveFrom = queue.newest();
    const [live1, live2] = [outbox.enqueue(event(HIT, 'b')), outbox.enqueue(event(HIT, 'c'))];
    const [sos, health] = [outbox.enqueue(event(SOS, 'sos2')), outbox.enqueue(event(HEALTH, 'health'))];
    const [oldest, older, old, young, younger] = hits as [string, string, string, string, string];
    const inOrder = [sos, early, live2, live1, younger, young, oldest, older, old, alarm, health, counts];
    expect(dueIds({ liveFrom })).toEqual(inOrder);
    expect(dueIds({ liveFrom, limit: 5 })).toEqual(inOrder.slice(0, 5));
    expect(dueIds({ liveFrom, onlyLive: true })).toEqual([sos, live2, live1, health]);
    now += 2 * minute;
    expect(dueIds({ liveFrom }).slice(2, 9)).toEqual([live2, live1, younger, oldest, older, old, young]);
  });

  it('holds a stream back while an earlier row of it waits or is in flight, and lets the others pass', () => {
    const b = outbox.enqueue(event(HIT, 'b'));
    const a1 = outbox.enqueue(event(HIT, 'a'));
    const a2 = outbox.enqueue(event(HIT, 'a'));
    expect(dueIds()).toEqual([a1, b]);
    const row = due()[0]!;
    expect(dueIds({ busyStreams: ['a'] })).toEqual([b]);
    queue.settle([{ seq: row.seq, kind: 'retry', why: 'x', dueMs: now + 100 }]);
    expect(dueIds()).toEqual([b]);
    expect(dueIds({ now: now + 100 })).toEqual([a1, b]);
    queue.settle([{ seq: row.seq, kind: 'rejected', why: 'x' }]);
    expect(dueIds()).toEqual([a2, b]);
  });

  it('is the same for rows without pictures, when only those are requested', () => {
    const evidence = [{ what: 'plate' as const, sha256: 'a'.repeat(64) }];
    const plain = [outbox.enqueue(event(HIT, 'a')), outbox.enqueue(event(HIT, 'b'))];
    for (let i = 0; i < 10; i++) outbox.enqueue(event(HIT, `p${i}`, { evidence }));
    outbox.enqueue(event(HIT, 'p0'));
    const alarm = outbox.enqueue(event(ALARM, 'alarm'));
    expect(dueIds({ plain: true, limit: 3 })).toEqual([...plain.toReversed(), alarm]);
    now += 3_600_000;
    expect(dueIds({ plain: true, limit: 3 })).toEqual([...plain, alarm]);
  });

  it('clears retry delays on request', () => {
    outbox.enqueue(event(HIT, 'a', { notBefore: now + 1e9 }));
    expect(due()).toHaveLength(0);
    queue.release();
    expect(due()).toHaveLength(1);
  });
});

describe('settle', () => {
  it('keeps a refused row and its reason, without secrets', () => {
    const id = outbox.enqueue(event(HIT, 'a'));
    const why = 'refused by https://user:hunter2@room/ with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    queue.settle([{ seq: due()[0]!.seq, kind: 'rejected', why }]);
    expect(due()).toEqual([]);
    expect(deadLetters(db, 'room')).toMatchObject([{ id, why: 'refused by https://room/ with (secret)' }]);
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1, dead: 1 });
  });

  it('ignores rows that are already gone', () => {
    outbox.enqueue(event(HEALTH, 'health'));
    const { seq } = due()[0]!;
    const next = outbox.enqueue(event(HEALTH, 'health', { supersedes: {} }));
    queue.settle([{ seq, kind: 'stored' }]);
    expect(dueIds()).toEqual([next]);
    expect(outboxTotals(db, 'room')).toMatchObject(recount() as object);
  });
});

describe('limits', () => {
  it('evict counts, then health, oldest first, and then refuse', () => {
    const small = outboxOf({ rows: 4, bytes: 1e6 });
    const health = small.enqueue(event(HEALTH, 'health'));
    small.enqueue(event(COUNTS, 'c1'));
    const counts = small.enqueue(event(COUNTS, 'c2'));
    const hits = [small.enqueue(event(HIT, 'h1')), small.enqueue(event(HIT, 'h2'))];
    expect(dueIds()).toEqual([...hits.toReversed(), health, counts]);
    hits.push(small.enqueue(event(HIT, 'h3')), small.enqueue(event(HIT, 'h4')));
    expect(dueIds()).toEqual(hits.toReversed());
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 4, evicted: 3 });
    expect(() => small.enqueue(event(HIT, 'h5'))).toThrow(OutboxFull);
    expect(() => small.enqueue(event(COUNTS, 'c3'))).toThrow(/outbox of relay room is full/);
    expect(dueIds()).toEqual(hits.toReversed());
    expect(outboxTotals(db, 'room')).toMatchObject(recount() as object);
  });

  it('leave room for the alarm about a full outbox, but not for ever', () => {
    const small = outboxOf({ rows: 1, bytes: 1e6 });
    small.enqueue(event(HIT, 'h'));
    for (let i = 0; i < 100; i++) small.enqueue(event(ALARM, `alarm${i}`));
    expect(() => small.enqueue(event(ALARM, 'more'))).toThrow(OutboxFull);
  });

  it('apply to bytes', () => {
    const small = outboxOf({ rows: 1000, bytes: 5000 });
    small.enqueue(event(COUNTS, 'c', { data: 'x'.repeat(3000) }));
    small.enqueue(event(HIT, 'h', { data: '皖'.repeat(1000) }));
    expect(due().map((r) => r.envelope.type)).toEqual([HIT]);
    expect(outboxTotals(db, 'room').bytes).toBeGreaterThan(3000);
  });

  it('refuse for all relays or for none, and leave no trace of a refused event', () => {
    outboxOf({ rows: 1, bytes: 1e6 }, ['second']).enqueue(event(HIT, 'h'));
    const before = { rows: recount(), totals: outboxTotals(db, 'room') };
    expect(() => outboxOf({ rows: 1, bytes: 1e6 }, ['room', 'second']).enqueue(event(HIT, 'i'))).toThrow(OutboxFull);
    expect({ rows: recount(), totals: outboxTotals(db, 'room') }).toEqual(before);
  });

  it('stats give the age of the oldest waiting row', () => {
    expect(outboxStats(db, 'room', now)).toEqual({ rows: 0, bytes: 0, dead: 0, evicted: 0, oldestAgeMs: 0 });
    outbox.enqueue(event(COUNTS, 'c'));
    now += 500;
    outbox.enqueue(event(HIT, 'h'));
    expect(outboxStats(db, 'room', now + 1000)).toMatchObject({ rows: 2, oldestAgeMs: 1500 });
  });
});
