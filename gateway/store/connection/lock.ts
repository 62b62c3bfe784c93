/**
 * One gateway per folder: a running one holds a kernel lock on a small file in it. The lock ends with its process, however that ends, so neither a
 * leftover file nor a reused process id can be mistaken for a gateway.
 */
import Database from 'better-sqlite3';
import { lstatSync, readFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { explainStore } from '../db.ts';
import { createPrivate } from '../files/private-files.ts';
import { DB_FILE, LOCK_FILE } from '../files/names.ts';
import { english } from '../../contracts/words/words.ts';

/** Another gateway runs on the folder. */
export class FolderInUse extends Error {
  /** Process id of the other gateway; undefined if the kernel does not tell. */
  readonly pid: number | undefined;
  constructor(folder: string, pid: number | undefined) {
    super(pid === undefined ? english('store-in-use', { folder }) : english('store-in-use-by', { pid, folder }));
    this.name = 'FolderInUse';
    this.pid = pid;
  }
}

/** Locks `folder`, which must exist. Throws FolderInUse, or StoreError. On a read-only disk no gateway can write, so none is kept out. */
export function lockFolder(folder: string) {
  const path = join(folder, LOCK_FILE);
  let lock: Database.Database | undefined;
  try {
    clearWay(path);
    createPrivate(path);
    lock = new Database(path, { timeout: 0 });
    // The file stays empty: SQLite locks bytes beyond its end, and its journal is in memory.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    const { code = '' } = error as { code?: string };
    if (code.startsWith('SQLITE_BUSY')) throw new FolderInUse(folder, gatewayOn(folder));
    if (code === 'EROFS' || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN'))
      return { holds: () => true, release: () => undefined };
    throw explainStore(folder, error);
  }
  const inode = inodeOf(path);
  return {
    /** Whether the locked file is the one at its path: if that was removed or replaced, a second gateway would not be kept out. */
    holds: () => inodeOf(path) === inode,
    release: () => void lock.close(),
  };
}

/** Moves aside anything but a regular file, and empties a file that is not locked. */
function clearWay(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isFile()) renameSync(path, `${path}.aside-${there.ino}`);
  else if (there.size > 0) truncateSync(path);
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

/** The byte that SQLite locks (its source, os_unix.c: PENDING_BYTE). */
const LOCKED_BYTE = 0x40000000;

/** The process that holds the lock of `folder` (proc_locks(5)); undefined if none does. */
export function gatewayOn(folder: string): number | undefined {
  const held = locksOn(join(folder, LOCK_FILE));
  return held.find(({ kind, from }) => kind === 'WRITE' && from === LOCKED_BYTE)?.pid;
}

/** Other processes that have the store of `folder` open: in WAL mode each connection that has read holds a lock on the file until it is closed. */
export function othersOn(folder: string): readonly number[] {
  const pids = [DB_FILE, `${DB_FILE}-shm`].flatMap((name) => locksOn(join(folder, name)).map(({ pid }) => pid));
  return [...new Set(pids)].filter((pid) => pid !== process.pid);
}

/** Waiting ones are left out. */
function locksOn(path: string): { readonly pid: number; readonly kind: string; readonly from: number }[] {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file) return [];
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, kind = '', pid, inode, from] =
        /^\d+: POSIX +ADVISORY +(\w+) +(\d+) +\w+:\w+:(\d+) +(\d+) /.exec(line) ?? [];
      return Number(inode) === file.ino ? [{ pid: Number(pid), kind, from: Number(from) }] : [];
    });
}
