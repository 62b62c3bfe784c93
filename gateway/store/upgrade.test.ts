/** A store of 0.1.0 under the current code: nothing is lost, and no event leaves with an old name. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { openHttps } from '../../adapters/upstream/https/relay.ts';
import { startRoom, type Room } from '../../simulators/command-room/room.ts';
import { overwritePage, pagesOf, pageToDamage } from '../../simulators/faults/pages.ts';
import { CREW } from '../cli/crew/crew.fixtures.ts';
import { run } from '../cli/cli.fixtures.ts';
import { verifyStoreCommand } from '../cli/verify-store.ts';
import { Delivery } from '../upstream/deliver.ts';
import type { DocumentHit, PlateHit } from '../contracts/hit.ts';
import { verifyAudit } from './audit.ts';
import { checkStore } from './damage/check.ts';
import { testDb } from './db.fixtures.ts';
import { DB_FILE, isDamagedStore, type Db } from './db.ts';
import { listHits } from './hits.fixtures.ts';
import { recordHit } from './hits.ts';
import { sendAgain } from './outbox/dead-letters.ts';
import { OutboxWriter } from './outbox/outbox.ts';
import { outboxTotals, recountTotals } from './outbox/totals.ts';
import { isOutdated } from './store.ts';
import { OLD_NAMES, oldFolder, outboxRows, raw, RELAYS, type OutboxRow } from './upgrade.fixtures.ts';
import { testContext } from '../../simulators/conformance/context.ts';

const SOURCE = '/sites/demo/boxes/box-001';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
function opened(folder: string): Db {
  const db = testDb(folder);
  return db;
}

function errorOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

/** Checks that the totals beside the outbox are those of its rows. */
function expectSumsToFit(db: Db): void {
  for (const relay of RELAYS) {
    const kept = outboxTotals(db, relay);
    recountTotals(db, relay);
    expect(outboxTotals(db, relay)).toEqual(kept);
  }
}

/** Delivers `relay` to a command room of its own until nothing waits, and returns the room. */
async function delivered(db: Db, relayName: string): Promise<Room> {
  const room = await startRoom({ secret: SECRET });
  const relay = openHttps({ url: room.url, secret: 'env:S' }, testContext('room', { 'env:S': SECRET }));
  const clock = { now: Date.now, mono: () => performance.now() };
  const delivery = new Delivery({ db, relayName, relay, source: SOURCE, log: SILENT_LOG, clock, lookEveryMs: 20 });
  const ending = new AbortController();
  const running = delivery.run(ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await running;
    await relay.close?.();
    await room.close();
  });
  const waiting = (): number => outboxTotals(db, relayName).rows - outboxTotals(db, relayName).dead;
  await vi.waitFor(() => expect(waiting()).toBe(0), { timeout: 30_000, interval: 20 });
  return room;
}

it('is opened and sound', () => {
  const folder = oldFolder();
  expect(isOutdated(folder)).toBe(true);
  testDb(folder).close();
  expect(isOutdated(folder)).toBe(false);
  const db = opened(folder);
  expect(checkStore(db).damages).toEqual([]);
  expect(verifyAudit(db)).toEqual({ ok: true, rows: 20 });
  expect(listHits(db, { limit: 10 }).map(({ hit }) => hit.sightings)).toEqual([1, 1, 1, 2, 2]);
  expect(new Set(listHits(db, { limit: 10 }).flatMap(({ evidence }) => evidence.map((e) => e.what)))).toEqual(
    new Set(['plate', 'vehicle', 'lane']),
  );
  expectSumsToFit(db);
});

it('has the new names in hits and events, and is otherwise unchanged', () => {
  const folder = oldFolder();
  const before = outboxRows(folder);
  const audit = (): unknown => raw(folder, (db) => db.prepare('SELECT * FROM audit').all());
  const auditBefore = audit();
  expect(JSON.stringify(before.map((row) => [row.type, row.data, row.evidence]))).toMatch(/camera moved/);
  testDb(folder).close();
  const after = outboxRows(folder);
  const rest = (row: OutboxRow) => ({
    ...row,
    type: row.type.slice(0, -1),
    data: '',
    evidence: '',
    bytes: 0,
    head: 0,
  });
  expect(after.map(rest)).toEqual(before.map(rest));
  for (const { type, data, evidence } of after) expect(`${type} ${data} ${evidence}`).not.toMatch(OLD_NAMES);
  raw(folder, (db) => {
    for (const { body } of db.prepare('SELECT body FROM hits').all()) expect(body).not.toMatch(OLD_NAMES);
  });
  expect(audit()).toEqual(auditBefore);
});

it('is delivered to the last event, refused ones included', async () => {
  const folder = oldFolder();
  const before = outboxRows(folder);
  const db = opened(folder);
  for (const relay of RELAYS) {
    const rows = before.filter((row) => row.relay === relay);
    const room = await delivered(db, relay);
    expect(
      room
        .events()
        .map((e) => e.id)
        .sort(),
    ).toEqual(rows.flatMap((r) => (r.dead === 0 ? [r.id] : [])).sort());
    expect(Array.from(sendAgain(db, { relays: [relay], which: 'all', by: 'Chief 1', at: Date.now() }))).toHaveLength(
      11,
    );
    await vi.waitFor(() => expect(outboxTotals(db, relay)).toEqual({ rows: 0, bytes: 0, dead: 0, evicted: 0 }), {
      timeout: 30_000,
      interval: 20,
    });
    expect(room.refusals()).toEqual([]);
    const events = room.events();
    expect(events.map((e) => e.id).sort()).toEqual(rows.map((r) => r.id).sort());
    expect(new Set(events.map((e) => e.source))).toEqual(new Set([SOURCE]));
    expect(JSON.stringify(events)).not.toMatch(OLD_NAMES);
    expect(room.evidence()).toHaveLength(10);
    const moved = events.find((e) => (e.data as { camera?: string }).camera === 'south');
    expect(moved).toMatchObject({ type: 'io.sitebox.device.v2', data: { what: 'tampering', confidence: 0.8 } });
  }
});

it('takes an update of a hit that 0.1.0 stored as an update of that hit', () => {
  const db = opened(oldFolder());
  const outbox = new OutboxWriter(db, {
    source: SOURCE,
    relays: RELAYS,
    limits: { rows: 1e4, bytes: 1e9 },
    now: () => Date.now(),
    wake: () => undefined,
  });
  const [document, , , , plate] = listHits(db, { limit: 5 }).map((h) => h.hit) as [
    DocumentHit,
    unknown,
    unknown,
    unknown,
    PlateHit,
  ];
  for (const earlier of [document, plate]) {
    const again = { ...earlier, id: 'other', first: earlier.last, last: earlier.last, sightings: 1 };
    const { hit, fresh } = recordHit(db, { hit: again, evidence: [], windowMs: 60_000 }, outbox);
    expect({ fresh, id: hit.id, sightings: hit.sightings }).toEqual({
      fresh: false,
      id: earlier.id,
      sightings: earlier.sightings + 1,
    });
  }
  expectSumsToFit(db);
});

describe('damaged', () => {
  const CUT = `UPDATE hits SET body = substr(body, 1, 100) WHERE rowid = 1;
    UPDATE outbox SET data = substr(data, 1, 100), evidence = substr(evidence, 1, 20) WHERE seq IN (1, 2, 3, 4);
    UPDATE meta SET value = '{"rows":' WHERE key = 'outbox:broker'`;

  it('is opened, rows cut off are skipped and noted, and the rest arrives', async () => {
    const db = opened(oldFolder(CUT));
    const room = await delivered(db, 'room');
    expect(listHits(db, { limit: 10 })).toHaveLength(4);
    expect(db.damage.counts()).toMatchObject({ hits: 1, outbox: 1 });
    expect(room.events()).toHaveLength(22);
    expect(JSON.stringify(room.events())).not.toMatch(OLD_NAMES);
    expectSumsToFit(db);
  });

  it('on a page, is left unchanged and reported as damaged', () => {
    const folder = oldFolder();
    const path = join(folder, DB_FILE);
    overwritePage(path, pageToDamage(pagesOf(path), 'outbox', 'leaf')!.number, 'random');
    const error = errorOf(() => testDb(folder));
    expect(String(error)).toContain('verify-store --repair');
    expect(isDamagedStore(error)).toBe(true);
    expect(raw(folder, (db) => db.prepare('PRAGMA user_version').get())).toEqual({ user_version: 3 });
  });

  it('gets the new names in its readable part when it is repaired', async () => {
    const folder = oldFolder(CUT);
    const [config, storage] = [join(folder, 'box.yaml'), join(folder, 'store')];
    const rest = { lists: { trust: 'root.json' }, crew: CREW };
    writeFileSync(config, JSON.stringify({ site: 'demo', storage: { folder: 'store' }, ...rest }));
    mkdirSync(storage);
    renameSync(join(folder, DB_FILE), join(storage, DB_FILE));
    const repair = await run(verifyStoreCommand(), ['--config', config, '--repair', '--by', 'A. Person']);
    expect(repair).toMatchObject({ code: 0 });
    const rows = outboxRows(storage);
    expect(rows).toHaveLength(64);
    for (const { type, data, evidence } of rows) expect(`${type} ${data} ${evidence}`).not.toMatch(OLD_NAMES);
    const db = opened(storage);
    expect(listHits(db, { limit: 10 })).toHaveLength(4);
    expectSumsToFit(db);
  });
});
