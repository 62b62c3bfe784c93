/** Overwrites parts of a store's file, as a failing disk would. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DB_FILE, openDb, type Db } from '../db.ts';

export type Fill = (length: number) => Buffer;

export const FILLS: readonly (readonly [string, Fill])[] = [
  ['zeros', (n) => Buffer.alloc(n)],
  ['noise', (n) => Buffer.from(Array.from({ length: n }, (_, i) => (i * 73 + 151) % 256))],
];

/** Numbers of the leaf pages of a table or index. */
export function leavesOf(db: Db, name: string): readonly number[] {
  const leaves = db.prepare(`SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno`);
  return leaves.pluck().all(name) as number[];
}

/** Closes the store, overwrites these pages of its file, and opens it again. */
export function overwritePages(db: Db, folder: string, pages: readonly number[], fill: Fill): Db {
  const size = db.pragma('page_size', { simple: true }) as number;
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  const file = openSync(join(folder, DB_FILE), 'r+');
  for (const page of pages) writeSync(file, fill(size), 0, size, (page - 1) * size);
  closeSync(file);
  return openDb(folder);
}
