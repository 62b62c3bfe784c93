/**
 * The store of a running gateway: one per folder, watched while it is open, and opened read-only if it cannot be written. It returns to writing
 * once that is possible.
 */
import { constants, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/base.ts';
import {
  connect,
  DB_FILE,
  explainStore,
  isFull,
  LOOP_WAIT_MS,
  openDb,
  openReadOnly,
  openWritable,
  setMeta,
  StoreError,
  type Db,
} from './db.ts';
import { openDamaged } from './damage/fallback.ts';
import { makeFolder, openFile } from './files/private-files.ts';
import { openIdentity } from './connection/file-identity.ts';
import { lockFolder } from './connection/lock.ts';
import { migrations } from './migrations.ts';
import { openKeys } from './sealing/keys.ts';

export interface Store {
  readonly db: Db;
  /** Checks that the open file is still the one at its path, and whether it can be written again. Runs every second. */
  look(): void;
  close(): void;
}

const LOOK_EVERY_MS = 1_000;
const PROBED = 'probed';
/** Offset of `user_version` in the file. */
const LAYOUT_AT = 60;

/**
 * Opens the store of `folder` for a gateway. One that can only be read (a full disk without ballast, a read-only disk) is opened for reading:
 * look-ups go on, writes are refused. Throws StoreError if it cannot be used at all, FolderInUse if another gateway runs.
 */
export function openStore(folder: string, log: Log): Store {
  const lock = lockIt(folder);
  let db: Db | undefined;
  try {
    db = open(folder, log);
    return watch(folder, db, lock);
  } catch (error) {
    db?.close();
    lock?.release();
    throw explainStore(folder, error);
  }
}

/**
 * Whether opening must upgrade the store first, which takes a minute when very much waits upstream. Reads the file header
 * (sqlite.org/fileformat.html, 1.3): a newer value in the log is missed, and the answer is then true once too often.
 */
export function isOutdated(folder: string): boolean {
  const layout = Buffer.alloc(4);
  try {
    using file = openFile(join(folder, DB_FILE), constants.O_RDONLY);
    return readSync(file.fd, layout, 0, 4, LAYOUT_AT) === 4 && layout.readUInt32BE() < migrations.length;
  } catch {
    // A missing store takes no time, and opening it reports any other fault.
    return false;
  }
}

/** Replaces a damaged store until a person repairs it with the box stopped. Throws FolderInUse. */
export function openWithoutStore(folder: string, why: string, log: Log): Store {
  const lock = lockIt(folder);
  const db = openDamaged(folder, why, log);
  return {
    db,
    look: () => undefined,
    close() {
      if (db.open) db.close();
      lock?.release();
    },
  };
}

/** Checks the store every second. */
function watch(folder: string, db: Db, lock: ReturnType<typeof lockIt>): Store {
  const path = join(folder, DB_FILE);
  /** Undefined while the store is read-only. */
  let identity = db.health.state().refusal ? undefined : openIdentity(db, path);
  /** Takes the lock again if its file was removed or replaced; returns the reason, in words, if another gateway was faster. */
  const keepLock = (): string | undefined => {
    if (!lock || lock.holds()) return undefined;
    try {
      const again = lockFolder(folder);
      lock.release();
      lock = again;
      return undefined;
    } catch (error) {
      return causeOf(error);
    }
  };
  const lookAtFile = (): void => {
    const moved = keepLock() ?? identity!.check();
    const was = db.health.state().refusal?.kind === 'moved';
    if (moved !== undefined) db.health.shut('moved', moved);
    else if (was) db.health.reopen();
  };
  const openAgain = (): void => {
    try {
      db.exchange(
        () => openWritable(folder),
        () => openReadOnly(folder),
      );
      db.sealing.use(openKeys(folder, { renew: true }));
      db.health.reopen();
      identity = openIdentity(db, path);
      db.writable();
    } catch {
      // It already is a problem in /health.
    }
  };
  /** The box may have nothing to write for minutes, and only a write shows that the disk takes one again. */
  const probe = (): void => {
    try {
      setMeta(db, PROBED, String(Date.now()));
      db.writable();
    } catch {
      // The guard has counted the refusal.
    }
  };
  const look = (): void => {
    if (!identity) return openAgain();
    lookAtFile();
    const { refusal } = db.health.state();
    if (refusal && refusal.kind !== 'busy' && refusal.kind !== 'moved') probe();
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch (error) {
      db.health.refuse('failed', causeOf(error));
    }
  }, LOOK_EVERY_MS);
  return {
    db,
    look,
    close() {
      clearInterval(timer);
      if (!db.open) return;
      identity?.rest();
      db.close();
      identity?.close();
      lock?.release();
    },
  };
}

/** If the folder cannot even be made, opening the store reports it. */
function lockIt(folder: string) {
  try {
    makeFolder(folder);
  } catch {
    return undefined;
  }
  return lockFolder(folder);
}

function open(folder: string, log: Log): Db {
  const reserveUsed = (): void =>
    log.error({}, 'the disk is full: the ballast was given up so that hits and calls for help can still be stored');
  try {
    return openDb(folder, { waitMs: LOOP_WAIT_MS, reserveUsed, renewKeys: true });
  } catch (error) {
    if (!(error instanceof StoreError) || !mayBeRead(folder, error)) throw error;
    const db = readOnly(folder, error);
    db.health.shut(isFull(folder) ? 'full' : 'read-only', error.message);
    log.error({ why: error.message }, 'the store cannot be written: look-ups and display go on, nothing is kept');
    return db;
  }
}

/** Whether the disk or a symbolic link refuses writes, rather than that the file is not a store. */
function mayBeRead(folder: string, { cause }: StoreError): boolean {
  const { code = '' } = cause as { code?: string };
  const size = statSync(join(folder, DB_FILE), { throwIfNoEntry: false })?.size ?? 0;
  return size > 0 && /FULL|ENOSPC|READONLY|EROFS|CANTOPEN|IOERR|BUSY|SITEBOX_LINK/.test(code);
}

function readOnly(folder: string, error: StoreError): Db {
  try {
    return connect(openReadOnly(folder), { waitMs: LOOP_WAIT_MS, folder });
  } catch {
    throw error;
  }
}
