/** Checks for disk space before anything is written for a copy of the store, so that no command fills the disk of a running box. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytes } from './ballast.ts';
import { DB_FILE } from '../db.ts';
import { english } from '../../contracts/words/words.ts';

/** Too little space; nothing was written. */
export class NoDiskSpace extends Error {
  override readonly name = 'NoDiskSpace';
}

/** Stays free on each disk, for the writes of a running box and the log of the copy. */
export const SPARE_BYTES = 32 * 2 ** 20;

/** Throws NoDiskSpace if a disk has less space than needed; needs in several folders, which exist, of one disk add up. */
export function requireSpace(needs: readonly { readonly folder: string; readonly bytes: number }[]): void {
  const disks = Map.groupBy(needs, ({ folder }) => statSync(folder).dev);
  for (const onDisk of disks.values()) {
    const needed = onDisk.reduce((sum, { bytes }) => sum + bytes, SPARE_BYTES);
    const folders = [...new Set(onDisk.map(({ folder }) => folder))];
    const free = Math.min(...folders.map(freeBytes));
    if (free < needed)
      throw new NoDiskSpace(
        english('store-no-room', {
          folders: folders.join(' and '),
          needed: mebibytes(needed),
          free: mebibytes(free, Math.floor),
        }),
      );
  }
}

/** Size of the store of `folder` with its log: a copy is no larger. */
export function storeBytes(folder: string): number {
  const sizeOf = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return sizeOf(DB_FILE) + sizeOf(`${DB_FILE}-wal`);
}

/** Whether `error` means that the disk became full after all. */
export function isOutOfRoom(error: unknown): boolean {
  return (
    error instanceof NoDiskSpace || /^(SQLITE_FULL|ENOSPC|EDQUOT)$/.test(String((error as { code?: unknown }).code))
  );
}

function mebibytes(bytes: number, round = Math.ceil): number {
  return round(bytes / 2 ** 20);
}
