/** A store of 0.1.0 with a full outbox: it is upgraded in seconds, and a kill meanwhile leaves the old store or the new one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PATIENCE_FACTOR } from '../../simulators/patience.ts';
import { DB_FILE, openDb } from './db.ts';
import { migrations } from './migrations.ts';
import { outboxTotals, recountTotals } from './outbox/totals.ts';
import { oldFolder, raw, RELAYS } from './upgrade.fixtures.ts';

/** The fixture's 68 events and 5 hits, multiplied by `times`. */
const more = (times: number): string => `
  CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
  WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ${times}) INSERT INTO n SELECT i FROM k;
  PRAGMA synchronous = OFF;
  INSERT INTO outbox (relay, id, type, priority, stream, timeMs, createdMs, subject, sequence, data, evidence, bytes, dueMs, dead)
    SELECT relay, id || '-' || i, type, priority, stream || '-' || i, timeMs, createdMs, subject, sequence, data, evidence, bytes, dueMs, dead
    FROM n, outbox WHERE seq <= (SELECT max(seq) FROM outbox);
  INSERT INTO hits SELECT id || '-' || i, listType, entry, lane, firstMs, lastMs, seen, body FROM n, hits;
  UPDATE meta SET value = json_object('rows', 34 * ${times + 1}, 'bytes', 20619 * ${times + 1}, 'dead', 11 * ${times + 1}, 'evicted', 0)
    WHERE key LIKE 'outbox:%';
`;
const isNew = { layout: migrations.length, old: 0, sound: 'ok' };
/** 28 events and 5 hits of the fixture have names of 0.1.0. */
const isOld = (times: number) => ({ layout: 3, old: 33 * (times + 1), sound: 'ok' });

function state(folder: string): { readonly layout: unknown; readonly old: unknown; readonly sound: unknown } {
  return raw(folder, (db) => {
    const one = (sql: string): unknown => Object.values(db.prepare(sql).get() ?? {})[0];
    const old = `SELECT (SELECT count(*) FROM outbox WHERE type LIKE '%.hit.v1' OR type LIKE '%.device.v1')
      + (SELECT count(*) FROM hits WHERE body LIKE '%"seen":%')`;
    return { layout: one('PRAGMA user_version'), old: one(old), sound: one('PRAGMA quick_check(1)') };
  });
}

it('200,000 events and 14,705 hits are upgraded in seconds', () => {
  const folder = oldFolder(more(2_940));
  const start = performance.now();
  const db = openDb(folder);
  const tookMs = performance.now() - start;
  console.log(`200,000 events of 0.1.0 are brought up to date in ${(tookMs / 1000).toFixed(1)} s`);
  expect(tookMs).toBeLessThan(60_000 * PATIENCE_FACTOR);
  for (const relay of RELAYS) {
    const kept = outboxTotals(db, relay);
    recountTotals(db, relay);
    expect(outboxTotals(db, relay)).toEqual(kept);
  }
  db.close();
  expect(state(folder)).toEqual(isNew);
});

const OPEN = `
  import { writeSync } from 'node:fs';
  import { openDb } from '${new URL('./db.ts', import.meta.url).href}';
  writeSync(1, 'begin');
  openDb(process.argv[1]);
`;

it('a store killed during the upgrade is whole: the old one or the new one', async () => {
  const times = 300;
  const folder = oldFolder(more(times));
  const copy = (): string => {
    const to = oldFolder();
    copyFileSync(join(folder, DB_FILE), join(to, DB_FILE));
    return to;
  };
  const start = performance.now();
  openDb(copy()).close();
  const tookMs = performance.now() - start;
  const layouts: unknown[] = [];
  for (const part of [0.2, 0.4, 0.6, 0.8, 1]) {
    const killed = copy();
    const args = ['--input-type=module', '-e', OPEN, '--', killed];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    setTimeout(() => child.kill('SIGKILL'), part * tookMs);
    await once(child, 'exit');
    const found = state(killed);
    expect(found).toEqual(found.layout === 3 ? isOld(times) : isNew);
    layouts.push(found.layout);
    openDb(killed).close();
    expect(state(killed)).toEqual(isNew);
  }
  expect(layouts, 'at least one was killed in the middle').toContain(3);
});
