/** Obstacles to the store: at its lock, in place of its files, or a layout of another version. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { checkStore } from '../damage/check.ts';
import { DB_FILE, explainStore, openDb } from '../db.ts';
import { FolderInUse, lockFolder } from './lock.ts';
import { LOCK_FILE } from '../files/names.ts';
import { openStore, type Store } from '../store.ts';

function newFolder(): string {
  const folder = tempFolder();
  return join(folder, 'data');
}

function open(folder: string): Store {
  const store = openStore(folder, SILENT_LOG);
  onTestFinished(() => store.close());
  return store;
}

const file = (folder: string) => join(folder, DB_FILE);
const refusal = ({ db }: Store) => db.health.state().refusal;

test('W12: a second box is kept out even if the lock file is removed or replaced under the first', () => {
  const folder = newFolder();
  const lockFile = join(folder, LOCK_FILE);
  const store = open(folder);
  rmSync(lockFile);
  store.look();
  expect(() => openStore(folder, SILENT_LOG)).toThrow(FolderInUse);
  rmSync(lockFile);
  mkdirSync(lockFile);
  store.look();
  expect(() => openStore(folder, SILENT_LOG)).toThrow(FolderInUse);
  expect(refusal(store)).toBeUndefined();
  // The faster one goes on, and this one reports why it does not.
  rmSync(lockFile);
  const other = lockFolder(folder);
  store.look();
  expect(refusal(store)).toMatchObject({ kind: 'moved', why: expect.stringContaining('another sitebox') as string });
  other.release();
  store.look();
  expect(refusal(store)).toBeUndefined();
});

test('W12: an obstacle in place of the lock file, or content in it, does not prevent a start', () => {
  const folder = newFolder();
  open(folder).close();
  writeFileSync(join(folder, LOCK_FILE), 'x'.repeat(9_000));
  open(folder).close();
  rmSync(join(folder, LOCK_FILE));
  mkdirSync(join(folder, LOCK_FILE));
  const store = open(folder);
  expect(() => openStore(folder, SILENT_LOG)).toThrow(FolderInUse);
  store.close();
});

test('W1: a store that cannot be opened names the obstacle', () => {
  const folder = newFolder();
  openDb(folder).close();
  mkdirSync(`${file(folder)}-shm`);
  expect(() => openStore(folder, SILENT_LOG)).toThrow(/there is a folder in the place of sitebox.db-shm/);
  rmSync(`${file(folder)}-shm`, { recursive: true });
  const db = openDb(folder);
  db.pragma('user_version = 999');
  db.close();
  expect(() => openStore(folder, SILENT_LOG)).toThrow(/the version that wrote it, or a newer one/);
});

test('W2: a missing table or index is damage, and its message names the remedy', () => {
  const folder = newFolder();
  const db = openDb(folder);
  db.exec('DROP INDEX outboxHead');
  let error: unknown;
  try {
    db.prepare('SELECT 1 FROM outbox INDEXED BY outboxHead').get();
  } catch (e) {
    error = e;
  }
  db.close();
  expect(explainStore(folder, error)).toMatchObject({ message: expect.stringContaining('verify-store') as string });
});

test('W6: a missing table or index is found by the check', () => {
  const db = openDb(newFolder());
  expect(checkStore(db).damages).toEqual([]);
  db.exec('DROP TABLE counts; DROP INDEX outboxHead; DROP TRIGGER outboxLeft');
  expect(checkStore(db).damages).toMatchObject([
    { part: 'counts', what: 'is missing' },
    { part: 'outbox', index: 'outboxHead', what: 'is missing' },
    { part: 'outbox', what: 'outboxLeft is missing' },
  ]);
  db.close();
});
