/** A named person restarts versions (`trust --replace`, lists dropped with the root): neither older anchors nor an older store undo that. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { installRoot, readTrust, replaceRoot } from '../../lists/in-force/box-root.ts';
import { office } from '../../lists/lists.fixtures.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { highestVersion, readAnchors } from './anchors.ts';
import { ANCHORS_FILE } from '../files/names.ts';
import { appendAnyDeed } from '../audit.fixtures.ts';
import { DB_FILE, openDb, type Db } from '../db.ts';
import { atomically, getList, listRoots, putList } from '../lists.ts';
import { settleAnchors } from './rollback-check.ts';

const T0 = Date.UTC(2026, 0, 1);
const BY = { now: T0, who: 'A. Person' };
const settle = (db: Db) => settleAnchors(db, { now: () => T0, log: SILENT_LOG });
const listOf = (version: number) => ({
  type: 'plate-list' as const,
  version,
  sha256: String(version).repeat(64),
  bytes: Buffer.from('x'),
  signatures: '',
  importedMs: T0,
  importedBy: 'A. Person',
});
const [before, after] = [office(), office()];

/** The old root and list 9 in force, then replaced by another root; `older` and `anchors.older` are from before. */
function replaced(): { folder: string; db: Db; open: () => Db } {
  const folder = tempFolder();
  const opened: Db[] = [];
  onTestFinished(() => {
    for (const db of opened) db.close();
  });
  const open = (): Db => {
    opened.push(openDb(folder));
    return opened.at(-1)!;
  };
  const db = open();
  settle(db);
  expect(installRoot(db, before.rootFile, BY).ok).toBe(true);
  // A later root of the same chain, with a number that the new chain has not reached.
  db.prepare('UPDATE roots SET version = 5').run();
  atomically(db, () => putList(db, listOf(9)));
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(join(folder, DB_FILE), join(folder, 'older'));
  copyFileSync(join(folder, ANCHORS_FILE), join(folder, 'anchors.older'));
  expect(readAnchors(folder)).toMatchObject({ anchors: { root: { version: 5 } } });
  expect(replaceRoot(db, after.rootFile, BY).ok).toBe(true);
  return { folder, db, open };
}

test('W6: anchors that could no longer be written do not undo the replacement of a root', () => {
  const { folder, db } = replaced();
  copyFileSync(join(folder, 'anchors.older'), join(folder, ANCHORS_FILE));
  settle(db);
  expect(readTrust(db, after.rootFile)).toMatchObject({ ok: true, value: { root: { version: 1 } } });
  // The dropped list does not bar the first of the new chain.
  expect(highestVersion(db, 'plate-list')).toBeUndefined();
  expect(readAnchors(folder)).toMatchObject({
    anchors: { root: { version: 1, sha256: after.root.sha256 }, lists: {} },
  });
});

test('W6: an older store does not bring back the replaced root, nor its list', () => {
  const { folder, db, open } = replaced();
  atomically(db, () => putList(db, listOf(2)));
  db.close();
  copyFileSync(join(folder, 'older'), join(folder, DB_FILE));
  const older = open();
  // Written by a command before any gateway has checked the store.
  appendAnyDeed(older, { at: T0, who: 'A. Person', what: 'x', detail: {} });
  atomically(older, () => undefined);
  settle(older);
  expect(listRoots(older)).toEqual([]);
  expect(getList(older, 'plate-list')).toBeUndefined();
  expect(highestVersion(older, 'plate-list')?.version).toBe(2);
  expect(readTrust(older, before.rootFile)).toMatchObject({ ok: false, why: 'rolled back' });
  expect(readTrust(older, after.rootFile)).toMatchObject({ ok: true, value: { root: { version: 1 } } });
  expect(readAnchors(folder)).toMatchObject({ anchors: { root: { version: 1 } } });
});
