/** The set-up script on machines that lack this or that: real shell, real files; apt-get, sudo, npm and node only note that they were called. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What the script takes from the system and may rely on anywhere. */
const TOOLS = ['dirname', 'id', 'ln', 'touch', 'env', 'cat', 'rm'];

let folder: string;

/** A program that appends its name and words to `calls`, then runs `body`. */
function program(name: string, body = ''): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n${body}\n`);
  chmodSync(path, 0o755);
}

function setup(...words: string[]): { status: number | null; said: string; calls: string[] } {
  rmSync(join(folder, 'calls'), { force: true });
  const env = { PATH: join(folder, 'bin') };
  const { status, stdout, stderr } = spawnSync(join(folder, 'setup'), words, { env, encoding: 'utf8' });
  const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];
  return { status, said: stdout + stderr, calls: calls.filter((c) => /^(apt-get|sudo|npm) /.test(c)) };
}

/** A machine that has everything: root, Debian, ffmpeg, a font, npm packages, Node 24. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-setup-'));
  copyFileSync(join(import.meta.dirname, 'setup'), join(folder, 'setup'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  for (const tool of TOOLS) {
    const path = ['/usr/bin', '/bin'].map((d) => join(d, tool)).find((p) => existsSync(p));
    symlinkSync(path!, join(folder, 'bin', tool));
  }
  rmSync(join(folder, 'bin/id'));
  program('id', 'echo 0');
  for (const name of ['apt-get', 'npm', 'ffmpeg']) program(name);
  program('fc-list', 'echo /usr/share/fonts/some.ttf');
  program('node', '[ "$1" != --version ] || echo v24.1.0');
  symlinkSync('../../bin/node', join(folder, 'node_modules/.bin/node'));
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json']) writeFileSync(join(folder, file), '{}');
  utimesSync(join(folder, 'package-lock.json'), 1, 1);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('./setup', () => {
  it('installs nothing where everything is there, twice, and links the program', () => {
    for (const _ of [1, 2]) {
      const { status, said, calls } = setup();
      expect([status, calls]).toEqual([0, []]);
      expect(said).toContain('ready: npm start');
    }
    expect(readlinkSync(join(folder, 'node_modules/.bin/sitebox'))).toBe('../../sitebox.mjs');
  });

  it('installs the missing system packages and no others', () => {
    rmSync(join(folder, 'bin/ffmpeg'));
    program('fc-list');
    expect(setup().calls).toEqual([
      'apt-get update -qq',
      'apt-get install -y -qq --no-install-recommends ffmpeg fonts-wqy-zenhei',
    ]);
  });

  it('asks sudo when not root, and without sudo says what root has to do', () => {
    rmSync(join(folder, 'bin/ffmpeg'));
    program('id', 'echo 1000');
    const alone = setup();
    expect(alone.status).toBe(1);
    expect(alone.said).toContain('As root, run: apt-get install ffmpeg');
    expect(alone.calls).toEqual([]);
    program('sudo', '"$@"');
    expect(setup().calls[0]).toBe('sudo apt-get update -qq');
  });

  it('names what to install by hand where there is no apt-get', () => {
    rmSync(join(folder, 'bin/ffmpeg'));
    rmSync(join(folder, 'bin/apt-get'));
    const { status, said } = setup();
    expect(status).toBe(1);
    expect(said).toMatch(/there is no apt-get here.*ffmpeg/);
  });

  it('installs the npm packages when there are none or the lock file is newer, once', () => {
    const fresh = new Date(Date.now() + 60_000);
    utimesSync(join(folder, 'node_modules/.package-lock.json'), 1, 1);
    utimesSync(join(folder, 'package-lock.json'), 2, 2);
    expect(setup().calls).toEqual([expect.stringMatching(/^npm ci --ignore-scripts /)]);
    expect(setup().calls).toEqual([]);
    utimesSync(join(folder, 'package-lock.json'), fresh, fresh);
    expect(setup().calls).toHaveLength(1);
  });

  it('brings Node 24 when the one in node_modules is another or missing, and fails when it does not come', () => {
    program('node', 'echo v20.0.0');
    const { status, said, calls } = setup();
    expect(calls).toEqual([expect.stringMatching(/^npm rebuild node /)]);
    expect([status, said]).toEqual([1, expect.stringContaining('Delete node_modules and run ./setup again')]);
  });

  it('fails, with the reason, when a model is missing or altered', () => {
    program(
      'node',
      'if [ "$1" = --version ]; then echo v24.1.0; else echo "setup: model x was altered" >&2; exit 1; fi',
    );
    expect(setup()).toMatchObject({ status: 1, said: expect.stringContaining('model x was altered') as string });
  });

  it('refuses words that it does not know', () => {
    const { status, said, calls } = setup('devel');
    expect([status, calls]).toEqual([1, []]);
    expect(said).toContain('unknown word "devel"');
  });
});
