/** The whole repository is tidy, and each rule catches a planted violation. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCommands, checkLinks } from './tidy.docs.ts';
import {
  checkCycles,
  checkFolders,
  checkImports,
  checkLengths,
  checkNames,
  checkTypeNames,
  checkWords,
  importsOf,
  MAX_FILE_LINES,
  MAX_FUNCTION_LINES,
} from './tidy.ts';

const root = import.meta.dirname;

/** Files that git tracks or would track; pictures and the like are kept by name, so that links to them resolve. */
function repository(): Map<string, string> {
  const out = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = new Map<string, string>();
  for (const path of new Set(out.split('\0'))) {
    if (path === '' || !existsSync(join(root, path))) continue;
    const bytes = readFileSync(join(root, path));
    files.set(path, bytes.includes(0) ? '' : bytes.toString('utf8'));
  }
  return files;
}

describe('the repository', () => {
  const files = repository();

  it('is read', () => {
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['tidy.ts', 'gateway/contracts/base.ts', 'package.json', 'setup']),
    );
  });
  it('keeps the import rules', () => expect(checkImports(files)).toEqual([]));
  it('has no import cycles', () => expect(checkCycles(files)).toEqual([]));
  it('keeps files and functions short', () => expect(checkLengths(files)).toEqual([]));
  it('names limits MAX and MIN', () => expect(checkNames(files)).toEqual([]));
  it('has one meaning for each exported type name', () => expect(checkTypeNames(files)).toEqual([]));
  it('names no machine and no package host', () => expect(checkWords(files)).toEqual([]));
  it('has only the folders of the layout', () => expect(checkFolders(files)).toEqual([]));
  it('has no dead links between its documents', () => expect(checkLinks(files)).toEqual([]));
  it('starts TypeScript by the Node of ./setup', () => expect(checkCommands(files)).toEqual([]));
});

describe('importsOf', () => {
  it('sees every way in, and tells types from values', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from 'b';",
      "import { type C } from 'c';",
      "export * from 'd';",
      "export type { E } from 'e';",
      "const f = await import('f');",
      "type G = import('g').G;",
      "new Worker(new URL('./h.ts', import.meta.url));",
      'const i = await import(a);',
      "// import x from 'comment';",
    ].join('\n');
    expect(importsOf('x.ts', text).map((i) => [i.specifier, i.typeOnly, i.line])).toEqual([
      ['a', false, 1],
      ['b', true, 2],
      ['c', false, 3],
      ['d', false, 4],
      ['e', true, 5],
      ['f', false, 6],
      ['g', true, 7],
      ['./h.ts', false, 8],
      ['?', false, 9],
    ]);
  });
});

describe('checkLengths', () => {
  const fn = (lines: number): string => `export const f = () => {\n${'x();\n'.repeat(lines - 2)}};\n`;
  it('accepts the longest allowed', () => {
    expect(checkLengths(new Map([['gateway/a.ts', fn(MAX_FUNCTION_LINES)]]))).toEqual([]);
    expect(checkLengths(new Map([['gateway/a.ts', 'x();\n'.repeat(MAX_FILE_LINES)]]))).toEqual([]);
    expect(checkLengths(new Map([['gateway/a.test.ts', fn(MAX_FUNCTION_LINES + 1)]]))).toEqual([]);
  });
  it('measures named inner functions by themselves, and callbacks with the function they stand in', () => {
    const inner = (head: string, tail: string): Map<string, string> =>
      new Map([
        ['gateway/a.ts', `export function f() {\n${head}${'x();\n'.repeat(58)}${tail}${'x();\n'.repeat(10)}}\n`],
      ]);
    expect(checkLengths(inner('const g = () => {\n', '};\n'))).toEqual([]);
    expect(checkLengths(inner('function g() {\n', '}\n'))).toEqual([]);
    expect(checkLengths(inner('return { g() {\n', '} };\n'))).toEqual([]);
    expect(checkLengths(inner('list.map(() => {\n', '});\n'))).toEqual([
      expect.stringContaining('function f has 72 lines'),
    ]);
    const long = checkLengths(inner('const g = () => {\nx();\n', '};\n'));
    expect(long).toEqual([expect.stringContaining('function g has 61 lines')]);
  });
  it('reports one line more', () => {
    expect(checkLengths(new Map([['gateway/a.ts', fn(MAX_FUNCTION_LINES + 1)]]))).toHaveLength(1);
    expect(checkLengths(new Map([['gateway/a.ts', 'x();\n'.repeat(MAX_FILE_LINES + 1)]]))).toHaveLength(1);
    expect(checkLengths(new Map([['gateway/a.test.ts', 'x();\n'.repeat(MAX_FILE_LINES + 1)]]))).toHaveLength(1);
    expect(checkLengths(new Map([['setup', 'x\n'.repeat(MAX_FILE_LINES + 1)]]))).toHaveLength(1);
  });
  it('reports a function that is short but for the functions inside it', () => {
    const inner = (name: string): string => `const ${name} = () => {\n${'x();\n'.repeat(38)}};\n`;
    const three = new Map([['gateway/a.ts', `export function f() {\n${inner('a')}${inner('b')}${inner('c')}}\n`]]);
    expect(checkLengths(three)).toEqual([expect.stringContaining('function f has 122 lines with those inside it')]);
  });
});

describe('checkNames', () => {
  it.each(['const MOST_ROWS = 9;', 'f({ ROWS_LEAST: 9 });', 'let MOST;', 'interface A { mostMs: number }'])(
    'reports %s',
    (text) =>
      expect(checkNames(new Map([['gateway/a.ts', text]]))).toEqual([expect.stringMatching(/^gateway\/a\.ts:1: /)]),
  );
  it('accepts other words', () =>
    expect(
      checkNames(new Map([['gateway/a.ts', "const most = MAX_ROWS; // MOST_ROWS\nconst UTMOST = 'MOST_A';"]])),
    ).toEqual([]));
});

describe('checkTypeNames', () => {
  const of = (a: string, b: string) =>
    checkTypeNames(
      new Map([
        ['gateway/a.ts', a],
        ['models/b.ts', b],
      ]),
    );
  it('reports a name that two files export, whatever kind of type it is', () => {
    expect(of('export interface Box {}', 'export type Box = number;')).toEqual([
      'gateway/a.ts, models/b.ts: each exports a type Box; give one of them a name of its own',
    ]);
    expect(of('export class Box {}', 'export interface Box {}')).toHaveLength(1);
  });
  it('reports an enum, and a name that is given in an export', () => {
    expect(of('export enum Box {}', 'export interface Box {}')).toHaveLength(1);
    expect(
      of('export interface Relay {}', "import type { Lane } from './a.ts';\nexport type { Lane as Relay };"),
    ).toHaveLength(1);
    expect(of('export interface Relay {}', "export { type Lane as Relay } from './a.ts';")).toHaveLength(1);
    expect(of('export interface Relay {}', 'interface Relay {}\nexport { Relay };')).toHaveLength(1);
    expect(of('export interface Relay {}', 'class Lane {}\nexport { Lane as Relay };')).toHaveLength(1);
  });
  it('passes over a type that is exported again, and values', () => {
    expect(of('export interface Relay {}', "export type { Relay } from '../gateway/a.ts';")).toEqual([]);
    expect(of('export interface Relay {}', 'const a = 1;\nexport { a as Relay };')).toEqual([]);
  });
  it('passes over names of one file, and of values', () => {
    expect(of('interface Box {}', 'export interface Box {}')).toEqual([]);
    expect(of('export const Box = 1;', 'export const Box = 2;')).toEqual([]);
  });
});

describe('checkWords, checkFolders', () => {
  // Written in pieces, so that this file passes the check itself.
  it.each([
    ['/wo', 'rk/main/x'],
    ['/ho', 'me/li/x'],
    ['https://regis', 'try.npmjs.org/x'],
    ['"resol', 'ved": "https://x"'],
  ])('reports %s%s', (a, b) =>
    expect(checkWords(new Map([['docs/x.md', `fine\nsee ${a}${b}`]]))).toEqual([
      expect.stringMatching(/^docs\/x\.md:2: /),
    ]),
  );
  it('accepts ordinary text', () => {
    expect(
      checkWords(
        new Map([['README.md', 'the registry; registry.metrics(); /var/lib/sitebox; a network; ProtectHome']]),
      ),
    ).toEqual([]);
  });
  it('reports a folder that the layout does not know', () => {
    expect(checkFolders(new Map([['gateway/x.ts', '']]))).toEqual([]);
    expect(checkFolders(new Map([['misc/x.md', '']]))).toEqual([expect.stringContaining('misc/: not in the layout')]);
  });
});
