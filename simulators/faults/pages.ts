/** Pages of a store: which table or index each belongs to, and how one is overwritten as a bad disk would. The store is closed meanwhile. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { openForReading } from '../../gateway/store/db.ts';

export interface Page {
  /** Of the table or index. */
  readonly name: string;
  readonly number: number;
  /** The first page of its tree; a tree of one page has no other. */
  readonly root: boolean;
  readonly kind: 'leaf' | 'internal' | 'overflow';
  /** Ends a chain of overflow pages: SQLite has no way to see that it holds something else. */
  readonly last: boolean;
}

const PAGE_BYTES = 4_096;

/** All pages of tables and indexes, in order of name and number. */
export function pagesOf(path: string): Page[] {
  const db = openForReading(path);
  try {
    const roots = new Set(db.prepare('SELECT rootpage FROM sqlite_schema').pluck().all() as number[]);
    const rows = db.prepare('SELECT name, pageno, pagetype, path FROM dbstat ORDER BY name, path').all() as {
      name: string;
      pageno: number;
      pagetype: Page['kind'];
      path: string;
    }[];
    return rows.map(({ name, pageno, pagetype, path: at }, i) => ({
      name,
      number: pageno,
      root: roots.has(pageno) || pageno === 1,
      kind: pagetype,
      // A path of dbstat is `/000/000+000001`: the chain of the cell before the plus.
      last: pagetype === 'overflow' && rows[i + 1]?.path.split('+')[0] !== at.split('+')[0],
    }));
  } finally {
    db.close();
  }
}

export type How = 'random' | 'zeros';

export function overwritePage(path: string, page: number, how: How): void {
  const fd = openSync(path, 'r+');
  try {
    const bytes = how === 'zeros' ? Buffer.alloc(PAGE_BYTES) : randomBytes(PAGE_BYTES);
    writeSync(fd, bytes, 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  } finally {
    closeSync(fd);
  }
}

/** The page to damage of a tree: an ordinary one, not the root, where there is one; the last of its kind, so that new rows meet it too. */
export function pageToDamage(pages: readonly Page[], name: string, kind?: Page['kind']): Page | undefined {
  const own = pages.filter((p) => p.name === name && (kind === undefined || p.kind === kind));
  return own.filter((p) => !p.root).at(-1) ?? own.at(-1);
}
