/**
 * Whether the file at the path of the store is the one that is open. SQLite goes on writing to a file that was removed or replaced, and all
 * of it is lost with the process. Looked at once a second; only `fstat`, `stat` and one read of four bytes.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs';
import { randomInt } from 'node:crypto';
import type { Db } from './connection.ts';
import { openWalCheckpoint } from './wal-checkpoint.ts';
import { english } from '../../contracts/words/words.ts';

export interface FileIdentity {
  /** What is not as it was, in words; undefined while all is in order. Moves what SQLite has gathered into the file where that is due. */
  check(): string | undefined;
  /** Before the connection is closed: nothing moves the log any more. */
  rest(): void;
  /** To be called when the connection is closed, not before. */
  close(): void;
}

/** Where SQLite keeps `application_id` (sqlite.org/fileformat2.html, 1.3). */
const TOKEN_AT = 68;
/** Frames of the write-ahead log, some 4 MB, as SQLite's own default. */
const CHECKPOINT_FRAMES = 1_000;
/** From here on, some 40 MB, what was written while the thread moved is moved at once: only a log that was moved whole begins anew. */
const RESTART_FRAMES = 10_000;

/** `db` was opened at `path` a moment ago. A token of this run is written into the file, where it can be written. */
export function openIdentity(db: Db, path: string): FileIdentity {
  const frames = (): WalFrames => (db.pragma('wal_checkpoint(NOOP)') as [WalFrames])[0];
  const token = randomInt(1, 2 ** 31);
  try {
    db.guard(() => db.pragma(`application_id = ${token}`));
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch {
    // A disk that is full: whoever writes next says so.
  }
  // Held open to the end: closing any descriptor of the file would end SQLite's locks on it (fcntl_locking(2)).
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const helpers = [`${path}-wal`, `${path}-shm`];
  const inodes = helpers.map(inodeOf);
  const hasToken = tokenOf(fd) === token;
  let written = momentOf(fd);
  let log = frames();
  const note = (): void => {
    written = momentOf(fd);
    log = frames();
  };
  /** Whatever came of it: what was moved before it failed is no doing of others. */
  const moveRest = (): void => {
    try {
      db.hasRoomFor(() => db.pragma('wal_checkpoint(PASSIVE)'));
    } finally {
      note();
    }
  };
  const wal = openWalCheckpoint(path, (whole) => {
    if (!db.open) return;
    try {
      note();
      if (whole && log.log >= RESTART_FRAMES) moveRest();
    } catch {
      // It is tried again in a second, and said there.
    }
  });

  const problem = (): string | undefined => {
    const here = statSync(path, { bigint: true, throwIfNoEntry: false });
    const open = fstatSync(fd, { bigint: true });
    if (!here) return english('store-file-gone', { path });
    if (here.dev !== open.dev || here.ino !== open.ino) return english('store-file-other', { path });
    const lost = helpers.find((helper, i) => inodeOf(helper) !== inodes[i]);
    if (lost) return english('store-file-replaced', { path: lost });
    if (hasToken && tokenOf(fd) !== token) return english('store-copied-over', { path });
    // The file changes under its hands, and the log says so at the end of it only.
    if (wal.isUnderWay()) return undefined;
    const before = log;
    log = frames();
    // SQLite in another program may move the log into the file too: then the log says so, or is empty, or has begun anew.
    const byLog = log.log === 0 || log.log < before.log || log.checkpointed > before.checkpointed;
    if (momentOf(fd) !== written && !byLog) return english('store-written-by-other', { path });
    written = momentOf(fd);
    return undefined;
  };
  return {
    check() {
      const found = problem();
      if (found !== undefined || wal.isUnderWay()) return found;
      if (log.log - log.checkpointed >= CHECKPOINT_FRAMES && !wal.begin()) moveRest();
      return undefined;
    },
    rest: () => wal.close(),
    close: () => closeSync(fd),
  };
}

/** What `PRAGMA wal_checkpoint` answers. */
interface WalFrames {
  readonly log: number;
  readonly checkpointed: number;
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** When the file was written last, and how long it was then. */
function momentOf(fd: number): string {
  const { mtimeNs, size }: BigIntStats = fstatSync(fd, { bigint: true });
  return `${mtimeNs} ${size}`;
}

function tokenOf(fd: number): number {
  const bytes = Buffer.alloc(4);
  readSync(fd, bytes, 0, 4, TOKEN_AT);
  return bytes.readUInt32BE();
}
