/** Reads the values of a sealed column in portions, so that neither memory nor a snapshot grows with the table. */
import type { Db } from '../connection/connection.ts';
import { SEALED_COLUMNS, type SealedName } from './columns.ts';

export interface StoredValue {
  readonly rowNumber: number;
  /** Names the row in its sealed value. */
  readonly row: string;
  /** A BLOB or a text, as the column has it. */
  readonly value: Buffer | string;
}

/** Pictures are some 100 kB each. */
const AT_ONCE: Readonly<Partial<Record<SealedName, number>>> = { 'evidence.bytes': 20 };
const ROWS_AT_ONCE = 200;

/** Yields each portion, in order of row numbers. `which`: a condition in SQL. Throws what SQLite throws for a damaged page. */
export function* portionsOf(db: Db, name: SealedName, which = 'true'): Generator<readonly StoredValue[]> {
  const { table, column, key } = SEALED_COLUMNS[name];
  const limit = AT_ONCE[name] ?? ROWS_AT_ONCE;
  const some = db.prepare(
    `SELECT rowid AS rowNumber, ${key.join(` || ' ' || `)} AS row, ${column} AS value FROM ${table}
     WHERE rowid > ? AND ${column} IS NOT NULL AND ${which} ORDER BY rowid LIMIT ${limit}`,
  );
  for (let last = 0; ;) {
    const values = some.all(last) as StoredValue[];
    if (values.length > 0) yield values;
    if (values.length < limit) return;
    last = values.at(-1)!.rowNumber;
  }
}
