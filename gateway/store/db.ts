/** The store: one SQLite file. This folder is the only place that writes SQL, this file the only importer of the driver. */
import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { migrations } from './migrations.ts';

export type Db = Database.Database;

/** File name inside the storage folder. */
export const DB_FILE = 'sitebox.db';

/** The store cannot be used; the message says what is wrong with the folder or the file and what to do. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/**
 * Opens (and if need be creates or upgrades) the store in `folder`.
 * Every open sets synchronous=FULL: a reopened WAL file would otherwise be NORMAL, which may lose the last commits at a power cut.
 */
export function openDb(folder: string): Db {
  let db: Db | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    db = new Database(join(folder, DB_FILE), { timeout: 5000 });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    // Deleted evidence is overwritten, not merely unlinked.
    db.pragma('secure_delete = ON');
    migrate(db);
    return db;
  } catch (error) {
    db?.close();
    throw new StoreError(explain(folder, error), { cause: error });
  }
}

function migrate(db: Db): void {
  const have = db.pragma('user_version', { simple: true }) as number;
  if (have > migrations.length) {
    throw new Error(`the store was written by a newer sitebox (layout ${have}, this one knows ${migrations.length})`);
  }
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
