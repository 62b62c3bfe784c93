/** `sitebox verify-store` on files that are no stores. */
import Database from 'better-sqlite3';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { DB_FILE, openDb } from '../store/db.ts';
import { CREW } from './crew/crew.fixtures.ts';
import { run } from './cli.fixtures.ts';
import { verifyStoreCommand } from './verify-store.ts';

function layBox(): { readonly config: string; readonly storage: string; readonly store: string } {
  const folder = tempFolder();
  const [config, storage] = [join(folder, 'box.yaml'), join(folder, 'store')];
  const rest = { lists: { trust: 'root.json' }, crew: CREW, upstream: [{ id: 'room', kind: 'https' }] };
  writeFileSync(config, JSON.stringify({ site: 'demo', storage: { folder: 'store' }, ...rest }));
  mkdirSync(storage);
  return { config, storage, store: join(storage, DB_FILE) };
}

const write = (sql: string) => (path: string) => {
  const file = new Database(path);
  file.exec(sql);
  file.close();
};

test.each([
  ['no byte', (path: string) => writeFileSync(path, ''), 'an empty SQLite file', 'makes a new, empty one of it'],
  ['no table', write('VACUUM'), 'an empty SQLite file', 'makes a new, empty one of it'],
  ['tables of others', write('CREATE TABLE songs (id)'), 'another program', 'move the file away'],
  ['a layout of others', write('CREATE TABLE s (n); PRAGMA user_version = 3'), 'another program', 'move the'],
  ['numbers of others', write('CREATE TABLE s (n INTEGER PRIMARY KEY AUTOINCREMENT)'), 'another program', 'move the'],
])('W6: a file with %s is said to be no store, with what to do, and is left as it is', async (_, make, what, todo) => {
  const { config, storage, store } = layBox();
  make(store);
  const before = readFileSync(store);
  for (const how of [[], ['--repair', '--by', 'A. Person']]) {
    const { code, out, err } = await run(verifyStoreCommand(), ['--config', config, ...how]);
    expect(code).toBe(74);
    expect(out).toBe('');
    expect(err).toContain(`${store} is no store of sitebox: it is `);
    for (const words of [what, todo, 'restore its last backup']) expect(err).toContain(words);
  }
  expect(readFileSync(store).equals(before)).toBe(true);
  expect(readdirSync(storage).filter((name) => !name.startsWith(`${DB_FILE}-`))).toEqual([DB_FILE]);
});

test.each([
  [0, 'PRAGMA user_version = 0; DROP TABLE counts'],
  [4, 'PRAGMA user_version = 4'],
  [5, 'PRAGMA user_version = 5'],
])('W6: a store whose layout is lost, and says %i, is a store: it is repaired', async (layout, sql) => {
  const { config, storage, store } = layBox();
  openDb(storage).close();
  write(sql)(store);
  const found = await run(verifyStoreCommand(), ['--config', config]);
  expect(found).toMatchObject({
    code: 1,
    out: expect.stringContaining(`damaged: the header: says layout ${layout}`) as string,
  });
  expect(found.err).toContain('--repair');
  const repair = await run(verifyStoreCommand(), ['--config', config, '--repair', '--by', 'A. Person']);
  expect(repair).toMatchObject({ code: 0 });
  expect(await run(verifyStoreCommand(), ['--config', config])).toMatchObject({ code: 0 });
});

test('W6: a store of a later version is not judged', async () => {
  const { config, storage, store } = layBox();
  openDb(storage).close();
  write('PRAGMA user_version = 99')(store);
  for (const how of [[], ['--repair', '--by', 'A. Person']]) {
    const { code, out, err } = await run(verifyStoreCommand(), ['--config', config, ...how]);
    expect([code, out]).toEqual([74, '']);
    expect(err).toContain('newer sitebox (layout 99, ');
    expect(readdirSync(storage).filter((name) => name.includes('part'))).toEqual([]);
  }
});
