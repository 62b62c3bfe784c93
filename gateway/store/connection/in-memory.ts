/**
 * Loads what look-ups and display need from a file beside which SQLite cannot make its helper files: lists, roots, the crew's devices, the newest
 * calls for help, and small facts. Leaves out hits, pictures, orders and the outbox.
 */
import Database from 'better-sqlite3';
import { lstatSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { migrations } from '../migrations.ts';
import { english } from '../../contracts/words/words.ts';

const TABLES: Readonly<Record<string, string>> = {
  meta: '',
  roots: '',
  lists: '',
  devices: '',
  sos: 'ORDER BY raisedMs DESC LIMIT 1000',
};

/** Returns the rows of a statement. */
type Read = (sql: string) => Record<string, unknown>[];

/** An earlier layout is brought up to date in the copy. Throws if even this cannot read the file, or a later version wrote it. Takes no lasting lock, and leaves nothing open. */
export function copyToMemory(path: string): Database.Database {
  try {
    return copyAlone(path);
  } catch {
    return copyUntouched(path);
  }
}

/**
 * For a full disk: a connection with exclusive access keeps SQLite's index of the log in memory (sqlite.org/wal.html, "Use of WAL Without
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
 * For a read-only disk: takes no lock and makes no file. It cannot read a log, so there must be none. Node's own SQLite accepts URIs; the driver's
 * does not know `immutable` (sqlite.org/uri.html).
 */
function copyUntouched(path: string): Database.Database {
  if ((lstatSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new Error(english('store-log-unreadable'));
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const address = pathToFileURL(path);
  address.searchParams.set('immutable', '1');
  using from = new DatabaseSync(address, { readOnly: true });
  return copy((sql) => from.prepare(sql).all());
}

function copy(read: Read): Database.Database {
  const layout = Number(read('PRAGMA user_version')[0]!['user_version']);
  if (layout < 0 || layout > migrations.length) throw new Error(english('store-other-layout'));
  const to = emptyStore(layout);
  for (const [table, which] of Object.entries(TABLES)) {
    const rows = read(`SELECT * FROM ${table} ${which}`);
    const names = Object.keys(rows[0] ?? {});
    if (names.length === 0) continue;
    const add = to.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`);
    for (const row of rows) add.run(...names.map((name) => row[name]));
  }
  for (const step of migrations.slice(layout)) to.exec(step);
  return to;
}

/** Opens the bytes of `Db.inMemory` for reading. */
export function openBytes({ buffer, byteOffset, byteLength }: Uint8Array): Database.Database {
  return new Database(Buffer.from(buffer, byteOffset, byteLength), { readonly: true });
}

/** An empty store in memory, of the newest layout by default. */
export function emptyStore(layout = migrations.length): Database.Database {
  const store = new Database(':memory:');
  for (const step of migrations.slice(0, layout)) store.exec(step);
  return store;
}
