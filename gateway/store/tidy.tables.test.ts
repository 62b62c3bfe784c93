/** Every table of the store has a row in docs/store.md, with a class that says how long its rows are kept. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { emptyStore } from './connection/in-memory.ts';

const DOC = 'docs/store.md';

/** The cells of each row of the table below a heading. */
function rowsBelow(text: string, heading: string): string[][] {
  const section = text.split(`\n${heading}\n`)[1]?.split(/\n##/)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((line) => line.slice(2, -2).split(' | '));
}

/** What is wrong with the tables that the document names, and their classes. */
function faultsOf(tables: readonly string[], text: string): string[] {
  const classes = new Set(rowsBelow(text, '### How long').map(([name]) => name!));
  const classOf = new Map(
    rowsBelow(text, '## Tables').flatMap(([names, , name]) =>
      [...names!.matchAll(/`(\w+)`/g)].map(([, table]) => [table!, name!] as const),
    ),
  );
  return [
    ...tables.filter((table) => !classOf.has(table)).map((table) => `${table}: has no row in ${DOC}`),
    ...[...classOf.keys()].filter((table) => !tables.includes(table)).map((table) => `${table}: is no table`),
    ...[...classOf].filter(([, name]) => !classes.has(name)).map(([table, name]) => `${table}: has no class (${name})`),
    ...[...classes].filter((name) => ![...classOf.values()].includes(name)).map((name) => `${name}: no table has it`),
  ];
}

function tablesOf(more = ''): string[] {
  const store = emptyStore();
  store.exec(more);
  const names = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  return names.pluck().all() as string[];
}

const document = readFileSync(join(import.meta.dirname, '../..', DOC), 'utf8');

it('every table of the store has a class in docs/store.md', () => {
  expect(faultsOf(tablesOf(), document)).toEqual([]);
});

it.each<[string, () => string[], string[]]>([
  [
    'a new table',
    () => faultsOf(tablesOf('CREATE TABLE planted (x)'), document),
    ['planted: has no row in docs/store.md'],
  ],
  [
    'a table without its class',
    () => faultsOf(tablesOf(), document.replace(/^(\| `tracks` .*) \| tracks \|$/m, '$1 | for ever |')),
    ['tracks: has no class (for ever)', 'tracks: no table has it'],
  ],
  ['a table that is gone', () => faultsOf(tablesOf('DROP TABLE auditHeads'), document), ['auditHeads: is no table']],
])('finds %s', (_what, faults, expected) => expect(faults()).toEqual(expected));
