/** A new key: every row is under it, the old one is gone, and a kill in the middle loses nothing. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { fillStore, RELAY } from '../../../simulators/faults/store-fill.ts';
import { filesUnder } from '../../../simulators/faults/traces.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { verifyAudit } from '../audit.ts';
import { checkStore } from '../damage/check.ts';
import { openDb, type Db } from '../db.ts';
import { KEYS_FILE } from '../files/names.ts';
import { listHits } from '../hits.fixtures.ts';
import { listOrders } from '../orders.ts';
import { outboxTotals, recountTotals } from '../outbox/totals.ts';
import { SEALED_NAMES } from './columns.ts';
import { readKeyFile } from './key-file.ts';
import { idOf } from './keyring.ts';
import { replaceKeys } from './keys.ts';
import { rekeyStore } from './rekey.ts';
import { sealNothing, storedTracks } from './sealing.fixtures.ts';
import { portionsOf } from './walk.ts';

const ROUNDS = 150;
const BY = { by: 'A. Person', at: Date.parse('2026-11-30T12:00:00Z') };
let folder: string;
let keys: string;

beforeEach(() => {
  folder = tempFolder();
  keys = join(folder, KEYS_FILE);
});

function open(): Db {
  const db = openDb(folder);
  onTestFinished(() => db.close());
  return db;
}

/** How many values of the store cannot be opened, or are plain. */
function unopened(db: Db): number {
  const values = SEALED_NAMES.flatMap((name) =>
    [...portionsOf(db, name)].flat().map(({ row, value }) => db.sealing.look(name, row, value).state),
  );
  return values.filter((state) => state === 'lost' || state === 'altered').length;
}

/** All that people would miss. */
function contentOf(db: Db) {
  return { hits: listHits(db, { limit: 1_000 }), orders: listOrders(db, 1_000), tracks: storedTracks(db) };
}

function keyIds(db: Db): readonly string[] {
  const values = SEALED_NAMES.flatMap((name) => [...portionsOf(db, name)].flat());
  const starts = values
    .filter(({ value }) => value !== '[]')
    .map(({ value }) => {
      const bytes = typeof value === 'string' ? Buffer.from(value.slice(1, 9), 'base64url') : value.subarray(1, 7);
      return bytes.toString('hex');
    });
  return [...new Set(starts)];
}

test('every value is sealed again, the old key is nowhere, and the totals and the audit log hold', () => {
  const db = open();
  fillStore(db, 20);
  const before = contentOf(db);
  const [old] = readKeyFile(keys)!.masters;
  const report = rekeyStore(db, folder, BY)!;
  expect(report.unopened).toBe(0);
  expect(report.values).toBeGreaterThan(20 * 6);
  expect(contentOf(db)).toEqual(before);
  expect(keyIds(db)).toEqual([report.key]);
  expect(readKeyFile(keys)).toMatchObject({ ids: [report.key], rekeying: false });
  expect(filesUnder(folder).filter(({ bytes }) => bytes.includes(old!))).toEqual([]);
  const kept = outboxTotals(db, RELAY);
  recountTotals(db, RELAY);
  expect(outboxTotals(db, RELAY)).toEqual(kept);
  expect(verifyAudit(db)).toMatchObject({ ok: true });
  expect(db.prepare(`SELECT who FROM audit WHERE what = 'store sealed again'`).pluck().all()).toEqual(['A. Person']);
  expect(checkStore(db).damages).toEqual([]);
});

test('what an earlier version wrote plain is sealed, and its events count as many bytes as they have', () => {
  const earlier = openDb(folder);
  sealNothing(earlier);
  fillStore(earlier, 5);
  earlier.prepare('UPDATE tracks SET place = NULL, lat = 31.5, lon = 117.5').run();
  earlier.close();
  const db = open();
  const hits = listHits(db, { limit: 10 });
  const { key } = rekeyStore(db, folder, BY)!;
  expect(listHits(db, { limit: 10 })).toEqual(hits);
  expect(keyIds(db)).toEqual([key]);
  expect(storedTracks(db)[0]).toMatchObject({ lat: 31.5, lon: 117.5 });
  expect(db.prepare('SELECT count(*) FROM tracks WHERE lat <> 0 OR lon <> 0').pluck().get()).toBe(0);
  const kept = outboxTotals(db, RELAY);
  recountTotals(db, RELAY);
  expect(outboxTotals(db, RELAY)).toEqual(kept);
});

test('rows whose key is lost stay as they are', () => {
  const first = openDb(folder);
  fillStore(first, 3);
  first.close();
  const saved = readFileSync(keys);
  replaceKeys(keys, [randomBytes(32)], { credential: null, rekeying: false });
  const db = open();
  const lost = unopened(db);
  expect(lost).toBeGreaterThan(0);
  fillStore(db, 3, Date.now() + 60_000);
  expect(rekeyStore(db, folder, BY)).toMatchObject({ unopened: lost });
  writeFileSync(join(folder, `${KEYS_FILE}.found`), saved, { mode: 0o600 });
  expect(unopened(open())).toBe(0);
});

const REKEY = `
  import { writeSync } from 'node:fs';
  import { openDb } from '${new URL('../db.ts', import.meta.url).href}';
  import { rekeyStore } from '${new URL('./rekey.ts', import.meta.url).href}';
  const db = openDb(process.argv[1]);
  writeSync(1, 'begin');
  rekeyStore(db, process.argv[1], { by: 'A. Person', at: Date.now() });
`;

/** Kills a process that seals again, after `ms`; true if it had not ended. */
async function killed(ms: number): Promise<boolean> {
  const args = ['--input-type=module', '-e', REKEY, '--', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), ms);
  await once(child, 'exit');
  return child.signalCode === 'SIGKILL';
}

test('a kill at any point leaves every value readable, and the next try ends it', async () => {
  const filled = openDb(folder);
  fillStore(filled, ROUNDS);
  const before = contentOf(filled);
  const startedAt = performance.now();
  rekeyStore(filled, folder, BY);
  const tookMs = performance.now() - startedAt;
  filled.close();
  let inTheMiddle = 0;
  for (const part of [0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1]) {
    if (await killed(part * tookMs)) inTheMiddle++;
    const db = openDb(folder);
    expect(unopened(db)).toBe(0);
    expect(contentOf(db)).toEqual(before);
    expect(checkStore(db).damages).toEqual([]);
    db.close();
  }
  expect(inTheMiddle, 'killed before it ended').toBeGreaterThan(2);
  const db = open();
  const { key } = rekeyStore(db, folder, BY)!;
  expect(readKeyFile(keys)).toMatchObject({ ids: [key], rekeying: false });
  expect(keyIds(db)).toEqual([key]);
  expect(contentOf(db)).toEqual(before);
});

test('a try that destroys the old key first is noticed', () => {
  const db = open();
  fillStore(db, 3);
  const early = randomBytes(32);
  const id = idOf(early);
  replaceKeys(keys, [early], { credential: null, rekeying: true });
  const again = open();
  expect(again.sealing.keys.keyring.current).toBe(id);
  expect(unopened(again)).toBeGreaterThan(0);
});
