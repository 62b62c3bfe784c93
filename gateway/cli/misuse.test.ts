/** How the program ends when it is used wrongly: one exit code for every verb. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Program } from '../contracts/program.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { openDb } from '../store/db.ts';
import { caught, type Outcome } from './cli.fixtures.ts';
import { CREW } from './crew/crew.fixtures.ts';
import { main } from './index.ts';
import { speak } from './language.ts';

const demos: string[] = [];
const program = {
  adapters: {},
  models: {
    worker: new URL('file:///none'),
    decoder: new URL('file:///none'),
    files: () => [{ name: 'plate/read', state: 'missing', neededFor: 'plates', remedy: 'run ./setup' }],
  },
  demo: () => Promise.resolve(demos.push('demo')),
} as unknown as Program;

async function sitebox(...args: readonly string[]): Promise<Outcome> {
  const before = { ...process.env };
  for (const name of ['LC_ALL', 'LC_MESSAGES', 'LANG']) delete process.env[name];
  try {
    return await caught(() => main(['node', 'sitebox', ...args], program));
  } finally {
    Object.assign(process.env, before);
    speak('en');
  }
}

const folder = tempFolder();
const config = join(folder, 'box.yaml');
writeFileSync(config, JSON.stringify({ site: 'demo', lists: { trust: 'root.json' }, crew: CREW, storage: { folder } }));
openDb(folder).close();

describe('W1: wrong use ends with 64', () => {
  test.each([
    [[]],
    [['nope']],
    [['--nope']],
    [['start', 'a.yaml', 'b.yaml']],
    [['check']],
    [['list']],
    [['list', 'sign']],
    [['clock']],
    [['clock', 'show', '--config']],
    [['clock', 'set-trusted', 'tomorrow', '--by', 'A', '--config', config]],
    [['audit']],
    [['audit', '--config', config, '--accept', '0']],
    [['audit', '--config', config, '--accept', '1']],
    [['verify-store', '--nope']],
    [['verify-store', '--config', config, '--repair']],
    [['backup', '--config', config]],
    [['restore', '--config', config]],
    [['rekey']],
    [['device', 'add']],
    [['order', 'show']],
    [['sos', 'nope']],
    [['mode', 'set', 'nope']],
    [['safe-mode']],
    [['safe-mode', 'leave', '--config', config]],
    [['outbox', 'list', '--last', 'x', '--config', config]],
    [['read-plates']],
    [['compare-faces', 'one.jpg']],
    [['models', 'fetch', 'nope']],
    [['models', 'nope']],
    [['--lang', 'fr', 'models']],
  ])('%o', async (args) => {
    const { code, out, err } = await sitebox(...args);
    expect([code, out]).toEqual([64, '']);
    expect(err).not.toBe('');
  });

  test('help and version are no mistakes', async () => {
    for (const args of [['--help'], ['--version'], ['help'], ['clock', '--help'], ['help', 'list'], ['list', 'help']])
      expect([args, (await sitebox(...args)).code]).toEqual([args, 0]);
  });
});

test('W1: of several --lang the last one counts', async () => {
  expect((await sitebox('--lang', 'zh', 'nope', '--lang', 'en')).err).toContain('unknown command');
  expect((await sitebox('--lang=en', 'nope', '--lang=zh')).err).toContain('没有');
  expect((await sitebox('--lang', 'fr', 'nope')).err).toContain("argument 'fr' is invalid");
});

test('W1: without the models that ./setup makes the demo ends with 78 before it begins', async () => {
  const { code, err } = await sitebox('start');
  expect([code, err, demos]).toEqual([78, 'model plate/read is missing: run ./setup\n', []]);
});
