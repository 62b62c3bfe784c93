/** Closes a damaged table for writing on one connection: writes are refused in words, and reading goes on as far as it can. */
import type { Db } from '../connection/connection.ts';
import { english } from '../../contracts/words/words.ts';

/** The outbox refuses only new rows: waiting rows still leave once the other side has them. */
const REFUSED: Readonly<Record<string, readonly string[]>> = { outbox: ['INSERT'] };
const ALL = ['INSERT', 'UPDATE', 'DELETE'] as const;

/** Temporary triggers end with the connection, and do not touch the file. */
export function freezeTable(db: Db, table: string): void {
  if (!/^\w+$/.test(table)) throw new Error(`${table} is no name of a table`);
  const words = english('store-table-frozen', { table });
  for (const what of REFUSED[table] ?? ALL) {
    db.exec(
      `CREATE TEMP TRIGGER IF NOT EXISTS "frozen ${table} ${what}" BEFORE ${what} ON main."${table}"
       BEGIN SELECT raise(ABORT, '${words}'); END`,
    );
  }
}
