/** The store of 0.1.0 (testdata/README.md) in a folder of the test, and its rows read without the code of the box. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { DB_FILE } from './files/names.ts';

export const RELAYS = ['room', 'broker'] as const;
/** Names of 0.1.0 that have changed since. */
export const OLD_NAMES = /"seen":|"sure":|"what":"(scene|camera moved)"|(plate\.hit|document\.hit|device)\.v1/;

const OLD_STORE = gunzipSync(readFileSync(new URL('testdata/store-0.1.0.db.gz', import.meta.url)));

/** Returns the folder. `sql` changes the store before the current code opens it. */
export function oldFolder(sql = ''): string {
  const folder = tempFolder();
  writeFileSync(join(folder, DB_FILE), OLD_STORE, { mode: 0o600 });
  if (sql !== '') raw(folder, (db) => db.exec(sql));
  return folder;
}

export function raw<T>(folder: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(folder, DB_FILE));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

export interface OutboxRow {
  readonly seq: number;
  readonly relay: string;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly evidence: string;
  readonly dead: number;
}

export const outboxRows = (folder: string): OutboxRow[] =>
  raw(folder, (db) => db.prepare('SELECT * FROM outbox ORDER BY seq').all() as unknown as OutboxRow[]);
