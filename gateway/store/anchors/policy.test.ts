/** The policy of a site survives its store: an older one put back takes no older policy. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SILENT_LOG } from '../../contracts/base.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { beginAnew, readAnchors } from './anchors.ts';
import { testDb } from '../db.fixtures.ts';
import { DB_FILE, type Db } from '../db.ts';
import { atomically, highestPolicy, setHighestPolicy } from '../lists.ts';
import { settleAnchors } from './rollback-check.ts';

const settle = (db: Db) => settleAnchors(db, { now: () => Date.UTC(2026, 0, 1), log: SILENT_LOG });
const anchors = (folder: string) => {
  const read = readAnchors(folder);
  if (read.state !== 'ok') throw new Error(`anchors.json is ${read.state}`);
  return read.anchors;
};

test('W6: an older store put back takes no older policy of the site', () => {
  const folder = tempFolder();
  let db = testDb(folder);
  settle(db);
  const take = (version: number) =>
    atomically(db, () => setHighestPolicy(db, { version, sha256: String(version).repeat(64) }));
  take(3);
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(join(folder, DB_FILE), join(folder, 'older'));
  take(4);
  expect(anchors(folder).policy?.version).toBe(4);
  db.close();
  copyFileSync(join(folder, 'older'), join(folder, DB_FILE));
  db = testDb(folder);
  settle(db);
  expect(highestPolicy(db)).toEqual({ version: 4, sha256: '4'.repeat(64) });
  // Dropped with the root by a person: the office begins with version 1 again.
  atomically(db, () => beginAnew(db, 'policy'));
  expect([highestPolicy(db), anchors(folder).policy, anchors(folder).begun]).toEqual([
    undefined,
    undefined,
    { policy: 1 },
  ]);
});
