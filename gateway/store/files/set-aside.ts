/**
 * Files kept beside the store for a limited time: the store that a repair or a restore replaced, and half-made copies. The name of each file set
 * aside holds its end.
 */
import {
  constants,
  existsSync,
  fsyncSync,
  fstatSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { iso } from '../../contracts/time.ts';
import { causeOf } from '../../contracts/errors.ts';
import type { Instant, Log } from '../../contracts/base.ts';
import { checkpointFile, DB_FILE } from '../db.ts';
import { openFile, syncFile } from './private-files.ts';
import { PART } from './names.ts';

/** A file set aside holds rows of every kind, and may not outlive the shortest-lived of them, the tracks of the crew, which last a day. */
export const KEEP_ASIDE_MS = 86_400_000;
/** Kept at least this long, even if a hit in it was dismissed long ago: time to look at what a repair or a restore has left out. */
const MIN_ASIDE_MS = 3_600_000;
const ASIDE = /^sitebox\.db(-wal)?\.(damaged|replaced)-until-(\d{8}T\d{4})Z(-\d+)?(\.missing\.json)?$/;
/** Suffix of a damaged store's name: the list of what a repair could not read. */
export const MISSING = '.missing.json';
/** A copy not written to for this long was left behind by a dead process. */
const PART_AGE_MS = 3_600_000;

/**
 * `sitebox.db.damaged-until-20261201T1135Z`, with a number added if the name is taken. `dismissed`: when the first hit in it was dismissed
 * (`firstDismissal`), which ends its day earlier.
 */
export function asideName(
  folder: string,
  what: 'damaged' | 'replaced',
  now: Instant,
  dismissed: Instant = now,
): string {
  const ends = Math.max(now + MIN_ASIDE_MS, Math.min(now, dismissed) + KEEP_ASIDE_MS);
  const until = iso(ends);
  const name = `${DB_FILE}.${what}-until-${until.slice(0, 16).replace(/[-:]/g, '')}Z`;
  const isFree = (wanted: string): boolean =>
    [wanted, withEnd(wanted, '-wal'), `${wanted}${MISSING}`].every((file) => !existsSync(join(folder, file)));
  for (let n = 1; ; n++) {
    const wanted = n === 1 ? name : `${name}-${n}`;
    if (isFree(wanted)) return wanted;
  }
}

/** Deletes files whose time is over. Runs at the start of a gateway and every hour; never throws. */
export function sweepAside(folder: string, now: Instant, log: Log): void {
  try {
    for (const name of readdirSync(folder)) {
      if (!isOver(folder, name, now)) continue;
      rm(join(folder, name), { force: true })
        .then(() => log.info({ file: name }, 'a file set aside has expired and is deleted'))
        .catch((error: unknown) =>
          log.error({ file: name, cause: causeOf(error) }, 'an expired file set aside cannot be deleted'),
        );
    }
  } catch (error) {
    log.error({ cause: causeOf(error) }, 'the storage folder cannot be looked through for files that were set aside');
  }
}

function isOver(folder: string, name: string, now: Instant): boolean {
  const [, , , until] = ASIDE.exec(name) ?? [];
  if (until !== undefined) return Date.parse(until.replace(/^(....)(..)(..)T(..)(..)$/, '$1-$2-$3T$4:$5:00Z')) < now;
  return (
    PART.test(name) && (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? now) < now - PART_AGE_MS
  );
}

/**
 * Replaces the store of `folder` with `part`, a whole store in one file, in one step; keeps the old one under `aside`, a free name (`asideName`).
 * No other process has the store open. The old log is checkpointed first; one that cannot be is kept too, and is moved away before the new file
 * comes, because SQLite would replay it into that. Nothing is lost if a process is killed at any point: links come before removals.
 */
export function putInPlace(folder: string, part: string, aside: string): void {
  const store = join(folder, DB_FILE);
  syncFile(part);
  foldLog(store);
  for (const end of ['', '-wal']) if (existsSync(store + end)) linkSync(store + end, join(folder, withEnd(aside, end)));
  syncFile(folder);
  for (const end of ['-wal', '-shm']) rmSync(store + end, { force: true });
  syncFile(folder);
  renameSync(part, store);
  syncFile(folder);
}

/** A file too damaged to be opened stays as it is, with its log. */
function foldLog(store: string): void {
  if (!existsSync(store) || !existsSync(`${store}-wal`)) return;
  try {
    checkpointFile(store);
  } catch {
    // The log is kept beside it.
  }
}

const withEnd = (aside: string, end: string): string => aside.replace(DB_FILE, `${DB_FILE}${end}`);

/** Overwrites an unsealed copy before it is deleted. A flash disk may still keep a part of it. */
export function wipe(path: string): void {
  if (!existsSync(path)) return;
  overwrite(path);
  rmSync(path, { force: true });
}

function overwrite(path: string): void {
  using file = openFile(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  const zeros = Buffer.alloc(2 ** 20);
  const { size } = fstatSync(file.fd);
  for (let at = 0; at < size; at += zeros.length) writeSync(file.fd, zeros, 0, Math.min(zeros.length, size - at), at);
  fsyncSync(file.fd);
}
