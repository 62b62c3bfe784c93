/**
 * Documents that list files, held to the files: `docs/libraries.md` has a row for every codec, and names no path that is not there; the index of
 * decisions has a row for every record, in the order of their numbers, and for nothing else.
 */
import type { Files } from './tidy.ts';

const TABLE = 'docs/libraries.md';
const CODEC = /^adapters\/(.*[/.])?codec\.ts$/;

/** Codecs without a row, rows without a path, and paths of rows that are no file and no folder. */
export function checkLibraries(files: Files): string[] {
  const paths = [...files.keys()];
  const problems: string[] = [];
  const named = new Set<string>();
  for (const [i, line] of (files.get(TABLE) ?? '').split('\n').entries()) {
    const cell = /^\| *([^|]*)\|/.exec(line)?.[1];
    if (cell === undefined || /^(Written here|-+) *$/.test(cell)) continue;
    const inRow = [...cell.matchAll(/`([^`]*)`/g)].map((found) => found[1]!);
    if (inRow.length === 0) problems.push(`${TABLE}:${i + 1}: names no path of what is written here`);
    for (const path of inRow) {
      named.add(path);
      const isThere = files.has(path) || (path.endsWith('/') && paths.some((other) => other.startsWith(path)));
      if (!isThere) problems.push(`${TABLE}:${i + 1}: ${path} is not there`);
    }
  }
  const without = paths.filter((path) => CODEC.test(path) && !named.has(path));
  return [
    ...problems,
    ...without.map((path) => `${path}: has no row in ${TABLE}; say which library could do it, and why not`),
  ];
}

const INDEX = 'docs/decisions/README.md';
const RECORD = /^docs\/decisions\/((\d{3})-[a-z0-9-]+\.md)$/;

/** Records without a row, rows without a record, rows out of order or under another number or title than the record's. */
export function checkDecisions(files: Files): string[] {
  const records = new Map<string, string>();
  for (const [path, text] of files) {
    const found = RECORD.exec(path);
    if (found) records.set(found[1]!, `${found[2]}: ${/^# \d{3}: (.*)$/m.exec(text)?.[1]?.toLowerCase()}`);
  }
  const rows = [...(files.get(INDEX) ?? '').matchAll(/^\| \[(\d{3})\]\(([^)]*)\) \| ([^|]*?) \|/gm)];
  const named = rows.map(([, , file]) => file!);
  const wrong = rows.filter(([, number, file, title]) => records.get(file!) !== `${number}: ${title!.toLowerCase()}`);
  return [
    ...[...records.keys()].filter((file) => !named.includes(file)).map((file) => `${INDEX}: has no row for ${file}`),
    ...wrong.map(([, number, file]) => `${INDEX}: row ${number} is not the number and title of ${file}`),
    ...(named.join() === [...new Set(named)].sort().join() ? [] : [`${INDEX}: rows are out of order, or there twice`]),
  ];
}
