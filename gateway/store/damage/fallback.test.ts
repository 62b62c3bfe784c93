/** W6: a damaged store is replaced by its readable part in memory, and nothing is written anywhere. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SILENT_LOG } from '../../contracts/base.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { overwritePage, pagesOf, pageToDamage } from '../../../simulators/faults/pages.ts';
import { fillStore } from '../../../simulators/faults/store-fill.ts';
import { checkStore } from './check.ts';
import { DB_FILE, isDamagedStore, openDb, openForReading, setMeta } from '../db.ts';
import { allDevices } from '../devices.ts';
import { StoreRefused } from '../connection/health.ts';
import { emptyStore } from '../connection/in-memory.ts';
import { migrations } from '../migrations.ts';
import { openWithoutStore } from '../store.ts';

function layStore(): { folder: string; path: string } {
  const folder = tempFolder();
  const db = openDb(folder);
  fillStore(db, 20);
  db.close();
  return { folder, path: join(folder, DB_FILE) };
}

test('W6: the devices of a store with damaged small facts are known, writes are refused, and the file does not change', () => {
  const { folder, path } = layStore();
  overwritePage(path, pageToDamage(pagesOf(path), 'meta')!.number, 'random');
  const before = readFileSync(path);
  const store = openWithoutStore(folder, 'planted', SILENT_LOG);
  onTestFinished(() => store.close());
  expect(allDevices(store.db)).toHaveLength(20);
  expect(store.db.health.state().refusal).toMatchObject({
    kind: 'damaged',
    why: 'of it could be read: lists 0, devices 20, calls for help 20; planted',
  });
  expect(() => setMeta(store.db, 'x', 'y')).toThrow(StoreRefused);
  // The periodic check does not reopen the file.
  store.look();
  expect(() => setMeta(store.db, 'x', 'y')).toThrow(StoreRefused);
  expect(() => openWithoutStore(folder, 'planted', SILENT_LOG)).toThrow(/already runs/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test.each([
  ['no store at all', () => Buffer.from('not a store'.repeat(1_000))],
  ['without its layout number', (bytes: Buffer) => (bytes.writeUInt32BE(0, 60), bytes)],
  ['cut off', (bytes: Buffer) => bytes.subarray(0, 4096 * 2)],
])('W6: a file that is %s is told apart from an unusable folder, and the box goes on without it', (_, damage) => {
  const { folder, path } = layStore();
  writeFileSync(path, damage(readFileSync(path)));
  let error: unknown;
  try {
    const db = openDb(folder);
    allDevices(db);
    db.close();
  } catch (e) {
    error = e;
  }
  expect(isDamagedStore(error)).toBe(true);
  const store = openWithoutStore(folder, 'planted', SILENT_LOG);
  onTestFinished(() => store.close());
  expect(allDevices(store.db).length).toBeLessThanOrEqual(20);
});

test.each([-1, ...migrations.keys()])(
  'W6: a store whose layout number was lost, and now reads %i, is told apart from one of an earlier version',
  (layout) => {
    const { folder, path } = layStore();
    const bytes = readFileSync(path);
    bytes.writeInt32BE(layout, 60);
    writeFileSync(path, bytes);
    let error: unknown;
    try {
      openDb(folder).close();
    } catch (e) {
      error = e;
    }
    expect(String(error)).toContain('verify-store --repair');
    expect(isDamagedStore(error)).toBe(true);
    const file = openForReading(path);
    expect(checkStore(file).damages).toMatchObject([{ part: 'the header' }]);
    file.close();
    const store = openWithoutStore(folder, 'planted', SILENT_LOG);
    onTestFinished(() => store.close());
    expect(allDevices(store.db)).toHaveLength(20);
  },
);

test.each([...migrations.keys()].slice(1))('W6: a store of the earlier layout %i is sound', (layout) => {
  const folder = tempFolder();
  const path = join(folder, DB_FILE);
  const earlier = emptyStore(layout);
  earlier.pragma(`user_version = ${layout}`);
  writeFileSync(path, earlier.serialize());
  earlier.close();
  const file = openForReading(path);
  expect(checkStore(file).damages).toEqual([]);
  file.close();
  openDb(folder).close();
});

test('W6: an unusable folder is not damage', () => {
  const { path } = layStore();
  expect(() => openDb(path)).toThrow(/cannot be used/);
  try {
    openDb(path);
  } catch (error) {
    expect(isDamagedStore(error)).toBe(false);
  }
});
