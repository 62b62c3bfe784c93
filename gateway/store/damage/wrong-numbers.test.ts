/** Numbers in the store that can be read but not be right: because of them nothing is refused, lost or left waiting. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { layBallast } from '../files/ballast.ts';
import type { EventType } from '../../contracts/relay.ts';
import { appendAnyDeed } from '../audit.fixtures.ts';
import { openCounter } from '../counts.ts';
import { testDb } from '../db.fixtures.ts';
import { getMeta, setMeta, type Db } from '../db.ts';
import { failingRows } from '../outbox/dead-letters.ts';
import { listOrders } from '../orders.ts';
import { openHeadFile } from '../anchors/head-file.ts';
import { deadLetters, OutboxFull, outboxTotals, OutboxWriter } from '../outbox/outbox.ts';
import { openQueue, type DeliveryOutcome } from '../outbox/queue.ts';
import { mendRowNumbers } from '../outbox/row-numbers.ts';
import { compactStream } from '../outbox/compact.ts';

const T0 = Date.UTC(2026, 0, 1);
const ALL = { now: T0 + 1e6, liveFrom: 0, busyStreams: [], limit: 10_000, onlyLive: false };
const HIT: EventType = 'io.sitebox.plate.hit.v2';
const COUNTS: EventType = 'io.sitebox.counts.v1';

let folder: string;
let db: Db;
beforeEach(() => {
  folder = tempFolder();
  db = testDb(folder);
});

function outboxOf(limits = { rows: 10_000, bytes: 1e8 }): OutboxWriter {
  return new OutboxWriter(db, { source: '/s', relays: ['room'], limits, now: () => T0, wake: () => undefined });
}

function add(stream: string, outbox = outboxOf(), type = HIT): string {
  return outbox.enqueue({ type, subject: 's', time: T0, data: { stream }, stream });
}

/** Sends all due rows. */
function drain() {
  const queue = openQueue(db, 'room', '/s');
  const sent = new Map<string, number>();
  // A row that is never removed would be due again for ever.
  for (let round = 0; round < 100; round++) {
    const rows = queue.due(ALL);
    if (rows.length === 0) return sent;
    queue.settle(
      rows.map((row): DeliveryOutcome => {
        try {
          const { id, sequence } = row.envelope;
          sent.set(id, sequence);
          return { seq: row.seq, kind: 'stored' };
        } catch (error) {
          return { seq: row.seq, kind: 'rejected', why: String(error) };
        }
      }),
    );
  }
  throw new Error('some rows do not leave the outbox');
}

const totalsOf = (rows: number, bytes: number): void =>
  setMeta(db, 'outbox:room', JSON.stringify({ rows, bytes, dead: 0, evicted: 2 }));

describe('totals of the outbox that do not fit its rows', () => {
  const small = () => outboxOf({ rows: 3, bytes: 5_000 });

  it.each([
    [300_000, 1_000],
    [0, 9e15],
    [0, -9e15],
    [-5, 0],
  ])('refuse no event (%d rows, %d bytes)', (rows, bytes) => {
    totalsOf(rows, bytes);
    const id = add('a', small());
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1, dead: 0 });
    expect(outboxTotals(db, 'room').bytes).toBeLessThan(5_000);
    expect(drain()).toEqual(new Map([[id, 1]]));
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 0, bytes: 0, dead: 0 });
    expect(db.damage.counts()).toEqual({ meta: 1 });
  });

  it('are never shown as negative', () => {
    add('a');
    totalsOf(-5, -9e15);
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1 });
    expect(outboxTotals(db, 'room').bytes).toBeGreaterThan(0);
  });

  it('evict nothing', () => {
    const counts = add('counts', small(), COUNTS);
    totalsOf(300_000, 1_000);
    const hit = add('a', small());
    expect(new Set(drain().keys())).toEqual(new Set([counts, hit]));
    expect(outboxTotals(db, 'room')).toMatchObject({ evicted: 2 });
  });

  it('are not recounted in each minute with evictions: that reads all of a full outbox on the event loop', () => {
    const now = vi.spyOn(performance, 'now');
    onTestFinished(() => now.mockRestore());
    const prepare = vi.spyOn(db, 'prepare');
    const recounts = (): number => prepare.mock.calls.filter(([sql]) => sql.includes('count(*) AS rows')).length;
    for (let minute = 0; minute < 30; minute++) {
      now.mockReturnValue(1e9 + minute * 60_001);
      add(`counts ${minute}`, small(), COUNTS);
    }
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 3, evicted: 27 });
    expect(recounts()).toBe(1);
  });

  it('are recounted once a minute, and a full outbox stays full', () => {
    for (const stream of ['a', 'b', 'c']) add(stream, small());
    expect(() => add('d', small())).toThrow(OutboxFull);
    drain();
    totalsOf(300_000, 1_000);
    expect(() => add('d', small())).toThrow(OutboxFull);
    // A new start recounts at once.
    db.close();
    db = testDb(folder);
    add('d', small());
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1 });
  });

  it.each([-9e15, 9e15, '9223372036854775807'])('do not arise from the size stored in a row (%s bytes)', (bytes) => {
    add('a', small());
    add('b', small());
    db.prepare('UPDATE outbox SET bytes = CAST(? AS INTEGER)').run(bytes);
    compactStream(db, { relay: 'room', stream: 'b', from: 0 }, () => ({ thin: true }));
    expect(drain().size).toBe(2);
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 0, bytes: 0 });
    for (const stream of ['a', 'b', 'c']) add(stream, small());
    expect(drain().size).toBe(3);
    expect(db.damage.counts()).toEqual({});
  });
});

describe('an implausible number of the last event', () => {
  it.each(['9007199254740991', '9007199254740990', '-5', '0', '1e300', '0x10', '', ' ', '1.5', 'NaN'])(
    'is skipped and noted, and the next event can be sent (%j)',
    (odd) => {
      const ids = [add('a'), add('b'), add('c')];
      setMeta(db, 'sequence', odd);
      ids.push(add('d'), add('e'));
      const sent = drain();
      expect(ids.map((id) => sent.get(id))).toEqual([1, 2, 3, 4, 5]);
      expect(deadLetters(db, 'room')).toEqual([]);
      expect(db.damage.counts()).toEqual({ meta: 1 });
    },
  );

  it('is not taken from a row either', () => {
    const [, bad] = [add('a'), add('b'), add('c')];
    db.prepare('UPDATE outbox SET sequence = 9007199254740991 WHERE id = ?').run(bad);
    setMeta(db, 'sequence', '-5');
    const id = add('d');
    expect(drain().get(id)).toBe(4);
  });

  it('is recovered from waiting rows if its own row is missing', () => {
    add('a');
    db.prepare(`DELETE FROM meta WHERE key = 'sequence'`).run();
    const id = add('b');
    expect(drain().get(id)).toBe(2);
  });

  it('continues after events that have left, even if nothing happens between a start and the next event', () => {
    appendAnyDeed(db, { at: T0, who: 'x', what: 'one', detail: {} });
    for (const stream of ['a', 'b', 'c']) add(stream);
    openHeadFile(db).close();
    drain();
    setMeta(db, 'sequence', '9007199254740991');
    openHeadFile(db).close();
    const id = add('d');
    expect(drain().get(id)).toBeGreaterThan(3);
    expect(Number(getMeta(db, 'sequence'))).toBeLessThan(1_000_000);
  });

  it('is not reported for a new store', () => {
    add('a');
    expect(db.damage.counts()).toEqual({});
  });
});

describe('an invalid row number', () => {
  const odd = ['9223372036854775807', '9223372036854775806', '9007199254740993', '4503599627370497', '-5'];
  const sqlNumber = (): unknown => db.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'outbox'`).pluck().get();

  it.each([...odd, "'x'", '1.5e18'])('in sqlite_sequence (%s): events are taken and sent', (number) => {
    const ids = [add('a')];
    db.exec(`UPDATE sqlite_sequence SET seq = ${number}`);
    layBallast(folder);
    ids.push(add('b'), add('c'), add('c'));
    expect(new Set(drain().keys())).toEqual(new Set(ids));
    expect(existsSync(join(folder, 'ballast'))).toBe(true);
    expect(db.health.state()).toMatchObject({ refusal: undefined, onReserve: false });
    db.close();
    db = testDb(folder);
    const last = add('d');
    expect([...drain().keys()]).toEqual([last]);
    expect(sqlNumber()).toBeGreaterThan(ids.length);
    expect(sqlNumber()).toBeLessThan(10_000_000);
  });

  it.each(odd)('of a row (%s): it is sent, in the order of its stream, and so are all later rows', (number) => {
    const ids = [add('a'), add('a'), add('b')];
    db.exec(`UPDATE outbox SET seq = ${number} WHERE id = '${ids[1]!}'`);
    db.close();
    db = testDb(folder);
    const queue = openQueue(db, 'room', '/s');
    expect(queue.newest()).toBeLessThan(10);
    expect(queue.due(ALL).map((row) => row.envelope.id)).toEqual([ids[0], ids[2]]);
    ids.push(add('a'), add('c'));
    const sent = [...drain().keys()];
    expect(new Set(sent)).toEqual(new Set(ids));
    expect(sent.filter((id) => [ids[0], ids[1], ids[3]].includes(id))).toEqual([ids[0], ids[1], ids[3]]);
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 0, dead: 0 });
    expect(db.damage.counts()).toEqual({ outbox: 2 });
  });

  it('of the first row of a stream does not hold up the others', () => {
    const ids = [add('a'), add('a'), add('a')];
    db.exec(`UPDATE outbox SET seq = -5 WHERE id = '${ids[0]!}'`);
    expect([...drain().keys()]).toEqual([ids[1], ids[2], ids[0]]);
  });

  it('is not used again while the row that had it may be in flight', () => {
    add('a');
    const under = openQueue(db, 'room', '/s').due(ALL)[0]!;
    outboxOf().enqueue({ type: HIT, subject: 's', time: T0, data: {}, stream: 'a', supersedes: {} });
    db.exec(`DELETE FROM outbox; UPDATE sqlite_sequence SET seq = 9223372036854775807`);
    const id = add('b');
    openQueue(db, 'room', '/s').settle([{ seq: under.seq, kind: 'stored' }]);
    expect([...drain().keys()]).toEqual([id]);
  });

  it('is not found in a sound store, which does not change', () => {
    for (const stream of ['a', 'a', 'b']) add(stream);
    const before = db.prepare('SELECT * FROM outbox').all();
    expect(mendRowNumbers(db)).toBe(false);
    expect(db.prepare('SELECT * FROM outbox').all()).toEqual(before);
    expect(sqlNumber()).toBe(3);
  });
});

it.each([-9e15, 9e15])('counts with an invalid time (%d) are skipped and noted, and the others are sent', (odd) => {
  const insert = db.prepare(`INSERT INTO counts VALUES (?, 'lane-1', 'standard', 'unknown', 7)`);
  for (const windowMs of [odd, T0 - 600_000]) insert.run(windowMs);
  openCounter(db, outboxOf()).flush();
  expect(drain().size).toBe(1);
  expect(db.prepare('SELECT windowMs FROM counts').pluck().all()).toEqual([odd]);
  expect(db.damage.counts()).toEqual({ counts: 1 });
});

it('an invalid time is shown to people as 1970: of an order, of a refused event, and of a failing one', () => {
  for (const stream of ['a', 'b']) add(stream);
  db.exec(`UPDATE outbox SET timeMs = 9000000000000000, dead = (stream = 'a'), dueMs = 1, tries = 1`);
  db.exec(`INSERT INTO orders (id, origin, byWhom, text, createdMs) VALUES ('o', 'box', 'x', 't', -9000000000000000)`);
  expect(deadLetters(db, 'room')).toMatchObject([{ time: 0 }]);
  expect(failingRows(db, 'room', 10)).toMatchObject([{ time: 0 }]);
  expect(listOrders(db, 10)).toMatchObject([{ id: 'o', created: 0 }]);
});
