/** The suite keeps its promises, and each rule catches a planted violation. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFastSet, checkTimeLimits } from './tidy.suite.ts';
import fast from './vitest.fast.config.ts';
import long from './vitest.long.config.ts';

const root = import.meta.dirname;
const isOurs = (path: string): boolean => !/(^|\/)(node_modules|\.setup)(\/|$)/.test(path);
const files = new Map(
  globSync('**/*.ts', { cwd: root, exclude: (path) => !isOurs(path) }).map((path) => [
    path,
    readFileSync(join(root, path), 'utf8'),
  ]),
);
const matching = (patterns: readonly string[] = []): string[] => globSync([...patterns], { cwd: root }).filter(isOurs);

describe('the suite', () => {
  const { include, exclude } = (fast as { test: { include: string[]; exclude: string[] } }).test;
  const left = exclude.filter((pattern) => !pattern.startsWith('**/'));
  const all = matching(include).filter((path) => !path.endsWith('.long.test.ts'));
  const set = all.filter((path) => !matching(left).includes(path));

  it('has no time limit that a slow machine does not stretch', () => expect(checkTimeLimits(files)).toEqual([]));
  it('has a fast set without processes of ours and without models', () => {
    expect(set.length).toBeGreaterThan(100);
    expect(checkFastSet(files, set)).toEqual([]);
  });
  it('leaves nothing out of the fast set that is not there', () => {
    expect(
      left.flatMap(alternatives).filter((pattern) => !matching([pattern]).some((path) => all.includes(path))),
    ).toEqual([]);
  });
  it('has a long set, and one that matches nothing fails', () => {
    expect(matching(long.test?.include).length).toBeGreaterThan(0);
    expect(long.test?.passWithNoTests ?? false).toBe(false);
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['test:long']).toMatch(/^vitest run .*--config vitest\.long\.config\.ts$/);
  });
});

/** `a/{b,c}.ts`: `a/b.ts`, `a/c.ts`. */
function alternatives(pattern: string): string[] {
  const [, before = '', words = '', after = ''] = /^(.*?)\{(.*?)\}(.*)$/.exec(pattern) ?? [];
  return words === '' ? [pattern] : words.split(',').flatMap((word) => alternatives(`${before}${word}${after}`));
}

describe('checkTimeLimits', () => {
  const limits = (text: string): number => checkTimeLimits(new Map([['gateway/a.test.ts', text]])).length;
  it.each([
    "test('a', () => {}, 60_000);",
    "it('a', { timeout: 60_000 }, () => {});",
    "it.each([1])('a', { timeout: 2 * 60_000 }, () => {});",
    'beforeAll(async () => {}, 30_000);',
  ])('reports %s', (text) => expect(limits(text)).toBe(1));
  it.each([
    "test('a', () => {});",
    "it('a', { timeout: 60_000 * PATIENCE_FACTOR }, () => {});",
    "it.each([1, 60_000])('a', () => {});",
    "describe.runIf(id() === 0)('a', () => {});",
    "test('a', () => { wait(60_000); expect.poll(f, { timeout: 5 }); });",
  ])('accepts %s', (text) => expect(limits(text)).toBe(0));
});

describe('checkFastSet', () => {
  const ways = (more: Readonly<Record<string, string>>): string[] => {
    const tree = {
      'gateway/a.test.ts': "import './b.ts'; import type { C } from '../simulators/c.ts';",
      'gateway/b.ts': '',
    };
    return checkFastSet(new Map(Object.entries({ ...tree, ...more })), ['gateway/a.test.ts']);
  };
  const starter = "spawn(process.execPath, ['x.mjs']);";

  it('accepts the sound tree', () =>
    expect(ways({ 'simulators/c.ts': starter, 'gateway/d.test.ts': starter })).toEqual([]));
  it('reports a process of ours, also through a simulator', () => {
    expect(ways({ 'gateway/a.test.ts': starter })).toEqual(['gateway/a.test.ts starts a process of ours']);
    expect(ways({ 'gateway/a.test.ts': "import '../simulators/c.ts';", 'simulators/c.ts': starter })).toEqual([
      'gateway/a.test.ts > simulators/c.ts starts a process of ours',
    ]);
  });
  it('reports a model', () => {
    expect(ways({ 'gateway/b.ts': "import 'onnxruntime-node';" })).toEqual([
      'gateway/a.test.ts > gateway/b.ts loads models',
    ]);
  });
});
