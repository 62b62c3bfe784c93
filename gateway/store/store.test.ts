/** The store of a running gateway: alone on its folder, sure of its file, and readable when it cannot be written. */
import Database from 'better-sqlite3';
import { cpSync, existsSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { mountDisk, type SmallDisk } from '../../simulators/faults/small-disk.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import { DB_FILE, getMeta, openDb, setMeta, StoreError } from './db.ts';
import { storeExposures } from './files/private-files.ts';
import { FolderInUse, gatewayOn } from './connection/lock.ts';
import { openStore, type Store } from './store.ts';
import { oldFolder } from './upgrade.fixtures.ts';

function newFolder(): string {
  const folder = tempFolder();
  return join(folder, 'data');
}

function open(folder: string): Store {
  const store = openStore(folder, SILENT_LOG);
  onTestFinished(() => store.close());
  return store;
}

function smallDisk(context: TestContext, kind: 'tmpfs' | 'ext4'): SmallDisk {
  const disk = mountDisk(newFolder(), { kind, megabytes: 20 });
  if (typeof disk === 'string') return context.skip(disk);
  onTestFinished(() => disk.unmount());
  return disk;
}

const file = (folder: string) => join(folder, DB_FILE);
const refusal = ({ db }: Store) => db.health.state().refusal;

test('W12: a second gateway on the folder is refused and told the process id of the first; the command line is not refused', () => {
  const folder = newFolder();
  const store = open(folder);
  expect(() => openStore(folder, SILENT_LOG)).toThrow(new FolderInUse(folder, process.pid));
  expect(gatewayOn(folder)).toBe(process.pid);
  const beside = openDb(folder);
  setMeta(beside, 'a', '1');
  beside.close();
  expect(getMeta(store.db, 'a')).toBe('1');
  store.close();
  expect(gatewayOn(folder)).toBeUndefined();
  open(folder);
});

test('W11: nothing is written through a link in place of the file, and the link is named', () => {
  const folder = newFolder();
  const elsewhere = newFolder();
  openDb(folder).close();
  renameSync(folder, elsewhere);
  openDb(folder).close();
  rmSync(join(folder, DB_FILE));
  symlinkSync(join(elsewhere, DB_FILE), join(folder, DB_FILE));
  const store = open(folder);
  expect(refusal(store)).toMatchObject({ kind: 'read-only' });
  expect(() => setMeta(store.db, 'a', '1')).toThrow('symbolic link');
  expect(storeExposures(folder)).toMatchObject([{ key: `exposed:${join(folder, DB_FILE)}` }]);
  store.close();
  rmSync(join(elsewhere, DB_FILE));
  expect(() => openStore(folder, SILENT_LOG)).toThrow(StoreError);
  expect(existsSync(join(elsewhere, DB_FILE))).toBe(false);
});

type Damage = (folder: string, copy: string) => void;
/** `back`: undoes the damage, if that is possible. */
const moves: Record<string, { readonly damage: Damage; readonly back?: Damage }> = {
  'removed with its helpers': {
    damage: (folder) => ['', '-wal', '-shm'].forEach((end) => rmSync(file(folder) + end)),
  },
  renamed: {
    damage: (folder) => renameSync(file(folder), `${file(folder)}.away`),
    back: (folder) => renameSync(`${file(folder)}.away`, file(folder)),
  },
  'in a folder that was renamed': {
    damage: (folder) => renameSync(folder, `${folder}.away`),
    back: (folder) => renameSync(`${folder}.away`, folder),
  },
  'without its log': { damage: (folder) => rmSync(`${file(folder)}-wal`) },
  'without its shared memory': { damage: (folder) => rmSync(`${file(folder)}-shm`) },
  'replaced by a copy': {
    damage: (folder, copy) => {
      cpSync(file(copy), `${file(folder)}.copy`);
      renameSync(`${file(folder)}.copy`, file(folder));
    },
  },
  'overwritten by a copy of an earlier run': { damage: (folder, copy) => cpSync(file(copy), file(folder)) },
  'overwritten by a copy of this run': {
    damage: (folder, copy) => {
      cpSync(file(folder), file(copy));
      cpSync(file(copy), file(folder));
    },
  },
};

test.for(Object.entries(moves))(
  'W5: a store that is %s is noticed, and nothing is acknowledged',
  ([, { damage, back }]) => {
    const folder = newFolder();
    const copy = newFolder();
    openDb(folder).close();
    cpSync(folder, copy, { recursive: true });
    const store = open(folder);
    setMeta(store.db, 'a', '1');
    store.look();
    expect(refusal(store)).toBeUndefined();
    damage(folder, copy);
    store.look();
    expect(refusal(store)).toMatchObject({ kind: 'moved' });
    expect(() => setMeta(store.db, 'a', '2')).toThrow();
    if (!back) return;
    back(folder, copy);
    store.look();
    setMeta(store.db, 'a', '3');
    expect(getMeta(store.db, 'a')).toBe('3');
  },
);

test('W5: (those tests would catch a box that does not look: what it acknowledges is gone)', () => {
  const folder = newFolder();
  const blind = openDb(folder);
  rmSync(file(folder));
  setMeta(blind, 'a', 'acknowledged');
  blind.close();
  const after = openDb(folder);
  onTestFinished(() => after.close());
  expect(getMeta(after, 'a')).toBeUndefined();
});

test('W5: a store over which another file system is mounted is noticed', (context) => {
  const folder = newFolder();
  const store = open(folder);
  const disk = mountDisk(folder, { kind: 'tmpfs', megabytes: 1 });
  if (typeof disk === 'string') return context.skip(disk);
  onTestFinished(() => disk.unmount());
  writeFileSync(file(folder), '');
  store.look();
  expect(refusal(store)).toMatchObject({ kind: 'moved' });
});

test('W5: changes by the box itself and by other programs through SQLite raise no such alarm', () => {
  const folder = newFolder();
  const store = open(folder);
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 20; i++) setMeta(store.db, `row ${round} ${i}`, 'x'.repeat(200_000));
    const beside = openDb(folder);
    setMeta(beside, 'beside', String(round));
    beside.close();
    const other = new Database(file(folder));
    other.prepare('UPDATE meta SET value = value').run();
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.close();
    store.look();
    expect(refusal(store)).toBeUndefined();
  }
  // The log does not grow for ever.
  expect(statSync(`${file(folder)}-wal`).size).toBeLessThan(30 * 2 ** 20);
});

test.for(['tmpfs', 'ext4'] as const)(
  'W1: a store on a %s without space or ballast is read, and written again once possible',
  async (kind, context) => {
    const disk = smallDisk(context, kind);
    const before = openDb(disk.folder);
    setMeta(before, 'a', '1');
    before.close();
    disk.fill();
    const store = open(disk.folder);
    expect(getMeta(store.db, 'a')).toBe('1');
    expect(() => setMeta(store.db, 'a', '2')).toThrow();
    expect(refusal(store)).toBeDefined();
    const writable = new Promise<void>((resolve) => store.db.onWritable(resolve));
    disk.free();
    await writable;
    setMeta(store.db, 'a', '3');
    expect(getMeta(store.db, 'a')).toBe('3');
  },
);

test('W1: a store on a full disk is read with its log', async (context) => {
  const disk = smallDisk(context, 'tmpfs');
  const before = openDb(disk.folder);
  setMeta(before, 'a', '1');
  const killed = newFolder();
  cpSync(disk.folder, killed, { recursive: true });
  before.close();
  for (const end of ['', '-wal']) cpSync(file(killed) + end, file(disk.folder) + end);
  disk.fill();
  const store = open(disk.folder);
  expect(getMeta(store.db, 'a')).toBe('1');
  expect(refusal(store)).toMatchObject({ kind: 'full' });
  const writable = new Promise<void>((resolve) => store.db.onWritable(resolve));
  disk.free();
  await writable;
  setMeta(store.db, 'a', '2');
});

test.for(['after an orderly end', 'after kill -9'])(
  'W1: a store on a read-only disk is read %s, and written again once possible',
  async (how, context) => {
    const disk = smallDisk(context, 'tmpfs');
    const before = openDb(disk.folder);
    setMeta(before, 'a', '1');
    if (how === 'after kill -9') {
      // A killed process leaves the log and the shared memory behind.
      const killed = newFolder();
      cpSync(disk.folder, killed, { recursive: true });
      before.close();
      for (const end of ['', '-wal', '-shm']) cpSync(file(killed) + end, file(disk.folder) + end);
    } else before.close();
    disk.readOnly(true);
    const store = open(disk.folder);
    expect(getMeta(store.db, 'a')).toBe('1');
    expect(() => setMeta(store.db, 'a', '2')).toThrow();
    expect(refusal(store)).toMatchObject({ kind: 'read-only' });
    const writable = new Promise<void>((resolve) => store.db.onWritable(resolve));
    disk.readOnly(false);
    await writable;
    setMeta(store.db, 'a', '3');
    expect(getMeta(store.db, 'a')).toBe('3');
  },
);

test.for(['full', 'read-only'] as const)(
  'W1: a store of 0.1.0 on a %s disk is read, and brought up to date once that is possible',
  async (kind, context) => {
    const disk = smallDisk(context, 'tmpfs');
    cpSync(file(oldFolder(`INSERT INTO meta VALUES ('a', '1')`)), file(disk.folder));
    const count = (db: Store['db'], table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    if (kind === 'full') disk.fill();
    else disk.readOnly(true);
    const store = open(disk.folder);
    expect(refusal(store)).toMatchObject({ kind });
    expect([getMeta(store.db, 'a'), count(store.db, 'hits')]).toEqual(['1', 0]);
    expect(() => setMeta(store.db, 'a', '2')).toThrow();
    const writable = new Promise<void>((resolve) => store.db.onWritable(resolve));
    if (kind === 'full') disk.free();
    else disk.readOnly(false);
    await writable;
    setMeta(store.db, 'a', '3');
    expect(getMeta(store.db, 'a')).toBe('3');
    expect(count(store.db, 'hits')).toBeGreaterThan(0);
  },
);

test('W1: a store whose disk becomes read-only under the box is written again once possible', async (context) => {
  const disk = smallDisk(context, 'ext4');
  const store = open(disk.folder);
  setMeta(store.db, 'a', '1');
  disk.fill();
  expect(() => setMeta(store.db, 'a', 'x'.repeat(1e6))).toThrow();
  disk.free();
  await expect.poll(() => refusal(store), { timeout: 20_000 }).toBeUndefined();
  setMeta(store.db, 'a', '2');
});

test.for([
  ['that is no store', (path: string) => writeFileSync(path, 'x'.repeat(5_000))],
  ['with a damaged header', (path: string) => writeFileSync(path, Buffer.alloc(100, 7))],
  [
    'of a newer version',
    (path: string) => {
      const newer = new Database(path);
      newer.pragma('user_version = 9999');
      newer.close();
    },
  ],
] as const)('W1: a file %s is not changed, and reported in one sentence', ([, damage]) => {
  const folder = newFolder();
  openDb(folder).close();
  damage(file(folder));
  const size = statSync(file(folder)).size;
  expect(() => openStore(folder, SILENT_LOG)).toThrow(`storage folder ${folder} cannot be used`);
  expect(statSync(file(folder)).size).toBe(size);
  expect(gatewayOn(folder)).toBeUndefined();
});
