/**
 * The ballast, a file in the storage folder. On a full disk SQLite cannot even delete rows, so an outbox could never drain; deleting the ballast
 * makes space for the writes that matter until a person has freed some.
 */
import { constants, fsyncSync, lstatSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { BALLAST_FILE } from './names.ts';
import { openFile } from './private-files.ts';

export const BALLAST_BYTES = 32 * 2 ** 20;
const NO_ROOM_BYTES = 2 ** 20;

/** Bytes that an unprivileged user can still write in `folder`. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Whether a failure to write or open means that the disk is full. */
export const hasNoRoom = (folder: string): boolean => freeBytes(folder) < NO_ROOM_BYTES;

/** Writes the ballast if it is missing and twice its size is free. Returns whether it exists. */
export function layBallast(folder: string): boolean {
  const file = join(folder, BALLAST_FILE);
  const there = lstatSync(file, { throwIfNoEntry: false });
  // An obstacle in its place, above all a link, is a person's to remove: it is named as a problem (`private-files.ts`).
  if (there) return there.isFile() && there.size >= BALLAST_BYTES;
  if (freeBytes(folder) < 2 * BALLAST_BYTES) return false;
  using ballast = openFile(file, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    const block = Buffer.alloc(2 ** 20, 0xa5);
    for (let written = 0; written < BALLAST_BYTES; written += block.length) writeSync(ballast.fd, block);
    fsyncSync(ballast.fd);
    return true;
  } catch {
    rmSync(file, { force: true });
    return false;
  }
}

/** Deletes the ballast. Returns whether there was any. */
export function dropBallast(folder: string): boolean {
  const file = join(folder, BALLAST_FILE);
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (!there?.isFile()) return false;
  rmSync(file, { force: true });
  return there.size > 0;
}
