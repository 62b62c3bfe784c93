/** One page of each table and index overwritten in turn: the check names it, and says nothing of a store that is whole. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { overwritePage, pagesOf, pageToDamage, type How, type Page } from '../../../simulators/faults/pages.ts';
import { fillStore } from '../../../simulators/faults/store-fill.ts';
import { checkStore, damageText, FREE_PAGES, SCHEMA_PART, type CheckReport } from './check.ts';
import { DB_FILE, openDb, openForReading } from '../db.ts';
import { putList } from '../lists.ts';
import { createHash } from 'node:crypto';

let folder: string;
let whole: string;
let pages: Page[];

beforeAll(() => {
  folder = tempFolder();
  whole = join(folder, DB_FILE);
  const db = openDb(folder);
  fillStore(db, 150);
  const bytes = Buffer.alloc(30_000, 'x');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const signed = { sha256, bytes, signatures: '', importedMs: 1, importedBy: 'simulator' };
  db.transaction(() => putList(db, { type: 'plate-list', version: 1, ...signed })).immediate();
  // Some pages become free.
  db.prepare("DELETE FROM outbox WHERE type = 'io.sitebox.order.v1'").run();
  db.close();
  pages = pagesOf(whole);
});

function checkOf(path: string): CheckReport {
  const db = openForReading(path);
  try {
    return checkStore(db);
  } finally {
    db.close();
  }
}

function damaged(page: Page, how: How): CheckReport {
  const copy = join(folder, 'copy.db');
  copyFileSync(whole, copy);
  overwritePage(copy, page.number, how);
  try {
    return checkOf(copy);
  } catch (error) {
    // So damaged that it cannot be opened: the box says so and ends (exit 74).
    return { damages: [{ part: SCHEMA_PART, what: String(error) }], audit: undefined, tookMs: 0 };
  }
}

test('W6: a store that is whole is called whole', () => {
  expect(checkOf(whole)).toMatchObject({ damages: [], audit: { ok: true } });
});

test('W6: one page of each table and index, overwritten, is named', () => {
  const names = [...new Set(pages.map((p) => p.name))];
  // All tables and their indexes, or the list of them was not read.
  expect(names.length).toBeGreaterThan(30);
  const unnoticed: string[] = [];
  const misnamed: string[] = [];
  for (const name of names) {
    for (const kind of ['leaf', 'internal', 'overflow'] as const) {
      const page = pageToDamage(pages, name, kind);
      for (const how of page ? (['random', 'zeros'] as const) : []) {
        const { damages } = damaged(page!, how);
        if (damages.length === 0) unnoticed.push(`${name} ${kind} ${how}`);
        else if (!damageText(damages).includes(name) && !isAutomatic(name) && name !== 'sqlite_schema')
          misnamed.push(`${name} ${kind} ${how}: ${damageText(damages)}`);
      }
    }
  }
  expect(unnoticed).toEqual([]);
  expect(misnamed).toEqual([]);
});

test('W6: the last overflow page of a picture, a list and a row, which SQLite itself takes for sound, is seen', () => {
  for (const name of ['evidence', 'lists', 'outbox']) {
    const page = pages.find((p) => p.name === name && p.last);
    if (name !== 'outbox') expect(page).toBeDefined();
    if (page) expect(damaged(page, 'zeros').damages).toMatchObject([{ part: name }]);
  }
});

test('W6: a damaged free page is named', () => {
  const used = new Set(pages.map((p) => p.number));
  const free = Array.from({ length: Math.max(...used) }, (_, i) => i + 1).filter((n) => !used.has(n));
  expect(free.length).toBeGreaterThan(0);
  // The one that lists the others; what lies in those is nobody's.
  const found = free.map((number) => damaged({ ...pages[0]!, number }, 'random').damages);
  expect(found.flat().map((d) => d.part)).toContain(FREE_PAGES);
});

/** SQLite gives the index of a primary key a name of its own; its table is named. */
const isAutomatic = (name: string): boolean => name.startsWith('sqlite_autoindex');
