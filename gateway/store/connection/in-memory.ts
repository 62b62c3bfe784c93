/**
 * What a box needs to look up and to show, read out of a file that even SQLite's own helper files cannot be made beside: lists, roots, the crew's
 * devices, the newest calls for help, and small facts. Nothing of hits, pictures, orders or the outbox.
 */
import Database from 'better-sqlite3';
import { lstatSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { migrations } from '../migrations.ts';

const TABLES: Readonly<Record<string, string>> = {
  meta: '',
  roots: '',
  lists: '',
  devices: '',
  sos: 'ORDER BY raisedMs DESC LIMIT 1000',
};

/** Gives the rows of a statement. */
type Read = (sql: string) => Record<string, unknown>[];

/** Throws where the file cannot be read like this either, or has another layout. Takes no lock that lasts, and leaves nothing open. */
export function copyToMemory(path: string): Database.Database {
  try {
    return copyAlone(path);
  } catch {
    return copyUntouched(path);
  }
}

/**
 * On a full disk: whoever has the file for himself alone keeps SQLite's index of its log in memory (sqlite.org/wal.html, "Use of WAL Without
 * Shared-Memory").
 */
function copyAlone(path: string): Database.Database {
  const from = new Database(path, { fileMustExist: true, timeout: 0 });
  try {
    from.pragma('locking_mode = EXCLUSIVE');
    return copy((sql) => from.prepare(sql).all() as Record<string, unknown>[]);
  } finally {
    from.close();
  }
}

/**
 * On a disk that is read-only: nothing is locked and nothing made beside the file. What waits in a log would be missed, so there must be none.
 * Node's own SQLite takes addresses; the driver's does not know `immutable` (sqlite.org/uri.html).
 */
function copyUntouched(path: string): Database.Database {
  if ((lstatSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw new Error('its log cannot be read');
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const address = pathToFileURL(path);
  address.searchParams.set('immutable', '1');
  const from = new DatabaseSync(address, { readOnly: true });
  try {
    return copy((sql) => from.prepare(sql).all());
  } finally {
    from.close();
  }
}

function copy(read: Read): Database.Database {
  if (read('PRAGMA user_version')[0]!['user_version'] !== migrations.length)
    throw new Error('the layout of the store is another one');
  const to = new Database(':memory:');
  for (const sql of migrations) to.exec(sql);
  for (const [table, which] of Object.entries(TABLES)) {
    const rows = read(`SELECT * FROM ${table} ${which}`);
    const names = Object.keys(rows[0] ?? {});
    if (names.length === 0) continue;
    const add = to.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`);
    for (const row of rows) add.run(...names.map((name) => row[name]));
  }
  return to;
}

/** What `Db.inMemory` gave; only for reading. */
export function openBytes({ buffer, byteOffset, byteLength }: Uint8Array): Database.Database {
  return new Database(Buffer.from(buffer, byteOffset, byteLength), { readonly: true });
}

/** A store that holds nothing, of the newest layout unless told; in memory. */
export function emptyStore(layout = migrations.length): Database.Database {
  const store = new Database(':memory:');
  for (const step of migrations.slice(0, layout)) store.exec(step);
  return store;
}
