/** What guards the suite, tried on suites of one test: nothing a test starts outlives it, and a slow machine is waited for. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const ROOT = import.meta.dirname;
const WAIT = { timeout: 60_000, interval: 50 };

let folder: string;
const running: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-guard-'));
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `body` as the only test of a suite with our guards; the test has a `pids` function that notes the processes it starts. */
function suite(body: string, env: Readonly<Record<string, string>> = {}): { child: ChildProcess; text: () => string } {
  const file = join(folder, 'one.test.ts');
  writeFileSync(
    file,
    `import { spawn } from 'node:child_process';
     import { appendFileSync } from 'node:fs';
     import { expect, it, vi } from 'vitest';
     const start = (env = process.env) => {
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore', env });
       child.unref();
       appendFileSync(${JSON.stringify(join(folder, 'pids'))}, child.pid + '\\n');
       return child;
     };
     ${body}`,
  );
  const config = join(folder, 'vitest.config.ts');
  const at = (name: string): string => JSON.stringify(join(ROOT, name));
  writeFileSync(
    config,
    `export default { root: ${JSON.stringify(folder)}, test: { globalSetup: [${at('vitest.global.ts')}], setupFiles: [${at('vitest.setup.ts')}], pool: 'forks' } };`,
  );
  const program = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [program, 'run', '--config', config], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  return { child, text: () => text };
}

const pids = (): number[] => {
  try {
    return readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  }
};
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

it.each(['', '{}'])(
  'a process that a test leaves behind is ended and named, and the suite fails: start(%s)',
  async (env) => {
    const { child, text } = suite(`it('leaves one', () => { start(${env}); });`);
    const [code] = (await once(child, 'close')) as [number];
    expect(text()).toMatch(/these processes that they started still ran/);
    expect(code).not.toBe(0);
    expect(pids()).toHaveLength(1);
    await expect.poll(() => pids().filter(isAlive), WAIT).toEqual([]);
  },
);

it('a suite that ends what it starts passes', async () => {
  const { child, text } = suite(`it('ends it', async () => {
    const child = start();
    child.ref();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
  });`);
  const [code] = (await once(child, 'close')) as [number];
  expect(code, text()).toBe(0);
});

it('a suite that is killed takes its processes along', async () => {
  const { child } = suite(`it('hangs', async () => { start(); start({}); await new Promise(() => {}); }, 600_000);`);
  await expect.poll(pids, WAIT).toHaveLength(2);
  expect(pids().filter(isAlive)).toHaveLength(2);
  child.kill('SIGKILL');
  await expect.poll(() => pids().filter(isAlive), WAIT).toEqual([]);
});

it('what is waited for may take as many times longer as the machine is slower', async () => {
  const body = `it('waits', async () => {
    let done = false;
    setTimeout(() => (done = true), 400);
    await expect.poll(() => done, { timeout: 100 }).toBe(true);
    done = false;
    setTimeout(() => (done = true), 400);
    await vi.waitFor(() => expect(done).toBe(true), 100);
  });`;
  const [patient, hasty] = [suite(body, { SITEBOX_PATIENCE: '20' }), suite(body, { SITEBOX_PATIENCE: '1' })];
  const codes = await Promise.all([once(patient.child, 'close'), once(hasty.child, 'close')]);
  expect(codes.map(([code]) => code === 0)).toEqual([true, false]);
});
