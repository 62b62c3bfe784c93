/** W2 and its siblings: an unreadable row or page is skipped and noted; nothing else stops because of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { newId, openClock } from '../../clock/clock.ts';
import { openDeviceHealth } from '../../crew/device-health.ts';
import { currentMode } from '../../crew/modes.ts';
import { reportTampering } from '../../devices/tampering-events.ts';
import type { PlateHit } from '../../contracts/hit.ts';
import { appendAnyDeed } from '../audit.fixtures.ts';
import { verifyAudit } from '../audit.ts';
import { FILLS, leavesOf, overwritePages, type Fill } from './damage.fixtures.ts';
import { testDb } from '../db.fixtures.ts';
import { setMeta, type Db } from '../db.ts';
import { sendAgain } from '../outbox/dead-letters.ts';
import { allDevices } from '../devices.ts';
import { listHits } from '../hits.fixtures.ts';
import { recordHit } from '../hits.ts';
import { getRefused } from '../lists.ts';
import { timeKeeper } from '../time.ts';
import { listOrders } from '../orders.ts';
import { deadLetters, outboxStats, outboxTotals, OutboxWriter } from '../outbox/outbox.ts';
import { openQueue, type DeliveryOutcome } from '../outbox/queue.ts';
import { settleAnchors } from '../anchors/rollback-check.ts';
import { sosSince } from '../sos-table.ts';
import { compactStream } from '../outbox/compact.ts';

const T0 = Date.UTC(2026, 0, 1);
const CUT = '{"a place that was cu';
const limits = { rows: 10_000, bytes: 1e8 };
const ALL = { now: T0 + 1e6, liveFrom: 0, busyStreams: [], limit: 10_000, onlyLive: false };

let folder: string;
let db: Db;
beforeEach(() => {
  folder = tempFolder();
  db = testDb(folder);
});

const outbox = () =>
  new OutboxWriter(db, { source: '/s', relays: ['room'], limits, now: () => T0, wake: () => undefined });
const add = (stream: string, more: object = {}): string =>
  outbox().enqueue({ type: 'io.sitebox.plate.hit.v2', subject: 's', time: T0, data: { stream }, stream, ...more });

describe('W2: an unreadable row of the outbox', () => {
  it.each(['data', 'evidence'])('becomes a dead letter, and the next row of its stream is sent (%s)', (column) => {
    const [bad, behind, other] = [add('a'), add('a'), add('b')];
    db.prepare(`UPDATE outbox SET ${column} = substr(data, 1, 5) WHERE id = ?`).run(bad);
    expect(drain()).toEqual(new Set([behind, other]));
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1, dead: 1 });
    expect(deadLetters(db, 'room')).toMatchObject([{ id: bad, why: expect.stringContaining('unreadable') as string }]);
    expect(db.damage.counts()).toEqual({ outbox: 1 });
    expect(db.damage.status.problems!().map((p) => p.key)).toEqual(['damaged:outbox']);
  });

  it.each(['null', '{}', '5', '[null]', '[{"sha256":5}]'])('does so too if its shape is wrong (%s)', (evidence) => {
    const [bad, behind] = [add('a'), add('a')];
    db.prepare('UPDATE outbox SET evidence = ? WHERE id = ?').run(evidence, bad);
    expect(drain()).toEqual(new Set([behind]));
    expect(deadLetters(db, 'room')).toMatchObject([{ id: bad }]);
    const heartbeat = add('health');
    db.prepare('UPDATE outbox SET evidence = ? WHERE id = ?').run(evidence, heartbeat);
    add('health', { supersedes: {} });
    expect(drain().size).toBe(1);
  });

  it.each(["id = 'é' || char(10)", 'timeMs = 9000000000000000000', 'sequence = -1'])(
    'does so too if no event can be made of it (%s)',
    (odd) => {
      const [bad, behind] = [add('a'), add('a')];
      db.prepare(`UPDATE outbox SET ${odd} WHERE id = ?`).run(bad);
      expect(drain()).toEqual(new Set([behind]));
      expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1, dead: 1 });
    },
  );

  it.each(['dead = 7', 'dead = -1', 'head = 2', 'head = -9', 'priority = 6', 'priority = 4294967295', 'priority = -2'])(
    'does so too if no query would find it (%s), and a person may send it again',
    (odd) => {
      const [bad, behind, other] = [add('a'), add('a'), add('b')];
      db.prepare(`UPDATE outbox SET ${odd} WHERE id = ?`).run(bad);
      expect(drain()).toEqual(new Set([behind, other]));
      expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1, dead: 1 });
      expect(deadLetters(db, 'room')).toMatchObject([
        { id: bad, why: expect.stringMatching(`unreadable: .*${odd.replace(' =', '')}`) as string },
      ]);
      expect(db.damage.status.problems!().map((p) => p.key)).toEqual(['damaged:outbox']);
      expect([...sendAgain(db, { relays: ['room'], which: 'all', by: 'Chief 1', at: T0 })]).toEqual([bad]);
      expect(drain()).toEqual(new Set([bad]));
      expect(outboxTotals(db, 'room')).toMatchObject({ rows: 0, dead: 0 });
    },
  );

  it('does not hinder a rewrite of its stream', () => {
    const ids = [add('crew'), add('crew'), add('crew')];
    db.prepare('UPDATE outbox SET data = ? WHERE id = ?').run(CUT, ids[1]);
    const seen: unknown[] = [];
    compactStream(db, { relay: 'room', stream: 'crew', from: 0 }, (data) => {
      seen.push(data);
      return data;
    });
    expect(seen).toEqual([{ stream: 'crew' }]);
    expect(() => add('crew', { supersedes: {} })).not.toThrow();
  });
});

/** Overwrites a leaf page of a table or index, from the middle. Returns false if there are too few. */
function overwrite(name: string, fill: Fill): void {
  const leaves = leavesOf(db, name);
  expect(leaves.length).toBeGreaterThan(2);
  db = overwritePages(db, folder, [leaves[Math.floor(leaves.length / 2)]!], fill);
}

/** Drains the outbox, as delivery would, until nothing new is due. */
function drain(): Set<string> {
  const queue = openQueue(db, 'room', '/s');
  queue.release();
  const liveFrom = queue.newest();
  const [got, seen] = [new Set<string>(), new Set<number>()];
  for (;;) {
    const rows = queue.due({ ...ALL, liveFrom, limit: 16 }).filter((r) => !seen.has(r.seq));
    if (rows.length === 0) return got;
    queue.settle(
      rows.map((row): DeliveryOutcome => {
        seen.add(row.seq);
        try {
          got.add(row.envelope.id);
          return { seq: row.seq, kind: 'stored' };
        } catch (error) {
          return { seq: row.seq, kind: 'rejected', why: (error as Error).message };
        }
      }),
    );
  }
}

describe.each(FILLS)('W2: a page of the outbox overwritten with %s', (_, fill) => {
  it('of an index: every row is sent', () => {
    const ids = new Set(Array.from({ length: 600 }, (_, i) => add(`s${i}`)));
    overwrite('outboxHead', fill);
    expect(drain()).toEqual(ids);
    expect(db.damage.counts()).toHaveProperty('outbox');
  });

  it('of the table: readable rows are sent, and the rest is counted', () => {
    const ids = new Set(Array.from({ length: 600 }, (_, i) => add(`s${i}`)));
    overwrite('outbox', fill);
    const got = drain();
    expect(got.size).toBeGreaterThan(550);
    for (const id of got) expect(ids.has(id)).toBe(true);
    const lost = ids.size - got.size;
    expect(lost).toBeGreaterThan(0);
    // The page itself, each row on it, and rows that cannot be removed from neighbouring pages.
    expect(db.damage.counts()['outbox']).toBeGreaterThan(lost);
    expect(() => [outboxStats(db, 'room', T0), deadLetters(db, 'room')]).not.toThrow();
  });
});

describe('W2: other unreadable rows', () => {
  const hit = (seen: number, more: Partial<PlateHit> = {}): PlateHit =>
    ({
      id: newId(T0 + seen),
      lane: 'lane-1',
      entry: 'E-1',
      listed: '皖A12345',
      first: T0,
      last: T0 + seen,
      sightings: 1,
      camera: 'cam',
      list: { type: 'plate-list', version: 1, sha256: 'a' },
      certainty: 'exact',
      clock: { highest: T0, behindMs: 0 },
      config: 'c',
      models: [],
      ...more,
    }) as unknown as PlateHit;

  it.each(['substr(body, 1, 20)', `'{}'`])(
    'a hit (%s): a sighting that would have joined it is a new hit, and the list goes on',
    (odd) => {
      const record = (h: PlateHit) => recordHit(db, { hit: h, evidence: [], windowMs: 60_000 }, outbox());
      const first = record(hit(0)).hit.id;
      db.prepare(`UPDATE hits SET body = ${odd} WHERE id = ?`).run(first);
      const second = record(hit(1_000));
      expect(second.fresh).toBe(true);
      expect(listHits(db, { limit: 10 }).map((h) => h.hit.id)).toEqual([second.hit.id]);
      // Sightings that join the second still do.
      expect(record(hit(2_000)).hit.id).toBe(second.hit.id);
      expect(record(hit(3_000, { id: first, sightings: 0 })).hit.id).toBe(second.hit.id);
      expect(db.damage.counts()).toEqual({ hits: 1 });
    },
  );

  it('the place of a call or order is left out; a device is known without its serials', () => {
    const insert = (sql: string, ...values: unknown[]): void => void db.prepare(sql).run(...values);
    insert(
      `INSERT INTO sos (id, device, name, role, kind, state, raisedMs, place) VALUES ('c', 'd', 'n', 'officer', 'bodycam', 'raised', ?, ?)`,
      T0,
      CUT,
    );
    insert(
      `INSERT INTO orders (id, origin, byWhom, text, place, createdMs) VALUES ('o', 'box', 'x', 't', ?, ?)`,
      CUT,
      T0,
    );
    insert(
      `INSERT INTO devices (id, kind, role, protocol, serials, addedMs, addedBy) VALUES ('d', 'bodycam', 'officer', 'bodycam', ?, ?, 'x')`,
      CUT,
      T0,
    );
    expect(sosSince(db, 0)).toMatchObject([{ id: 'c', state: 'raised' }]);
    expect(listOrders(db, 10)).toMatchObject([{ id: 'o', text: 't' }]);
    expect(allDevices(db)).toMatchObject([{ id: 'd', serials: [] }]);
    expect(db.damage.counts()).toEqual({ sos: 1, orders: 1, devices: 1 });
  });

  it('the facts in `meta`: each counts as never set, and the totals are recomputed', () => {
    const ids = [add('a'), add('b')];
    for (const key of ['outbox:room', 'sequence', 'mode', 'deviceProblems', 'listRefused', 'highestTimeMs'])
      setMeta(db, key, CUT);
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 2, dead: 0, evicted: 0 });
    const third = add('c');
    const row = db.prepare('SELECT sequence FROM outbox WHERE id = ?').pluck().get(third);
    expect(row).toBe(3);
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: ids.length + 1 });
    expect(currentMode(db, T0)).toMatchObject({ mode: 'normal' });
    const clock = { mono: () => 0, now: () => T0 };
    expect(() => openDeviceHealth({ db, outbox: outbox(), clock, batteryLowPercent: 15 })).not.toThrow();
    expect(getRefused(db)).toBeUndefined();
    expect(openClock(timeKeeper(db), () => T0).trusted()).toBe(T0);
    expect(db.damage.counts()).toEqual({ meta: 5 });
  });

  it('the facts in `meta` with another shape', () => {
    add('a');
    for (const odd of ['{}', '[null,5]', '5', 'null', '{"rows":"x","bytes":null}', '{"id":"x","time":"soon"}']) {
      for (const key of ['outbox:room', 'movedCameras', 'deviceProblems', 'trustedTimeSetting', 'highestTimeMs'])
        setMeta(db, key, odd);
      expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1, dead: 0 });
      expect(reportTampering(db, [], outbox())).toEqual([]);
      const clock = { mono: () => 0, now: () => T0 };
      expect(() => openDeviceHealth({ db, outbox: outbox(), clock, batteryLowPercent: 15 })).not.toThrow();
      expect(timeKeeper(db).setting!()).toBeUndefined();
    }
    setMeta(db, 'highestTimeMs', '1e300');
    expect(openClock(timeKeeper(db), () => T0).trusted()).toBe(T0);
  });

  it('W6: only the head, at a start: the rows exist, and no loss is recorded', () => {
    for (const what of ['one', 'two']) appendAnyDeed(db, { at: T0, who: 'x', what, detail: {} });
    settleAnchors(db, { now: () => T0, log: SILENT_LOG }).save();
    setMeta(db, 'auditHead', 'abc def');
    settleAnchors(db, { now: () => T0, log: SILENT_LOG });
    expect(verifyAudit(db)).toEqual({ ok: true, rows: 3 });
    // A row with an invalid number does not end what is written after it.
    db.prepare('UPDATE audit SET seq = 9223372036854775807 WHERE seq = 3').run();
    setMeta(db, 'auditHead', 'abc def');
    expect(() => settleAnchors(db, { now: () => T0, log: SILENT_LOG })).not.toThrow();
    expect(() => appendAnyDeed(db, { at: T0, who: 'x', what: 'three', detail: {} })).not.toThrow();
  });

  it('the head of the audit log: the chain continues after its last row, and records it', () => {
    for (const what of ['one', 'two']) appendAnyDeed(db, { at: T0, who: 'x', what, detail: {} });
    setMeta(db, 'auditHead', CUT);
    appendAnyDeed(db, { at: T0, who: 'x', what: 'three', detail: {} });
    const rows = db.prepare('SELECT seq, what FROM audit ORDER BY seq').all();
    expect(rows).toEqual([
      { seq: 1, what: 'one' },
      { seq: 2, what: 'two' },
      { seq: 3, what: 'audit head lost' },
      { seq: 4, what: 'three' },
    ]);
    expect(verifyAudit(db)).toEqual({ ok: true, rows: 4 });
  });

  it('a picture that does not fit its digest is not sent, its hit is', () => {
    const sha256 = 'e'.repeat(64);
    db.prepare('INSERT INTO evidence (sha256, mediaType, bytes) VALUES (?, ?, ?)').run(
      sha256,
      'image/jpeg',
      Buffer.of(1),
    );
    const id = add('a', { evidence: [{ what: 'plate', sha256 }] });
    const rows = openQueue(db, 'room', '/s').due(ALL);
    expect(rows.map((r) => [r.envelope.id, r.envelope.evidence])).toEqual([[id, []]]);
    expect(db.damage.counts()).toEqual({ evidence: 1 });
  });
});
