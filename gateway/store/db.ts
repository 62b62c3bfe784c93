/** The store: one SQLite file. This folder is the only place that writes SQL; only this file and three of `connection/` import the driver. */
import Database from 'better-sqlite3';
import { accessSync, constants, lstatSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { dropBallast, freeBytes } from './files/ballast.ts';
import { Db } from './connection/connection.ts';
import { createPrivate, makeFolder } from './files/private-files.ts';
import { copyToMemory, openBytes } from './connection/in-memory.ts';
import { migrations } from './migrations.ts';
import { DB_FILE } from './files/names.ts';
import { mendRowNumbers } from './outbox/row-numbers.ts';
import { english } from '../contracts/words/words.ts';

// With the module and not with the first store: where the binary is missing the program ends before it has begun anything.
new Database(':memory:').close();

export { Db } from './connection/connection.ts';
export { DB_FILE } from './files/names.ts';

/** The store cannot be used; the message says what is wrong with the folder or the file and what to do. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/** Nothing is written through a link, which may lead anywhere. */
class LinkError extends Error {
  readonly code = 'SITEBOX_LINK';
  constructor(path: string) {
    super(english('store-is-link', { path }));
    this.name = 'LinkError';
  }
}

export interface OpenOptions {
  /** How long a write waits for the lock of another program, ms; 10 s by default. What runs on the event loop waits shortly. */
  readonly waitMs?: number;
  /** Called when the ballast was given up, because a write found the disk full. */
  readonly reserveUsed?: () => void;
}

const WAIT_MS = 10_000;
/** With less room than this, what could not be opened was refused for want of it. */
const NO_ROOM_BYTES = 2 ** 20;
/** Pages of 4 KiB, should nobody move the log of SQLite into its file before. */
const LAST_RESORT_FRAMES = 50_000;
/** The least that SQLite's shared memory takes (sqlite.org/walformat.html, 2.2). */
const SHM_BYTES = 32_768;
/** Of the gateway: everything waits with a write, and the import of a long list holds the lock for longer. */
export const LOOP_WAIT_MS = 30;

/**
 * Opens (and if need be creates or upgrades) the store in `folder`. On a full disk the ballast is given up. Throws StoreError.
 * Every open sets synchronous=FULL: a reopened WAL file would otherwise be NORMAL, which may lose the last commits at a power cut.
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
    const db = connect(
      onReserve(folder, giveReserve, () => openWritable(folder)),
      folder,
      { ...options, giveReserve },
    );
    db.health.useReserve(given);
    return db;
  } catch (error) {
    throw new StoreError(explain(folder, error), { cause: error });
  }
}

/** Puts the door before a file that was opened with `openWritable` or `openReadOnly`. */
export function connect(
  file: Database.Database,
  folder: string,
  { waitMs = WAIT_MS, giveReserve }: Pick<OpenOptions, 'waitMs'> & { readonly giveReserve?: () => boolean },
): Db {
  const room = { freeBytes: () => freeBytes(folder), mendFull: mendRowNumbers };
  return new Db(file, { waitMs, ...room, ...(giveReserve ? { giveReserve } : {}) });
}

/** Another view of a store that may be open elsewhere, or of a copy: only for reading, its layout taken as it is. Throws what SQLite throws. */
export function openForReading(path: string): Db {
  return new Db(new Database(path, { readonly: true, fileMustExist: true, timeout: WAIT_MS }), { waitMs: WAIT_MS });
}

/** A whole store in one file that nobody else has open: a copy on its way out or in. Brought up to date; no log beside it. Throws what SQLite throws. */
export function openCopy(path: string): Db {
  const file = new Database(path, { timeout: WAIT_MS });
  try {
    file.pragma('journal_mode = DELETE');
    file.pragma('foreign_keys = ON');
    file.pragma('secure_delete = ON');
    migrate(file);
    return new Db(file, { waitMs: WAIT_MS });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Moves the log of a store that nobody has open into it, its layout taken as it is. Throws what SQLite throws. */
export function checkpointFile(path: string): void {
  const file = new Database(path, { fileMustExist: true, timeout: WAIT_MS });
  try {
    file.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    file.close();
  }
}

/** Of a store that is open elsewhere in this process. Another program's checkpoint is waited for by nobody: it does the same. Throws what SQLite throws. */
export function openForCheckpoints(path: string): { checkpoint(): void; close(): void } {
  const file = new Database(path, { fileMustExist: true, timeout: 0 });
  file.pragma('synchronous = FULL');
  return { checkpoint: () => void file.pragma('wal_checkpoint(PASSIVE)'), close: () => void file.close() };
}

/** A full disk may refuse even to open what is there: its helper files need room. */
function onReserve<T>(folder: string, give: () => boolean, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (freeBytes(folder) > NO_ROOM_BYTES || !give()) throw error;
    return open();
  }
}

/** The file itself; made where there is none, brought up to date where it is of an earlier version. Throws what SQLite throws. */
export function openWritable(folder: string): Database.Database {
  const path = join(folder, DB_FILE);
  createPrivate(path);
  if (lstatSync(path).isSymbolicLink()) throw new LinkError(path);
  // SQLite would open a file that cannot be written for reading, and say so at the first write.
  accessSync(path, constants.R_OK | constants.W_OK);
  const file = new Database(path, { timeout: WAIT_MS });
  try {
    file.pragma('journal_mode = WAL');
    // A running gateway moves the log into the file itself, and takes any other change of the file for somebody else's (`file-identity.ts`).
    file.pragma(`wal_autocheckpoint = ${LAST_RESORT_FRAMES}`);
    file.pragma('synchronous = FULL');
    file.pragma('foreign_keys = ON');
    // Deleted evidence is overwritten, not merely unlinked.
    file.pragma('secure_delete = ON');
    migrate(file);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Of a file that can be read but not written. Throws where it cannot be read either, or has another layout than this code knows. */
export function openReadOnly(folder: string): Database.Database {
  const path = join(folder, DB_FILE);
  try {
    const file = new Database(path, { readonly: true, fileMustExist: true, timeout: LOOP_WAIT_MS });
    try {
      if (file.pragma('user_version', { simple: true }) === migrations.length) return file;
      throw new Error(english('store-needs-update'));
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    // SQLite wants to make its helper files. Where the shared one is there already, it failed for something else.
    if ((lstatSync(`${path}-shm`, { throwIfNoEntry: false })?.size ?? 0) >= SHM_BYTES) throw error;
    return copyToMemory(path);
  }
}

/** The store that is there, or the one `inMemory`, for a thread that only reads: takes no lock that a writer would have to wait for. */
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
    for (const [i, sql] of migrations.entries()) {
      if (i < have) continue;
      db.exec(sql);
      db.pragma(`user_version = ${i + 1}`);
    }
  }).immediate();
}

const NEWER = /^the store was written by a newer sitebox/;
/** The number of the layout is lost, and what it made is there. */
const MADE_TWICE = / already exists$|^duplicate column name: /;
/** Of a table or index that every store has. */
const NOT_THERE = /^no such (table|index|column): /;

/** SQLite met damage in the file. */
export function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && (/CORRUPT|NOTADB/.test(error.code) || NOT_THERE.test(error.message));
}

/** Of an error at the start of a gateway: nothing but a repair or a backup brings this store back. */
export function isDamagedStore(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : error;
  return isDamage(cause) || (cause instanceof Database.SqliteError && MADE_TWICE.test(cause.message));
}

/** What `read` gives, or `otherwise` where the store is too damaged to say: for views, which show the rest. The check names the damage. */
export function unlessDamaged<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return otherwise;
    throw error;
  }
}

/** What met damage, where nothing can be done without what cannot be read, in words; any other error as it is. */
export function explainDamage(folder: string, error: unknown): unknown {
  return isDamage(error) ? new StoreError(explain(folder, error), { cause: error }) : error;
}

/** What SQLite or the disk said to the opening of the store, in words; any other error as it is. */
export function explainStore(folder: string, error: unknown): unknown {
  return error instanceof Database.SqliteError ? new StoreError(explain(folder, error), { cause: error }) : error;
}

function explain(folder: string, error: unknown): string {
  const what = error instanceof Error ? error.message : String(error);
  const advice = folderInPlace(folder) ?? adviceOn(folder, (error as { code?: string }).code ?? '', what);
  return english('store-unusable', { folder, cause: what, advice });
}

/** SQLite says of it only that it cannot open or write. */
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
  if (/EEXIST|ENOTDIR/.test(code)) return english('store-advice-file');
  if (NEWER.test(what)) return english('store-advice-newer');
  return english('store-advice-cause');
}

/** Of room, or of places for files. */
export function isFull(folder: string): boolean {
  try {
    const { ffree, files } = statfsSync(folder);
    return freeBytes(folder) < NO_ROOM_BYTES || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}

/** The values of the `meta` table: small facts that outlive a restart. */
export function getMeta(db: Db, key: string): string | undefined {
  const row = db.prepare('SELECT value FROM meta WHERE key = ?').get(key) as { value: string } | undefined;
  return row?.value;
}

export function setMeta(db: Db, key: string, value: string): void {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(
    key,
    value,
  );
}
