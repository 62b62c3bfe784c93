/**
 * Checks that the file at the path of the store is the open one. SQLite goes on writing to a removed or replaced file, and those writes are lost
 * with the process. Runs every second and costs `fstat`, `stat` and one read of four bytes.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs';
import { randomInt } from 'node:crypto';
import type { Db } from './connection.ts';
import { openWalCheckpoint } from './wal-checkpoint.ts';
import { english } from '../../contracts/words/words.ts';

/** Where SQLite keeps `application_id` (sqlite.org/fileformat2.html, 1.3). */
const TOKEN_AT = 68;
const RESTARTS_AT = 12;
/** Frames of the write-ahead log, some 4 MB; SQLite's own default. */
const CHECKPOINT_FRAMES = 1_000;
/** From this size on, some 40 MB, the thread checkpoints at once what was written during its checkpoint: only a fully checkpointed log restarts. */
const RESTART_FRAMES = 10_000;
/** From this size on, some 160 MB, the event loop does, though it stands still meanwhile: during its own checkpoint nothing is written. */
const OWN_FRAMES = 40_000;

/** `db` was just opened at `path`. Writes a token of this run into the file, if it is writable. */
export function openIdentity(db: Db, path: string) {
  const frames = (): WalFrames => ({
    ...(db.pragma('wal_checkpoint(NOOP)') as [Omit<WalFrames, 'restarts'>])[0],
    restarts: restartsOf(`${path}-wal`),
  });
  const token = randomInt(1, 2 ** 31);
  try {
    db.guard(() => db.pragma(`application_id = ${token}`));
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch {
    // The disk is full; the next write reports it.
  }
  // Stays open to the end: closing any descriptor of the file would end SQLite's locks on it (fcntl_locking(2)).
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
  /** Records the state of the file even after a failure: a partial checkpoint is not a change by another program. */
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
      if (!whole || log.log < RESTART_FRAMES || log.log === log.checkpointed) return;
      if (log.log >= OWN_FRAMES) moveRest();
      else wal.begin();
    } catch {
      // Tried again, and reported, in a second.
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
    // During a checkpoint the file changes, and the log shows it only at the end.
    if (wal.isUnderWay()) return undefined;
    const before = log;
    log = frames();
    // SQLite may checkpoint too, here or in another program: the log then shows it, or is empty, or has restarted.
    const byLog = log.log === 0 || log.restarts !== before.restarts || log.checkpointed > before.checkpointed;
    if (momentOf(fd) !== written && !byLog) return english('store-written-by-other', { path });
    written = momentOf(fd);
    return undefined;
  };
  return {
    /** What has changed, in words; undefined if nothing has. Starts a checkpoint when one is due. */
    check(): string | undefined {
      const change = problem();
      if (change !== undefined || wal.isUnderWay()) return change;
      if (log.log - log.checkpointed >= CHECKPOINT_FRAMES && !wal.begin()) moveRest();
      return undefined;
    },
    /** Call before the connection is closed; ends checkpoints. */
    rest: () => wal.close(),
    /** Call after the connection is closed, not before. */
    close: () => closeSync(fd),
  };
}

/** The answer of `PRAGMA wal_checkpoint`, and how often the log has begun again. */
interface WalFrames {
  readonly log: number;
  readonly checkpointed: number;
  readonly restarts: number;
}

/** The checkpoint sequence number in the header of the log (sqlite.org/fileformat2.html, 4.1). 0 for a log that is missing or empty. */
function restartsOf(wal: string): number {
  const bytes = Buffer.alloc(4);
  let fd: number | undefined;
  try {
    fd = openSync(wal, constants.O_RDONLY | constants.O_NOFOLLOW);
    readSync(fd, bytes, 0, 4, RESTARTS_AT);
  } catch {
    return 0;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return bytes.readUInt32BE();
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Time of the last write, and the size at that time. */
function momentOf(fd: number): string {
  const { mtimeNs, size }: BigIntStats = fstatSync(fd, { bigint: true });
  return `${mtimeNs} ${size}`;
}

function tokenOf(fd: number): number {
  const bytes = Buffer.alloc(4);
  readSync(fd, bytes, 0, 4, TOKEN_AT);
  return bytes.readUInt32BE();
}
