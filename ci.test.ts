/** What .ci/run does beside the tests: git and the shell are real; ./setup, npm and id only note that they were called. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;

const git = (...words: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], {
    encoding: 'utf8',
  });

function commit(file: string): void {
  appendFileSync(join(folder, file), '\n');
  git('add', '-A');
  git('commit', '-qm', `Changes ${file}`);
}

function program(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-ci-'));
  for (const sub of ['.ci', 'bin']) mkdirSync(join(folder, sub));
  copyFileSync(join(import.meta.dirname, '.ci/run'), join(folder, '.ci/run'));
  program(join(folder, 'setup'), `echo "setup $*" >> calls`);
  program(join(folder, 'bin/npm'), `echo "npm $*" >> calls`);
  program(join(folder, 'bin/id'), 'echo 0');
  writeFileSync(join(folder, '.gitignore'), 'calls\n');
  git('init', '-q');
  commit('README.md');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The calls of a run in `at`, without the set-up and the tests that come first in each; `warns`: what it says on standard error. */
function calls(at = folder, warns: unknown = ''): string[] {
  const file = join(at, 'calls');
  if (existsSync(file)) rmSync(file);
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const { status, stderr } = spawnSync(join(at, '.ci/run'), { env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, warns]);
  const [first, second, ...rest] = readFileSync(file, 'utf8').trim().split('\n');
  expect([first, second]).toEqual(['setup dev', 'npm test']);
  return rest;
}

it('U1: tries a fresh machine when one of the last 20 commits changed what set-up follows from, and only then', () => {
  const others = (count: number): void => void Array.from({ length: count }, () => commit('README.md'));
  others(20);
  expect(calls()).toEqual([]);
  commit('setup');
  others(19);
  expect(calls()).toEqual(['npm run -s test:fresh']);
  others(1);
  expect(calls()).toEqual([]);
  for (const file of ['package.json', 'package-lock.json']) {
    commit(file);
    expect(calls()).toEqual(['npm run -s test:fresh']);
    git('reset', '-q', '--hard', 'HEAD~1');
  }
});

it.each(['setup', 'bin/npm'])('fails where %s fails', (name) => {
  program(join(folder, name), 'exit 3');
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  expect(spawnSync(join(folder, '.ci/run'), { env }).status).toBe(3);
});

it('tries it where the history is too short to tell, as in a shallow clone', () => {
  expect(calls()).toEqual(['npm run -s test:fresh']);
  for (let i = 0; i < 21; i += 1) commit('README.md');
  expect(calls()).toEqual([]);
  const shallow = join(folder, 'shallow');
  git('clone', '-q', '--depth', '3', `file://${folder}`, shallow);
  expect(calls(shallow)).toEqual(['npm run -s test:fresh']);
});

it('U1: tries it however many other files changed too', () => {
  for (let i = 0; i < 21; i += 1) commit('README.md');
  const name = 'a-long-name-'.repeat(10);
  // More names than a pipe holds, all of them behind the one that counts.
  for (let i = 0; i < 1_000; i += 1) writeFileSync(join(folder, `${name}${i}`), '');
  commit('.ci/fresh');
  expect(calls()).toEqual(['npm run -s test:fresh']);
});

it('asks sudo when not root, and without sudo says that it was not tried', () => {
  program(join(folder, 'bin/id'), 'echo 1000');
  program(join(folder, 'bin/sudo'), 'shift; exec "$@"');
  expect(calls()).toEqual(['npm run -s test:fresh']);
  program(join(folder, 'bin/sudo'), 'exit 1');
  expect(calls(folder, expect.stringMatching(/^NOT TRIED.*sudo npm run test:fresh\n$/))).toEqual([]);
});
