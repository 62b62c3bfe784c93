/** A store of 0.1.0 (testdata/README.md) under the code of today. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { verifyAudit } from './audit.ts';
import { checkStore } from './damage/check.ts';
import { DB_FILE, openDb } from './db.ts';
import { listHits } from './hits.ts';
import { outboxTotals, recountTotals } from './outbox/totals.ts';

const OLD_STORE = gunzipSync(readFileSync(new URL('testdata/store-0.1.0.db.gz', import.meta.url)));

/** A folder with a store of 0.1.0. */
function oldFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-upgrade-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, DB_FILE), OLD_STORE, { mode: 0o600 });
  return folder;
}

it('is opened, and all of it is sound', () => {
  const db = openDb(oldFolder());
  onTestFinished(() => db.close());
  expect(checkStore(db).damages).toEqual([]);
  expect(verifyAudit(db)).toEqual({ ok: true, rows: 20 });
  expect(listHits(db, { limit: 10 })).toHaveLength(5);
  for (const relay of ['room', 'broker']) {
    const kept = outboxTotals(db, relay);
    recountTotals(db, relay);
    expect(outboxTotals(db, relay)).toEqual(kept);
  }
});
