/**
 * The store of a running gateway: the only one of its folder, watched while it is open, and opened for reading alone where it cannot be
 * written. It becomes writable again by itself.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
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
import { makeFolder } from './files/private-files.ts';
import { openIdentity, type FileIdentity } from './connection/file-identity.ts';
import { lockFolder, type FolderLock } from './connection/lock.ts';
import { migrations } from './migrations.ts';

export interface Store {
  readonly db: Db;
  /** Looks whether the file is still the one that is open, and whether it can be written again. Called each second by itself. */
  look(): void;
  close(): void;
}

const LOOK_EVERY_MS = 1_000;
const PROBED = 'probed';
/** Where the file has its `user_version`. */
const LAYOUT_AT = 60;

/**
 * Opens the store of `folder` for a gateway. Where there is one that can only be read (a full disk without a reserve, a disk that is read-only),
 * it is read: look-ups go on, every write is refused. Throws StoreError where it cannot be used at all, FolderInUse where another gateway runs.
 */
export function openStore(folder: string, log: Log): Store {
  const lock = lockIt(folder);
  const path = join(folder, DB_FILE);
  let db: Db | undefined;
  let identity: FileIdentity | undefined;
  try {
    db = open(folder, log);
    identity = db.health.state().refusal ? undefined : openIdentity(db, path);
  } catch (error) {
    db?.close();
    lock?.release();
    throw explainStore(folder, error);
  }
  return watched({ folder, path, db, identity, lock });
}

/**
 * Whether its opening has to bring the store up to date first, which takes a minute where very much waits upstream. By the head of the file
 * (sqlite.org/fileformat.html, 1.3): a log beside it may know better, and then this is true once too often.
 */
export function isOutdated(folder: string): boolean {
  const layout = Buffer.alloc(4);
  try {
    const file = openSync(join(folder, DB_FILE), 'r');
    try {
      return readSync(file, layout, 0, 4, LAYOUT_AT) === 4 && layout.readUInt32BE() < migrations.length;
    } finally {
      closeSync(file);
    }
  } catch {
    // A store that is not there yet takes no time, and what else is wrong is said by the opening.
    return false;
  }
}

/** In the place of a store that is damaged, until somebody has repaired it with the box stopped. Throws FolderInUse. */
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

/** Looks each second. */
function watched(opened: OpenedStore): Store {
  const { folder, path, db } = opened;
  let { identity, lock } = opened;
  /** The lock is taken again where its file was removed or replaced; in words where another gateway was faster. */
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
      db.health.reopen();
      identity = openIdentity(db, path);
      db.writable();
    } catch {
      // It is named as a problem already.
    }
  };
  /** Nothing may be written for minutes: only a write shows that the disk takes one again. */
  const probe = (): void => {
    try {
      setMeta(db, PROBED, String(Date.now()));
      db.writable();
    } catch {
      // Counted where it was refused.
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
      db.health.refuse('failed', error instanceof Error ? error.message : String(error));
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

interface OpenedStore {
  readonly folder: string;
  /** Of the file. */
  readonly path: string;
  readonly db: Db;
  /** Undefined while it can only be read. */
  readonly identity: FileIdentity | undefined;
  readonly lock: FolderLock | undefined;
}

/** A folder that cannot even be made is told by the store. */
function lockIt(folder: string): FolderLock | undefined {
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
    return openDb(folder, { waitMs: LOOP_WAIT_MS, reserveUsed });
  } catch (error) {
    if (!(error instanceof StoreError) || !mayBeRead(folder, error)) throw error;
    const db = readOnly(folder, error);
    db.health.shut(isFull(folder) ? 'full' : 'read-only', error.message);
    log.error({ why: error.message }, 'the store cannot be written: the box looks up and shows, and keeps nothing');
    return db;
  }
}

/** Whether it is the disk that refuses, or a link that leads away, rather than a file that is none of ours. */
function mayBeRead(folder: string, { cause }: StoreError): boolean {
  const { code = '' } = cause as { code?: string };
  const size = statSync(join(folder, DB_FILE), { throwIfNoEntry: false })?.size ?? 0;
  return size > 0 && /FULL|ENOSPC|READONLY|EROFS|CANTOPEN|IOERR|BUSY|SITEBOX_LINK/.test(code);
}

function readOnly(folder: string, error: StoreError): Db {
  try {
    return connect(openReadOnly(folder), folder, { waitMs: LOOP_WAIT_MS });
  } catch {
    throw error;
  }
}
