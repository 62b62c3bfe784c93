/** The guard between the box and its file: locks of other programs, and a full disk. */
import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { mountDisk, type SmallDisk } from '../../../simulators/faults/small-disk.ts';
import { BALLAST_BYTES, layBallast } from '../files/ballast.ts';
import { appendAnyDeed } from '../audit.fixtures.ts';
import { DB_FILE, getMeta, LOOP_WAIT_MS, openDb, setMeta, type Db } from '../db.ts';

function open(folder: string, reserveUsed?: () => void): Db {
  const db = openDb(folder, { waitMs: LOOP_WAIT_MS, ...(reserveUsed ? { reserveUsed } : {}) });
  // Before its disk is unmounted.
  onTestFinished(() => db.close());
  return db;
}

function smallDisk(context: TestContext, options: Parameters<typeof mountDisk>[1]): SmallDisk {
  const folder = tempFolder();
  const disk = mountDisk(join(folder, 'disk'), options);
  if (typeof disk === 'string') return context.skip(disk);
  onTestFinished(() => disk.unmount());
  return disk;
}

function took(work: () => void): number {
  const since = performance.now();
  work();
  return performance.now() - since;
}

test('W8: a write waits once and briefly for the lock of another program, then not at all, and its end is noticed', async () => {
  const folder = tempFolder();
  const db = open(folder);
  const other = new Database(join(folder, DB_FILE));
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  const write = (): void => expect(() => setMeta(db, 'a', '1')).toThrow('database is locked');
  const [first, second] = [took(write), took(write)];
  // The driver's own default is 5 s; half a second leaves room for a slow machine.
  expect(first).toBeLessThan(500);
  expect(second).toBeLessThan(first);
  expect(db.health.state()).toMatchObject({ refusal: { kind: 'busy' }, refused: 2 });
  // Reading needs no lock.
  expect(getMeta(db, 'a')).toBeUndefined();
  const writable = new Promise<void>((resolve) => db.onWritable(resolve));
  other.exec('ROLLBACK');
  await writable;
  setMeta(db, 'a', '2');
  expect(getMeta(db, 'a')).toBe('2');
  expect(db.health.state().refusal).toBeUndefined();
});

/** Large, because each row is a commit, and a commit waits for the disk. */
const ROW_BYTES = 500_000;
const LOST = { at: 0, who: 'test', what: 'was refused', detail: { text: 'x'.repeat(ROW_BYTES) } };

/** Writes until the store refuses. */
function writeUntilFull(db: Db): number {
  for (let n = 0; n < 100_000; n++) {
    try {
      appendAnyDeed(db, LOST);
    } catch {
      return n;
    }
  }
  throw new Error('the disk never filled up');
}

test.for(['tmpfs', 'ext4'] as const)('W4: on a full %s writes that matter may use the ballast', (kind, context) => {
  const disk = smallDisk(context, { kind, megabytes: 150 });
  let given = 0;
  const db = open(disk.folder, () => given++);
  expect(layBallast(disk.folder)).toBe(true);
  disk.fill();
  // No expendable write may use it.
  const many = (): void => {
    for (let n = 0; n < 10_000; n++) db.transaction(() => appendAnyDeed(db, LOST)).expendable();
  };
  expect(many).toThrow('full');
  expect(given).toBe(0);
  const written = writeUntilFull(db);
  expect(given).toBe(1);
  // SQLite's log takes most of it: its pages are written a second time.
  expect(written).toBeGreaterThan(BALLAST_BYTES / ROW_BYTES / 4);
  expect(db.health.state()).toMatchObject({ refusal: { kind: 'full' }, onReserve: true });
  disk.free();
  appendAnyDeed(db, LOST);
  expect(db.health.state().refusal).toBeUndefined();
  expect(many).toThrow('kept for hits');
});

test('W1: a store on a full disk is opened with the ballast', (context) => {
  const disk = smallDisk(context, { kind: 'ext4', megabytes: 150 });
  const before = openDb(disk.folder);
  setMeta(before, 'a', '1');
  before.close();
  layBallast(disk.folder);
  disk.fill();
  let given = 0;
  const db = open(disk.folder, () => given++);
  expect(given).toBe(1);
  expect(existsSync(join(disk.folder, 'ballast'))).toBe(false);
  setMeta(db, 'a', '2');
  expect(getMeta(db, 'a')).toBe('2');
});
