/** Overwrites one page of each table and index in turn: the check names it, and finds nothing in a sound store. */
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
  // Frees some pages.
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
    // Too damaged to be opened: the box reports it and ends (exit 74).
    return { damages: [{ part: SCHEMA_PART, what: String(error) }], audit: undefined, tookMs: 0 };
  }
}

test('W6: a sound store is called sound', () => {
  expect(checkOf(whole)).toMatchObject({ damages: [], audit: { ok: true } });
});

test('W6: an overwritten page of each table and index is named', () => {
  const names = [...new Set(pages.map((p) => p.name))];
  // All tables and their indexes; a smaller number means that the list was not read.
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

test('W6: damage in the last overflow page of a picture, list or row, which SQLite takes for sound, is found', () => {
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
  // The page that lists the free pages; the content of the others does not matter.
  const found = free.map((number) => damaged({ ...pages[0]!, number }, 'random').damages);
  expect(found.flat().map((d) => d.part)).toContain(FREE_PAGES);
});

/** SQLite names the index of a primary key itself; the check names its table. */
const isAutomatic = (name: string): boolean => name.startsWith('sqlite_autoindex');
