/** Closes a damaged table for writing, for one connection: what would be written is refused in words. Reading goes on as far as it gets. */
import type { Db } from '../connection/connection.ts';
import { english } from '../../contracts/words/words.ts';

/** Of the outbox only new rows are refused: what waits there still leaves, once the other side has it. */
const REFUSED: Readonly<Record<string, readonly string[]>> = { outbox: ['INSERT'] };
const ALL = ['INSERT', 'UPDATE', 'DELETE'] as const;

/** Temporary triggers: they are gone with the connection, and the file is not touched. */
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
