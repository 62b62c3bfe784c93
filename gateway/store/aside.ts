/** Files that lie beside the store for a while: what a repair or a restored backup replaced, and half-made copies. Each name says until when. */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { causeOf } from '../errors.ts';
import type { Instant, Log } from '../types.ts';
import { DB_FILE } from './db.ts';
import { syncFile } from './files.ts';

/** What is set aside holds rows of every kind, and the shortest life of them is a day (tracks of the crew): it may not live longer than they may. */
export const KEEP_ASIDE_MS = 86_400_000;
/** However long ago a hit in it was dismissed: time to look at what a repair or a restore has left out. */
const MIN_ASIDE_MS = 3_600_000;
const ASIDE = /^sitebox\.db(-wal)?\.(damaged|replaced)-until-(\d{8}T\d{4})Z(\.missing\.json)?$/;
const PART = /^(backup|restore|repair)-\d+\.part/;
/** A copy that nobody has written to for so long is nobody's. */
const PART_AGE_MS = 3_600_000;

/** `sitebox.db.damaged-until-20261201T1135Z`. `dismissed`: when the first hit in it was (`firstDismissal`), whose day is over earlier. */
export function asideName(what: 'damaged' | 'replaced', now: Instant, dismissed: Instant = now): string {
  const ends = Math.max(now + MIN_ASIDE_MS, Math.min(now, dismissed) + KEEP_ASIDE_MS);
  const until = new Date(ends).toISOString();
  return `${DB_FILE}.${what}-until-${until.slice(0, 16).replace(/[-:]/g, '')}Z`;
}

/** Deletes what may not lie there any more. Called at the start of a gateway and each hour; never throws. */
export function sweepAside(folder: string, now: Instant, log: Log): void {
  try {
    for (const name of readdirSync(folder)) {
      if (!isOver(folder, name, now)) continue;
      rm(join(folder, name), { force: true })
        .then(() => log.info({ file: name }, 'a file that was set aside has reached its last day and is deleted'))
        .catch((error: unknown) =>
          log.error({ file: name, cause: causeOf(error) }, 'a file whose last day is over cannot be deleted'),
        );
    }
  } catch (error) {
    log.error({ cause: causeOf(error) }, 'the storage folder cannot be looked through for files that were set aside');
  }
}

function isOver(folder: string, name: string, now: Instant): boolean {
  const [, , , until] = ASIDE.exec(name) ?? [];
  if (until !== undefined) {
    const [y, m, d, h, min] = [
      until.slice(0, 4),
      until.slice(4, 6),
      until.slice(6, 8),
      until.slice(9, 11),
      until.slice(11),
    ];
    return Date.parse(`${y}-${m}-${d}T${h}:${min}:00Z`) < now;
  }
  return (
    PART.test(name) && (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? now) < now - PART_AGE_MS
  );
}

/**
 * Puts `part`, a whole store in one file, in the place of the store of `folder`, in one step; what was there is kept under `aside`. No other
 * process has the store open. The log of the old file goes first: SQLite would play it into the new one.
 */
export function putInPlace(folder: string, part: string, aside: string): void {
  const store = join(folder, DB_FILE);
  syncFile(part);
  if (existsSync(`${store}-wal`)) renameSync(`${store}-wal`, join(folder, aside.replace(DB_FILE, `${DB_FILE}-wal`)));
  rmSync(`${store}-shm`, { force: true });
  if (existsSync(store)) linkSync(store, join(folder, aside));
  renameSync(part, store);
  syncFile(folder);
}

/** Overwrites a copy that is not sealed before it is deleted. What a flash disk keeps of it nobody can say. */
export function wipe(path: string): void {
  if (!existsSync(path)) return;
  const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    const zeros = Buffer.alloc(2 ** 20);
    const { size } = fstatSync(fd);
    for (let at = 0; at < size; at += zeros.length) writeSync(fd, zeros, 0, Math.min(zeros.length, size - at), at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  rmSync(path, { force: true });
}
