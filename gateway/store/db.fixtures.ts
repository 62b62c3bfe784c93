/** A store for tests. */
import { afterAll } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { openDb, type Db } from './db.ts';

const stores: Db[] = [];

afterAll(() => {
  for (const db of stores) db.close();
});

/** Opens a store, in a new folder unless one is named; it is closed when the test file has ended. */
export function testDb(folder = tempFolder()): Db {
  const db = openDb(folder);
  stores.push(db);
  return db;
}
