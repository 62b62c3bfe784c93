/** No command that copies the store begins without the room for it. Sparse files stand for stores that are too large. */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { backup, BY, layBackupBox, restore, type BackupBox } from '../../simulators/faults/backup-box.ts';
import { mountDisk } from '../../simulators/faults/small-disk.ts';
import { sitebox } from '../../simulators/product/gateway.ts';
import { freeBytes } from '../store/files/ballast.ts';
import { requireSpace, NoDiskSpace, SPARE_BYTES, storeBytes } from '../store/files/disk-space.ts';

/** Larger than the disk of whoever runs the tests has room, and yet a file that its file system takes. */
const HUGE_BYTES = 2 ** 43;
/** The lock of a folder stays, and belongs to nobody; so does what SQLite lays beside a store that is looked at. */
const filesOf = (...folders: string[]) =>
  folders.flatMap((folder) => readdirSync(folder).filter((name) => !/^gateway\.lock$|-(wal|shm)$/.test(name))).sort();
const NEEDS = /has no room: it needs \d{7,8} MiB, and has \d+ MiB\. /;

const layBox = (rounds: number): BackupBox => layBackupBox(tempFolder(), rounds);

test('W1: what is needed in two folders of one disk adds up, and something stays free', () => {
  const folder = tempFolder();
  const free = freeBytes(folder);
  // Others write on this disk meanwhile.
  const half = (free - SPARE_BYTES) / 2;
  requireSpace([
    { folder, bytes: half / 2 },
    { folder: tmpdir(), bytes: half / 2 },
  ]);
  const twice = () =>
    requireSpace([
      { folder, bytes: half * 1.5 },
      { folder: tmpdir(), bytes: half * 1.5 },
    ]);
  expect(twice).toThrow(NoDiskSpace);
  expect(() => requireSpace([{ folder, bytes: free * 1.5 }])).toThrow(/it needs \d+ MiB, and has \d+ MiB$/);
});

test('W1: without the room for it no backup is begun, and the store is as it was', async () => {
  const box = layBox(3);
  truncateSync(box.store, HUGE_BYTES);
  const before = filesOf(box.folder, box.storage);
  const { mtimeMs } = statSync(box.store);
  const made = await backup(box, join(box.folder, 'one.backup'));
  expect(made).toMatchObject({ code: 74, stdout: '' });
  expect(made.stderr).toMatch(/^REFUSED: /);
  expect(made.stderr).toMatch(NEEDS);
  expect(made.stderr).toContain('No backup was made');
  expect(filesOf(box.folder, box.storage)).toEqual(before);
  expect(statSync(box.store).mtimeMs).toBe(mtimeMs);
});

test('W1: neither is a repair', async () => {
  const box = layBox(3);
  truncateSync(box.store, HUGE_BYTES);
  const before = filesOf(box.storage);
  const repair = await sitebox('verify-store', '--repair', '--config', box.config, ...BY);
  expect(repair).toMatchObject({ code: 74, stdout: '' });
  expect(repair.stderr).toMatch(NEEDS);
  expect(filesOf(box.storage)).toEqual(before);
});

test('W1: nor is a backup put back', async () => {
  const box = layBox(3);
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  truncateSync(to, HUGE_BYTES);
  const [before, store] = [filesOf(box.storage), readFileSync(box.store)];
  const put = await restore(box, to, '--without-anchors');
  expect(put).toMatchObject({ code: 74, stdout: '' });
  expect(put.stderr).toMatch(NEEDS);
  expect(put.stderr).toContain('Nothing was changed');
  expect(filesOf(box.storage)).toEqual(before);
  expect(readFileSync(box.store).equals(store)).toBe(true);
});

test('W1: a disk on which the backup just does not fit keeps its room; where it fits it is made', async (context) => {
  const box = layBox(200);
  const folder = join(box.folder, 'stick');
  const disk = mountDisk(folder, { kind: 'tmpfs', megabytes: 40 });
  if (typeof disk === 'string') return context.skip(disk);
  onTestFinished(() => disk.unmount());
  expect(storeBytes(box.storage)).toBeLessThan(8 * 2 ** 20);
  const to = join(folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  rmSync(to);
  disk.fill();
  const refused = await backup(box, to);
  expect(refused).toMatchObject({ code: 74 });
  expect(refused.stderr).toContain(`the disk of ${folder} has no room: it needs `);
  expect(readdirSync(folder)).toEqual(['filler']);
  expect(readdirSync(box.storage).filter((name) => name.includes('part'))).toEqual([]);
});
