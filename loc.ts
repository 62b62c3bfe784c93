/**
 * `npm run loc [-- REVISION]`: lines of code by room, of the working tree or of a revision, so that two can be compared. Counted are the lines of
 * TypeScript and JavaScript on which a token stands: no comments, no blank lines, no tests, nothing that only tests use, no catalogues of words.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';

const CODE = /\.(ts|js|mjs)$/;
/** By name: tests, their settings, and what only tests use; before 0.2.0 that had other names, which the second half lists. */
const TEST =
  /\.(test|fixtures|cases)\.[jt]s$|^vitest\.|^simulators\/conformance\/|(^|\/)(fixtures|conformance|vectors|test-worker|test-program)\.ts$|\/measure\.js$/;
/** By name: text for people, in each language, with next to no code. */
const CATALOGUE = /(^|\/)words\.js$|\.words\.ts$/;
/** What runs on a box. */
const PRODUCT = /^(gateway|adapters|models)\b|^sitebox\./;

export const isCounted = (path: string): boolean => CODE.test(path) && !TEST.test(path) && !CATALOGUE.test(path);

/** `gateway/road`, `adapters/cameras`, `simulators/bench`; of loose files the folder that they lie in. */
export function roomOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  return folders.slice(0, 2).join('/') || '.';
}

/** Lines on which a token stands. A template over several lines counts as many as are not blank. */
export function linesOf(path: string, text: string): number {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const rows = text.split('\n');
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    if (children.length > 0) return children.forEach(visit);
    const last = source.getLineAndCharacterOfPosition(node.end).line;
    let line = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    if (node.getWidth(source) > 0) for (; line <= last; line++) if (rows[line]?.trim()) lines.add(line);
  };
  visit(source);
  return lines.size;
}

/** Path to text of what is counted: of a revision, or of the files that git has or would take. */
function filesOf(revision: string | undefined): Map<string, string> {
  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const list =
    revision === undefined ? ['ls-files', '-co', '--exclude-standard'] : ['ls-tree', '-r', '--name-only', revision];
  const paths = git(...list, '-z')
    .split('\0')
    .filter(isCounted);
  if (revision === undefined)
    return new Map(paths.filter((path) => existsSync(path)).map((path) => [path, readFileSync(path, 'utf8')]));
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-loc-'));
  try {
    git('archive', '-o', join(folder, 'all.tar'), revision);
    execFileSync('tar', ['-xf', join(folder, 'all.tar'), '-C', folder]);
    return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const rooms = new Map<string, number>();
  const add = (room: string, lines: number): unknown => rooms.set(room, (rooms.get(room) ?? 0) + lines);
  let product = 0;
  let total = 0;
  for (const [path, text] of filesOf(process.argv[2])) {
    const lines = linesOf(path, text);
    add(roomOf(path), lines);
    if (PRODUCT.test(path)) product += lines;
    total += lines;
  }
  const row = (name: string, lines: number): void => console.log(`${String(lines).padStart(7)}  ${name}`);
  for (const [room, lines] of [...rooms].sort(([a], [b]) => (a < b ? -1 : 1))) row(room, lines);
  row('product: gateway, adapters, models, sitebox', product);
  row('total', total);
}
