/** Documents that list files, held to the files: `docs/libraries.md` has a row for every codec, and names no path that is not there. */
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
