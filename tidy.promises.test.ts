/** No promise of the product runs unheard: each that nobody waits for ends in a catch, and each planted violation is found. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loosePromises, programOf } from './tidy.promises.ts';

const root = import.meta.dirname;
/** The product itself: no tests, nor what only tests use. */
const PRODUCT = /^(gateway|adapters|models)\/(?!.*(\.test|conformance|fixtures|\.cases)\.ts$).*\.ts$/;

/** `path: how the expression begins` -> why nobody is left without an answer. */
const ALLOWED: Readonly<Record<string, string>> = {
  'adapters/shared/serial-connection.ts: promise.finally':
    'the line below it hears a rejection; who uses the line hears `closed`',
  'adapters/photo/program/decoder.ts: last.then': 'returned to the caller; the queue goes on with `own.catch`',
  'adapters/upstream/mqtt/connection.ts: connected(url':
    'forgotten once it has failed; each that uses it waits for it and hears',
  'gateway/cli/compare-faces.ts: printed.then':
    'a command: awaited before it ends, and a failure ends it with its trace',
};

describe('W3: promises that nobody waits for', () => {
  it('end in a catch, or are on the list with a reason', () => {
    const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    const files = listed.split('\0').filter((path) => PRODUCT.test(path));
    expect(files.length).toBeGreaterThan(100);
    const program = programOf(
      root,
      files.map((path) => join(root, path)),
      new Map(),
    );
    const found = loosePromises(program, root, (path) => PRODUCT.test(path));
    const keyOf = ({ path, text }: { path: string; text: string }): string | undefined =>
      Object.keys(ALLOWED).find((key) => `${path}: ${text}`.startsWith(key));
    expect(found.filter((f) => keyOf(f) === undefined)).toEqual([]);
    // A reason that no code needs any more goes.
    expect(Object.keys(ALLOWED).filter((key) => !found.some((f) => keyOf(f) === key))).toEqual([]);
  });

  it('are found where they are planted, by what they are and not by their names', () => {
    const planted = [
      'declare const work: () => Promise<number>;',
      'declare const gone: () => void;',
      'declare const thing: { then(f: () => void): void };',
      'let queue: Promise<unknown> = Promise.resolve();',
      'void work();',
      'void thing;',
      'void gone();',
      'work().then(gone);',
      'work().then(gone, gone);',
      'work().then(gone).finally(gone);',
      'work().catch(gone).then(gone);',
      'work().then(gone).catch(gone);',
      'work().then(gone, gone).finally(gone).catch(gone);',
      'queue = queue.then(work);',
      'queue = queue.then(work).catch(gone);',
      'const kept = { order: queue.then(work) };',
      'const ready = Math.random() > 0.5 && (work().then(gone) as Promise<void>);',
      'export const all = async () => Promise.all([work().then(gone), kept.order, ready]);',
      'export const one = () => work().then(gone);',
      'export async function two() { await work().then(gone); return work().then(gone); }',
      'const list = { then: 1, catch: 2 };',
      'export const sum = list.then + list.catch;',
    ];
    const program = programOf(root, [], new Map([['gateway/planted.ts', planted.join('\n')]]));
    const found = loosePromises(program, root, (path) => path === 'gateway/planted.ts');
    expect(found.map(({ line, what, text }) => [line, what, text])).toEqual([
      [5, 'void', 'void work()'],
      [6, 'void', 'void thing'],
      [8, 'discarded', 'work().then(gone)'],
      [9, 'discarded', 'work().then(gone, gone)'],
      [10, 'discarded', 'work().then(gone).finally(gone)'],
      [11, 'discarded', 'work().catch(gone).then(gone)'],
      [14, 'stored', 'queue.then(work)'],
      [16, 'stored', 'queue.then(work)'],
      [17, 'stored', 'work().then(gone)'],
    ]);
  });
});
