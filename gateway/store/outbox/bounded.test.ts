/** What keeps the outbox's statements short however long it is: the mark on each stream's first row, and work in bounded portions. */
import { expect, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { testDb } from '../db.fixtures.ts';
import { type Db } from '../db.ts';
import { CREW_STREAM, outboxTotals, removeRows, type NewEvent, OutboxWriter } from './outbox.ts';
import { openQueue } from './queue.ts';
import { reprioritizeStream } from './compact.ts';

const T0 = Date.UTC(2026, 0, 1);
const outboxOf = (db: Db, rows = 10_000) =>
  new OutboxWriter(db, {
    source: '/sites/demo/boxes/box-001',
    relays: ['room', 'spare'],
    limits: { rows, bytes: 1e8 },
    now: () => T0,
    wake: () => undefined,
  });

function openStore(): Db {
  const folder = tempFolder();
  const db = testDb(folder);
  return db;
}

/** In one transaction: a commit costs far more than a row. */
const fill = (db: Db, n: number, event: (i: number) => NewEvent): void =>
  db.transaction(() => {
    for (let i = 0; i < n; i++) outboxOf(db).enqueue(event(i));
  })();

const eventOf = (stream: string, type: NewEvent['type'] = 'io.sitebox.crew.v1'): NewEvent => {
  return { type, subject: 'x', time: T0, data: {}, stream };
};

/** The numbers in the one column of `sql`. */
const numbers = (db: Db, sql: string) => db.prepare(sql).pluck().all() as number[];
const MARKED = 'SELECT seq FROM outbox WHERE head = 1 ORDER BY seq';
const FIRST = 'SELECT min(seq) AS seq FROM outbox WHERE dead = 0 GROUP BY relay, stream ORDER BY seq';

test('W13: the first living row of each stream is marked, whatever happens to the rows', () => {
  const db = openStore();
  let state = 7;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let step = 0; step < 400; step++) {
    const seqs = numbers(db, 'SELECT seq FROM outbox ORDER BY seq');
    const seq = seqs[random(Math.max(1, seqs.length))] ?? 0;
    const what = random(6);
    if (what < 3) outboxOf(db).enqueue({ ...eventOf(`s${random(4)}`), ...(what === 2 ? { supersedes: {} } : {}) });
    else if (what === 3) removeRows(db, 'room', [seq]);
    else db.prepare('UPDATE outbox SET dead = ? WHERE seq = ?').run(what - 4, seq);
    expect(numbers(db, MARKED)).toEqual(numbers(db, FIRST));
  }
  expect(numbers(db, MARKED).length).toBeGreaterThan(2);
});

test('W13: retry delays are cleared a bounded number at a time, and in the end all', () => {
  const db = openStore();
  fill(db, 1_200, (i) => ({ ...eventOf(`s${i}`), notBefore: T0 + 60_000 }));
  const queue = openQueue(db, 'room', '/sites/demo/boxes/box-001');
  expect([queue.release(), queue.release(), queue.release()]).toEqual([true, true, false]);
  expect(numbers(db, `SELECT count(*) FROM outbox WHERE relay = 'room' AND dueMs > 0`)).toEqual([0]);
  expect(numbers(db, `SELECT count(*) FROM outbox WHERE relay = 'spare' AND dueMs > 0`)).toEqual([1_200]);
});

test('W13: a long stream gets its new priority in several calls', () => {
  const db = openStore();
  fill(db, 1_200, () => eventOf(CREW_STREAM));
  let [after, calls]: [number | undefined, number] = [-1, 0];
  for (; after !== undefined; calls++) {
    after = reprioritizeStream(db, { relay: 'room', stream: CREW_STREAM }, { priority: 2, after });
  }
  expect(calls).toBe(3);
  expect(numbers(db, `SELECT count(*) FROM outbox WHERE relay = 'room' AND priority = 2`)).toEqual([1_200]);
});

test('W13: after its limits are lowered, the outbox shrinks with each event, not all at once', () => {
  const db = openStore();
  fill(db, 1_000, () => eventOf(CREW_STREAM));
  const tight = outboxOf(db, 500);
  tight.enqueue(eventOf('hit:1', 'io.sitebox.plate.hit.v2'));
  expect(outboxTotals(db, 'room')).toMatchObject({ rows: 901, evicted: 100 });
  for (let i = 2; i < 8; i++) tight.enqueue(eventOf(`hit:${i}`, 'io.sitebox.plate.hit.v2'));
  expect(outboxTotals(db, 'room').rows).toBe(500);
});
