/** The store: one SQLite file. This folder is the only place that writes SQL; only this file and `connection.ts` import the driver. */
import Database from 'better-sqlite3';
import { closeSync, constants, lstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { dropBallast, freeBytes } from '../ops/disk.ts';
import { Db } from './connection.ts';
import { migrations } from './migrations.ts';

export { Db } from './connection.ts';

/** File name inside the storage folder. */
export const DB_FILE = 'sitebox.db';

/** The store cannot be used; the message says what is wrong with the folder or the file and what to do. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
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
/** Of the gateway: everything waits with a write. */
export const LOOP_WAIT_MS = 50;

/**
 * Opens (and if need be creates or upgrades) the store in `folder`. On a full disk the ballast is given up. Throws StoreError.
 * Every open sets synchronous=FULL: a reopened WAL file would otherwise be NORMAL, which may lose the last commits at a power cut.
 */
export function openDb(folder: string, { waitMs = WAIT_MS, reserveUsed }: OpenOptions = {}): Db {
  const giveReserve = (): boolean => {
    const given = dropBallast(folder);
    if (given) reserveUsed?.();
    return given;
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, DB_FILE);
    const { result, given } = onReserve(folder, giveReserve, () => openFile(path));
    const db = new Db(result, { waitMs, giveReserve, freeBytes: () => freeBytes(folder) });
    db.health.useReserve(given);
    return db;
  } catch (error) {
    throw new StoreError(explain(folder, error), { cause: error });
  }
}

/** A full disk may refuse even to open what is there: its helper files need room. */
function onReserve<T>(folder: string, give: () => boolean, open: () => T): { result: T; given: boolean } {
  try {
    return { result: open(), given: false };
  } catch (error) {
    if (freeBytes(folder) > NO_ROOM_BYTES || !give()) throw error;
    return { result: open(), given: true };
  }
}

function openFile(path: string): Database.Database {
  createPrivate(path);
  const file = new Database(path, { timeout: WAIT_MS });
  try {
    file.pragma('journal_mode = WAL');
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

/** SQLite gives its helper files the mode of this one, whatever the umask. A file that is there is left alone: closing it here would end its locks. */
function createPrivate(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) return;
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600));
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function migrate(db: Database.Database): void {
  const have = db.pragma('user_version', { simple: true }) as number;
  if (have > migrations.length) {
    throw new Error(`the store was written by a newer sitebox (layout ${have}, this one knows ${migrations.length})`);
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

function explain(folder: string, error: unknown): string {
  const code = (error as { code?: string }).code ?? '';
  const what = error instanceof Error ? error.message : String(error);
  const advice = /READONLY|EROFS|EACCES|EPERM|CANTOPEN/.test(code)
    ? 'the folder is read-only or not ours: check its owner and mount, or choose another in `storage.folder`'
    : /FULL|ENOSPC/.test(code)
      ? 'the disk is full: free space in the folder; nothing that was acknowledged is lost'
      : /CORRUPT|NOTADB/.test(code)
        ? 'the file is damaged: move it aside and restore the last backup'
        : /EEXIST|ENOTDIR/.test(code)
          ? 'a file stands where the folder should be: choose another path in `storage.folder`'
          : 'see the cause';
  return `storage folder ${folder} cannot be used: ${what} (${advice})`;
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
