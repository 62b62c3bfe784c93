/** What counts as a line of code, and that a revision is counted as it was. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isCounted, linesOf, roomOf } from './loc.ts';

it.each([
  ['/** A file. */\n\n// Why.\nconst a = 1; // one\n', 1],
  ['const a = 1;\n/**\n * @type {string}\n */\nlet b;\n', 2],
  ['f(\n  // the first\n  1,\n\n  /* the second */\n  2,\n);\n', 4],
  ['const text = `one // no comment\n\n  ${two}\n/* three */`;\n', 3],
  ["const url = 'http://a'; const pattern = /\\/\\/ a/;\nconst b = pattern / 2; // half\n", 2],
  ['#!/usr/bin/env node\nrun();\n', 1],
  ['// nothing but words\n', 0],
])('counts %j', (text, lines) => {
  expect(linesOf('a.ts', text)).toBe(lines);
  expect(linesOf('a.js', text)).toBe(lines);
});

it('leaves out tests, what only tests use, catalogues of words and what is no code', () => {
  const paths = ['a.ts', 'gateway/a.js', 'sitebox.mjs', 'simulators/command-room/words.ts'];
  const others = [
    ...['a.test.ts', 'a.long.test.ts', 'gateway/a.fixtures.ts', 'gateway/web/client/measure.fixtures.js'],
    ...[
      'gateway/web/client/words.js',
      'gateway/contracts/words/health.words.ts',
      'vitest.config.ts',
      'README.md',
      'a.sh',
    ],
  ];
  expect([...paths, ...others].filter(isCounted)).toEqual(paths);
});

it('names the room by two folders', () => {
  const paths = ['tidy.ts', 'gateway/clock.ts', 'gateway/road/road.ts', 'gateway/road/tracking/track.ts'];
  expect(paths.map(roomOf)).toEqual(['.', 'gateway', 'gateway/road', 'gateway/road']);
});

it('counts the working tree, and a revision as it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-loc-test-'));
  const git = (...words: string[]): unknown =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words]);
  const total = (...words: string[]): string => {
    const program = join(import.meta.dirname, 'loc.ts');
    return execFileSync(process.execPath, [program, ...words], { cwd: folder, encoding: 'utf8' }).replace(/ +/g, ' ');
  };
  try {
    mkdirSync(join(folder, 'gateway'));
    writeFileSync(join(folder, 'gateway/a.ts'), 'one();\n');
    writeFileSync(join(folder, 'gateway/gone.ts'), 'two();\n');
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'Two files');
    rmSync(join(folder, 'gateway/gone.ts'));
    appendFileSync(join(folder, 'gateway/a.ts'), '// why\n\nthree();\nfour();\n');
    writeFileSync(join(folder, 'loose.ts'), 'five();\n');
    const product = 'product: gateway, adapters, models, sitebox';
    expect(total()).toBe(` 1 .\n 3 gateway\n 3 ${product}\n 4 total\n`);
    expect(total('HEAD')).toBe(` 2 gateway\n 2 ${product}\n 2 total\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
