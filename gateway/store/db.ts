/** The store: one SQLite file. This folder is the only place that writes SQL; only this file and three of `connection/` import the driver. */
import Database from 'better-sqlite3';
import { accessSync, constants, lstatSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { causeOf } from '../contracts/errors.ts';
import { fileFault } from '../contracts/file-errors.ts';
import { dropBallast, hasNoRoom } from './files/ballast.ts';
import { Db, type ConnectionOptions } from './connection/connection.ts';
import { createPrivate, makeFolder } from './files/private-files.ts';
import { copyToMemory, openBytes } from './connection/in-memory.ts';
import { migrations } from './migrations.ts';
import { DB_FILE } from './files/names.ts';
import { mendRowNumbers } from './outbox/row-numbers.ts';
import { openKeys, readKeys, type FolderKeys } from './sealing/keys.ts';
import { noteKey } from './sealing/used-keys.ts';
import { english } from '../contracts/words/words.ts';

// At import, not at the first open: without the binary the program ends before it has begun anything.
new Database(':memory:').close();

export { Db } from './connection/connection.ts';
export { DB_FILE } from './files/names.ts';
export { getMeta, setMeta } from './meta.ts';

/** The store cannot be used; the message names the fault of the folder or file, and the remedy. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Refuses to write through a symbolic link, which may lead anywhere. */
class LinkError extends Error {
  readonly code = 'SITEBOX_LINK';
  constructor(path: string) {
    super(english('store-is-link', { path }));
    this.name = 'LinkError';
  }
}

export interface OpenOptions {
  /** How long a write waits for another program's lock, ms; 10 s by default. Code on the event loop passes a short wait. */
  readonly waitMs?: number;
  /** Called when a write found the disk full and the ballast was given up. */
  readonly reserveUsed?: () => void;
  /** Of a gateway: goes on with a new key where the one that seals rows is lost. */
  readonly renewKeys?: boolean;
}

const WAIT_MS = 10_000;
/** Pages of 4 KiB; SQLite itself checkpoints at this size, in case no other checkpoint came first. */
const LAST_RESORT_FRAMES = 50_000;
/** The smallest size of SQLite's shared memory (sqlite.org/walformat.html, 2.2). */
const SHM_BYTES = 32_768;
/** For the gateway: a waiting write holds up the whole event loop, and the import of a long list locks the store longer than this. */
export const LOOP_WAIT_MS = 30;

/**
 * Opens the store in `folder`, and creates or upgrades it as needed. On a full disk it gives up the ballast. Throws StoreError. Every open sets
 * synchronous=FULL: a reopened WAL file would otherwise be NORMAL, which may lose the last commits in a power cut.
 */
export function openDb(folder: string, options: OpenOptions = {}): Db {
  let given = false;
  const giveReserve = (): boolean => {
    const gave = dropBallast(folder);
    given ||= gave;
    if (gave) options.reserveUsed?.();
    return gave;
  };
  try {
    makeFolder(folder);
    const file = onReserve(folder, giveReserve, () => openWritable(folder));
    const db = connect(file, { waitMs: options.waitMs ?? WAIT_MS, folder, giveReserve });
    db.health.useReserve(given);
    if (!db.sealing.keys.keyring.current || options.renewKeys)
      db.sealing.use(onReserve(folder, giveReserve, () => openKeys(folder, { renew: options.renewKeys ?? false })));
    noteKey(db);
    return db;
  } catch (error) {
    throw new StoreError(explain(folder, error), { cause: error });
  }
}

/** Wraps a file opened with `openWritable` or `openReadOnly`. */
export function connect(file: Database.Database, options: Omit<ConnectionOptions, 'mendFull'>): Db {
  const db = new Db(file, { ...options, mendFull: mendRowNumbers });
  return options.folder === undefined ? db : withKeys(db, readKeys(options.folder));
}

/** Opens a copy, or a store that may be open elsewhere, for reading; does not upgrade its layout. Throws what SQLite throws. */
export function openForReading(path: string): Db {
  const file = new Database(path, { readonly: true, fileMustExist: true, timeout: WAIT_MS });
  return withKeys(new Db(file, { waitMs: WAIT_MS }), readKeys(dirname(path)));
}

function withKeys(db: Db, keys: FolderKeys): Db {
  db.sealing.use(keys);
  return db;
}

/**
 * Opens a whole store in one file for exclusive use, such as a backup being made or restored. Upgrades it; keeps no log beside it. Throws what
 * SQLite throws. `keys`: those of its folder by default.
 */
export function openCopy(path: string, keys: FolderKeys = readKeys(dirname(path))): Db {
  return withKeys(new Db(openUpgraded(path, ['journal_mode = DELETE']), { waitMs: WAIT_MS }), keys);
}

/** Checkpoints the log of a store that is not open elsewhere; does not upgrade its layout. Throws what SQLite throws. */
export function checkpointFile(path: string): void {
  const file = new Database(path, { fileMustExist: true, timeout: WAIT_MS });
  try {
    file.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    file.close();
  }
}

/**
 * Opens a second connection to a store that is open in this process. Does not wait for another program's checkpoint, which does the same work.
 * Throws what SQLite throws.
 */
export function openForCheckpoints(path: string): { checkpoint(): void; close(): void } {
  const file = new Database(path, { fileMustExist: true, timeout: 0 });
  file.pragma('synchronous = FULL');
  return { checkpoint: () => void file.pragma('wal_checkpoint(PASSIVE)'), close: () => void file.close() };
}

/** On a full disk even opening an existing store may fail, because SQLite's helper files need room. */
function onReserve<T>(folder: string, give: () => boolean, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!hasNoRoom(folder) || !give()) throw error;
    return open();
  }
}

/** Opens the file for writing; creates it if missing, upgrades an earlier layout. Throws what SQLite throws. */
export function openWritable(folder: string): Database.Database {
  const path = join(folder, DB_FILE);
  createPrivate(path);
  if (lstatSync(path).isSymbolicLink()) throw new LinkError(path);
  // SQLite would open a write-protected file for reading, and fail only at the first write.
  accessSync(path, constants.R_OK | constants.W_OK);
  // A running gateway checkpoints on its own, and takes any other change of the file for that of another program (`file-identity.ts`).
  return openUpgraded(path, ['journal_mode = WAL', `wal_autocheckpoint = ${LAST_RESORT_FRAMES}`, 'synchronous = FULL']);
}

function openUpgraded(path: string, pragmas: readonly string[]): Database.Database {
  const file = new Database(path, { timeout: WAIT_MS });
  try {
    // secure_delete: deleted evidence is overwritten, not merely unlinked.
    for (const pragma of [...pragmas, 'foreign_keys = ON', 'secure_delete = ON']) file.pragma(pragma);
    migrate(file);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Opens a file that can be read but not written. Throws if it cannot be read, or has a layout that this code does not know. */
export function openReadOnly(folder: string): Database.Database {
  const path = join(folder, DB_FILE);
  return openCurrent(path) ?? copyToMemory(path);
}

/** Undefined where only a copy helps: the layout is an earlier one, or SQLite cannot make its helper files. */
function openCurrent(path: string): Database.Database | undefined {
  try {
    const file = new Database(path, { readonly: true, fileMustExist: true, timeout: LOOP_WAIT_MS });
    try {
      if (file.pragma('user_version', { simple: true }) === migrations.length) return file;
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return undefined;
  } catch (error) {
    // SQLite needs its helper files. If the shared-memory file exists, the failure has another cause.
    if ((lstatSync(`${path}-shm`, { throwIfNoEntry: false })?.size ?? 0) >= SHM_BYTES) throw error;
    return undefined;
  }
}

/** Opens the store on disk, or the one in `inMemory`, for a thread that only reads: it takes no lock that a writer would wait for. */
export function openDbReader(folder: string, inMemory?: Uint8Array): Db {
  try {
    return new Db(inMemory ? openBytes(inMemory) : openReadOnly(folder), { waitMs: WAIT_MS });
  } catch (error) {
    throw new StoreError(explain(folder, error), { cause: error });
  }
}

function migrate(db: Database.Database): void {
  const have = db.pragma('user_version', { simple: true }) as number;
  if (have > migrations.length) {
    throw new Error(english('store-newer', { layout: have, known: migrations.length }));
  }
  if (have === migrations.length) return;
  db.transaction(() => {
    // A damaged number may be negative.
    for (const sql of migrations.slice(Math.max(0, have))) db.exec(sql);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

const NEWER = /^the store was written by a newer sitebox/;
/** A migration failed because its tables exist: the layout number is lost. */
const MADE_TWICE = / already exists$|^duplicate column name: /;
/** SQLite misses a table, index or column that every store has. */
const NOT_THERE = /^no such (table|index|column): /;

/** Whether SQLite met damage in the file. */
export function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && (/CORRUPT|NOTADB/.test(error.code) || NOT_THERE.test(error.message));
}

/** Whether `error`, at the start of a gateway, means that only a repair or a backup brings this store back. */
export function isDamagedStore(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : error;
  return isDamage(cause) || (cause instanceof Database.SqliteError && MADE_TWICE.test(cause.message));
}

/** The result of `read`, or `otherwise` where damage prevents it: views show the rest, and the check names the damage. */
export function unlessDamaged<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return otherwise;
    throw error;
  }
}

/** Whether there is a store in `folder`. Throws StoreError where this account may not look. */
export function hasStore(folder: string): boolean {
  try {
    return statSync(join(folder, DB_FILE), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw explainStore(folder, error);
  }
}

/** An error of SQLite or the system that keeps the store from being used, as a StoreError in words; any other error unchanged. */
export function explainStore(folder: string, error: unknown): unknown {
  const isOfStore = error instanceof Database.SqliteError || (error as NodeJS.ErrnoException).syscall !== undefined;
  return isOfStore ? new StoreError(explain(folder, error), { cause: error }) : error;
}

function explain(folder: string, error: unknown): string {
  const what = fileFault(error)?.what ?? causeOf(error);
  const advice = folderInPlace(folder) ?? adviceOn(folder, (error as { code?: string }).code ?? '', what);
  return english('store-unusable', { folder, cause: what, advice });
}

/** Names an obstacle in the folder, for which SQLite reports only that it cannot open or write. */
function folderInPlace(folder: string): string | undefined {
  const names = ['', '-wal', '-shm'].map((end) => `${DB_FILE}${end}`);
  const found = names.find((name) => {
    try {
      return lstatSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory();
    } catch {
      return false;
    }
  });
  return found && english('store-advice-folder', { file: found });
}

function adviceOn(folder: string, code: string, what: string): string {
  if (/FULL|ENOSPC/.test(code) || (/IOERR|CANTOPEN/.test(code) && isFull(folder))) return english('store-advice-full');
  if (/READONLY|EROFS|EACCES|EPERM|CANTOPEN/.test(code)) return english('store-advice-owner');
  if (/CORRUPT|NOTADB/.test(code) || NOT_THERE.test(what) || MADE_TWICE.test(what))
    return english('store-advice-damaged');
  if (code === 'SITEBOX_LINK') return english('store-advice-link');
  if (code.startsWith('SQLITE_BUSY')) return english('store-advice-busy');
  if (/EEXIST|ENOTDIR/.test(code)) return english('store-advice-file');
  if (NEWER.test(what)) return english('store-advice-newer');
  return english('store-advice-cause');
}

/** Whether the disk has no more space, or no more inodes. */
export function isFull(folder: string): boolean {
  try {
    const { ffree, files } = statfsSync(folder);
    return hasNoRoom(folder) || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}
