/** The program under a Node that is too old for it, and where something that ./setup brings is missing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

/**
 * An old Node: one of the path that is older than 24, or else this one, which says that it is 20. `npm run test:fresh` has Debian's 18 and
 * npm's 20.
 */
function oldNode(): string[] {
  const folders = (process.env['PATH'] ?? '').split(':').filter((f) => !f.includes('node_modules'));
  for (const path of [...folders.map((f) => join(f, 'node')), '/usr/bin/node']) {
    const [, major] = /^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '') ?? [];
    if (Number(major) < 24) return [path];
  }
  const claim = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })`;
  return [process.execPath, '--import', `data:text/javascript,${encodeURIComponent(claim)}`];
}

let folder: string;
const [node, ...options] = oldNode();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-old-node-'));
  copyFileSync(join(import.meta.dirname, 'sitebox.mjs'), join(folder, 'sitebox.mjs'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What ./setup brings, and in place of the product a program that says how it was started. */
function setUp(main: string): void {
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  const ours = join(folder, 'node_modules/.bin/node');
  writeFileSync(ours, `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
  chmodSync(ours, 0o755);
  writeFileSync(join(folder, 'sitebox.ts'), `export async function sitebox(argv: string[]) { ${main} }`);
}

const words = (): string[] => [...options, join(folder, 'sitebox.mjs'), 'check', 'a b.yaml'];

it('lets a thread say under `node --watch` only what it says otherwise', () => {
  setUp(`
    const { Worker } = await import('node:worker_threads');
    const thread = new Worker(new URL('./thread.mjs', import.meta.url));
    thread.on('message', (message) => console.log(JSON.stringify(message)));`);
  writeFileSync(
    join(folder, 'thread.mjs'),
    "import { parentPort } from 'node:worker_threads'; parentPort.postMessage('done');",
  );
  const env = { ...process.env, WATCH_REPORT_DEPENDENCIES: '1' };
  const { stdout } = spawnSync(process.execPath, [join(folder, 'sitebox.mjs')], { cwd: folder, env, encoding: 'utf8' });
  expect(stdout).toBe('"done"\n');
});

it('U2: runs under the Node that set-up brought, with the same words, and ends as it ends', () => {
  setUp('console.log(process.versions.node, argv.slice(2).join("|")); process.exitCode = 7;');
  const { status, stdout } = spawnSync(node!, words(), { encoding: 'utf8' });
  expect([status, stdout]).toEqual([7, `${process.versions.node} check|a b.yaml\n`]);
});

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'U2: hands on %s once, and waits for an orderly end',
  async (signal) => {
    setUp(`
    let times = 0;
    process.on('${signal}', () => { times += 1; setImmediate(() => { console.log('times', times); process.exit(5); }); });
    console.log('runs'); setInterval(() => {}, 1000);`);
    const child = spawn(node!, words(), { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    try {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (text === 'runs\n') child.kill(signal);
      });
      expect(await once(child, 'close')).toEqual([5, null]);
      expect(said).toBe('runs\ntimes 1\n');
    } finally {
      child.kill('SIGTERM');
    }
  },
);

it('U2: ends by the signal that ended the program', () => {
  setUp('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);');
  expect(spawnSync(node!, words()).signal).toBe('SIGKILL');
});

it('U2: says "run ./setup" where set-up was not run, or its Node is lost', () => {
  const { status, stderr } = spawnSync(node!, words(), { encoding: 'utf8' });
  expect([status, stderr]).toEqual([78, expect.stringContaining(`Run ./setup in ${folder}`)]);
  expect(stderr).not.toContain('npm start');
});

it('U2: says "run ./setup" under a new Node when a package is missing, without a stack', () => {
  writeFileSync(join(folder, 'sitebox.ts'), "import 'commander';");
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'sitebox.mjs')], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([78, expect.stringMatching(/'commander'.*\nRun \.\/setup in \S+\.\n$/)]);
});

it('U2: says "run ./setup" where the Node that set-up brought does not start', () => {
  setUp('');
  chmodSync(join(folder, 'node_modules/.bin/node'), 0o644);
  const { status, stderr } = spawnSync(node!, words(), { encoding: 'utf8' });
  expect([status, stderr]).toEqual([
    78,
    expect.stringMatching(/its Node does not start: .*EACCES\nRun \.\/setup in \S+\.\n$/),
  ]);
});

/** The product itself, with the packages that lie here, less the files that `lost` names. */
function installWithout(name: string, lost: RegExp): void {
  const root = import.meta.dirname;
  for (const part of ['package.json', 'sitebox.ts', 'gateway', 'adapters'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  cpSync(join(root, 'models'), join(folder, 'models'), { recursive: true, filter: (path) => !path.endsWith('/files') });
  const packages = globSync(['[!@.]*', '@*/*'], { cwd: join(root, 'node_modules') });
  for (const one of packages.filter((path) => !lost.test(path))) {
    const [from, to] = [join(root, 'node_modules', one), join(folder, 'node_modules', one)];
    mkdirSync(dirname(to), { recursive: true });
    if (one !== name) symlinkSync(from, to);
    else cpSync(from, to, { recursive: true, filter: (path) => !lost.test(relative(from, path)) });
  }
}

it.each([
  ['better-sqlite3', /^(prebuilds|deps|src)$/],
  ['sharp', /^@img\/sharp-/],
  ['@node-rs/argon2', /^@node-rs\/argon2-/],
])('U2: says "run ./setup" when the binary of %s is missing, without a stack', (name, lost) => {
  installWithout(name, lost);
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'sitebox.mjs'), '--help'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([78, expect.stringMatching(/^sitebox cannot start: .*\nRun \.\/setup in \S+\.\n$/)]);
});

/** Starts the program by this Node, and sends SIGTERM when it says `ready`; resolves to how it ended and what it said. */
async function terminated(verb: string): Promise<readonly [code: number | null, signal: string | null, out: string]> {
  const child = spawn(process.execPath, [join(folder, 'sitebox.mjs'), verb, 'box.yaml']);
  let out = '';
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
    if (out.endsWith('ready\n')) child.kill('SIGTERM');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return [code, signal, out];
}

it('ends with 0 by SIGTERM while everything is loaded, where it is to start a box', async () => {
  const loading = "console.log('ready'); await new Promise(() => setInterval(() => undefined, 1_000)); export {};";
  writeFileSync(join(folder, 'sitebox.ts'), loading);
  expect(await terminated('start')).toEqual([0, null, 'ready\n']);
  expect(await terminated('check')).toEqual([null, 'SIGTERM', 'ready\n']);
});

it('leaves signals to a box that listens for them', async () => {
  setUp(`
    const timer = setInterval(() => undefined, 1_000);
    process.once('SIGTERM', () => { clearInterval(timer); process.exitCode = 3; console.log('stopped'); });
    console.log('ready');`);
  expect(await terminated('start')).toEqual([3, null, 'ready\nstopped\n']);
});
