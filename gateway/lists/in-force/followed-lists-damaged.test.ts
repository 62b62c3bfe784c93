/** The lists of a box that goes on without its damaged store: what was salvaged is in force, verified as always; what was not is said to be lost. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { DB_FILE, openDb, openDbReader, type Db } from '../../store/db.ts';
import { openWithoutStore, type Store } from '../../store/store.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { installRoot } from './box-root.ts';
import { DEFAULT_LIST_LIMITS } from '../bundle.ts';
import { writeSigned } from '../files.ts';
import { list, NOW, office, read, SITE, type Office } from '../lists.fixtures.ts';
import { FollowedLists } from './followed-lists.ts';
import { importBundle } from './import.fixtures.ts';

let folder: string;
let o: Office;
let store: Store;
let lists: FollowedLists;

beforeEach(() => {
  folder = tempFolder();
  o = office();
  writeSigned(join(folder, 'root.json'), o.rootFile);
  const by = { now: NOW, who: 'officer' };
  const db = openDb(folder);
  installRoot(db, o.rootFile, by);
  const file = list(o.listKeys, { version: 7 });
  expect(importBundle(db, { ...by, file, site: SITE, limits: DEFAULT_LIST_LIMITS }).ok).toBe(true);
  db.close();
});
afterEach(async () => {
  await lists.close();
  store.close();
});

/** Serves without the store once `damage` is done to its file. `within`: what happens to what was salvaged. */
async function serve(damage: (file: Buffer) => Buffer, within: (db: Db) => void = () => undefined): Promise<void> {
  const path = join(folder, DB_FILE);
  writeFileSync(path, damage(readFileSync(path)));
  expect(() => openDbReader(folder), 'the file itself cannot be loaded').toThrow();
  store = openWithoutStore(folder, 'planted', SILENT_LOG);
  store.db.health.reopen();
  within(store.db);
  store.db.health.shut('damaged', 'planted');
  const trustFile = join(folder, 'root.json');
  const options = { db: store.db, folder, site: SITE, trustFile, timeZone: 'UTC', limits: DEFAULT_LIST_LIMITS };
  lists = new FollowedLists({ ...options, now: () => NOW, log: SILENT_LOG });
  await lists.started();
}
const withoutLayout = (file: Buffer): Buffer => (file.writeUInt32BE(0, 60), file);

it('W6: a list that could be read of a damaged store is in force, and a listed plate matches', async () => {
  await serve(withoutLayout);
  expect(lists.loadError()).toBeUndefined();
  expect(lists.state('plate-list', NOW)).toMatchObject({ state: 'in force', ref: { version: 7 }, entries: 1 });
  expect(lists.matchPlate(read('皖A12345'), 'north', NOW)).toMatchObject({ certainty: 'exact', entry: { id: 'E-1' } });
  // This one could not be read, or was never there.
  expect(lists.state('doc-list', NOW)).toMatchObject({ state: 'not in force', why: 'lost' });
});

it('W6: what was salvaged is verified as any other list', async () => {
  await serve(withoutLayout, (db) => {
    const { signatures } = list(office().listKeys, { version: 7 });
    db.prepare('UPDATE lists SET signatures = ?').run(signatures);
  });
  expect(lists.state('plate-list', NOW)).toMatchObject({ state: 'not in force', why: 'unsigned' });
  expect(lists.matchPlate(read('皖A12345'), 'north', NOW)).toBeUndefined();
});

it('W6: where nothing could be read the list is said to be lost, and nobody is told to import one', async () => {
  await serve(() => Buffer.from('not a store'.repeat(1_000)));
  expect(lists.state('plate-list', NOW)).toEqual({
    state: 'not in force',
    why: 'lost',
    detail: 'no plate-list could be read out of the damaged store',
  });
});
