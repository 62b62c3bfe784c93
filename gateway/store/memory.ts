/**
 * What a box needs to look up and to show, read out of a file that even SQLite's own helper files cannot be made beside: lists, roots, the crew's
 * devices, the newest calls for help, and small facts. Nothing of hits, pictures, orders or the outbox.
 */
import Database from 'better-sqlite3';
import { pathToFileURL } from 'node:url';
import { migrations } from './migrations.ts';

const TABLES: Readonly<Record<string, string>> = {
  meta: '',
  roots: '',
  lists: '',
  devices: '',
  sos: 'ORDER BY raisedMs DESC LIMIT 1000',
};

/** `path` must have no log beside it, or what is in the log is missed. Throws where it cannot be read or has another layout. */
export function copyToMemory(path: string): Database.Database {
  // Node's own SQLite takes addresses; the driver's does not know `immutable` (sqlite.org/uri.html), which does without locks and helper files.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const address = pathToFileURL(path);
  address.searchParams.set('immutable', '1');
  const from = new DatabaseSync(address, { readOnly: true });
  try {
    const { user_version: layout } = from.prepare('PRAGMA user_version').get() as { user_version: number };
    if (layout !== migrations.length) throw new Error('the layout of the store is another one');
    const to = new Database(':memory:');
    for (const sql of migrations) to.exec(sql);
    for (const [table, which] of Object.entries(TABLES)) {
      const rows = from.prepare(`SELECT * FROM ${table} ${which}`).all();
      const names = Object.keys(rows[0] ?? {});
      if (names.length === 0) continue;
      const add = to.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`);
      for (const row of rows) add.run(...names.map((name) => row[name]));
    }
    return to;
  } finally {
    from.close();
  }
}
