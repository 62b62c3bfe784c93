/** All that a store holds, sealed values opened, to look for what no text and no blob of it may hide. */
import type { Db } from '../../gateway/store/db.ts';
import { isSealedText } from '../../gateway/store/sealing/cipher.ts';
import { SEALED_NAMES } from '../../gateway/store/sealing/columns.ts';
import { portionsOf } from '../../gateway/store/sealing/walk.ts';

export interface StoreContent {
  /** `table.column` of each blob. */
  readonly blobs: readonly string[];
  /** Each text with its `table.column`; signed lists and roots are left out. */
  readonly texts: readonly (readonly [column: string, text: string])[];
}

export function contentOf(db: Db): StoreContent {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
  const blobs: string[] = [];
  const texts: (readonly [string, string])[] = [];
  for (const table of tables) {
    for (const row of db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]) {
      for (const [column, value] of Object.entries(row)) {
        if (value instanceof Uint8Array) blobs.push(`${table}.${column}`);
        const isSigned = table === 'lists' || table === 'roots';
        if (typeof value === 'string' && !isSigned && !isSealedText(value)) texts.push([`${table}.${column}`, value]);
      }
    }
  }
  for (const name of SEALED_NAMES) {
    for (const { row, value } of [...portionsOf(db, name)].flat()) {
      const opened = db.sealing.look(name, row, value);
      if (!('bytes' in opened)) throw new Error(`${name}: a sealed value does not open`);
      if (typeof value === 'string') texts.push([name, opened.bytes.toString('utf8')]);
    }
  }
  return { blobs: blobs.sort(), texts };
}
