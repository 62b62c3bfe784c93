/** Real programs: small scripts that do what a decoder should, or should not. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { decodeBy, openProgram } from './decoder.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const asRoot = process.getuid?.() === 0;
/** Whether this computer lets us cut a program off the network; some containers do not. */
const canCutOff =
  spawnSync('unshare', [...(asRoot ? [] : ['--user', '--map-current-user']), '--net', '--', 'true']).status === 0;
const NOT_HERE = 'this computer does not let us make a network namespace';

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

const PNG = String.raw`printf '\211PNG\r\n\032\n'`;
const photo = (): Uint8Array => Uint8Array.from({ length: 1024 }, (_, i) => i % 251);

/** A program of these lines of bash. */
function script(...lines: string[]): string {
  const path = join(folder, `decoder-${Math.random().toString(36).slice(2)}`);
  writeFileSync(path, ['#!/bin/bash', ...lines, ''].join('\n'), { mode: 0o755 });
  return path;
}

const never = new AbortController().signal;
const decode = (config: object, signal = never): Promise<Uint8Array> =>
  openProgram({ offline: false, timeoutMs: 5_000, ...config }, testContext('photo')).decode(photo(), signal);
const problem = (config: object): Promise<string> =>
  decode(config).then(
    () => 'none',
    (error: unknown) => String(error),
  );
const runs = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('a program that decodes', () => {
  it.for([true, false])(
    'gets the photo on stdin and gives a picture on stdout, offline: %s',
    async (offline, { skip }) => {
      skip(offline && !canCutOff, NOT_HERE);
      const program = script(PNG, 'cat');
      const picture = await decode({ command: [program], offline });
      expect([...picture.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
      expect([...picture.subarray(8)]).toEqual([...photo()]);
      expect(picture.buffer.byteLength).toBe(picture.length);
    },
  );

  it.each([
    ['JPEG', String.raw`printf '\377\330\377\340'`],
    ['BMP', 'printf BM....'],
  ])('may write %s, and need not read its input', async (_, line) => {
    expect((await decode({ command: [script(line)] })).length).toBeGreaterThan(2);
  });

  it('gets its arguments as they are, and nothing of our environment', async () => {
    vi.stubEnv('SITEBOX_TEST_SECRET', 'hidden');
    const path = script(PNG, 'printf "%s|" "$@"', 'env');
    const text = Buffer.from(await decode({ command: [path, 'a b', '$(id)'] })).toString('latin1');
    vi.unstubAllEnvs();
    expect(text).toContain('a b|$(id)|');
    expect(text).not.toContain('SITEBOX_TEST_SECRET');
  });

  it('runs for one photo at a time', async () => {
    const lock = join(folder, 'lock');
    const program = script(`mkdir ${lock} || exit 1`, 'cat > /dev/null', `rmdir ${lock}`, PNG);
    const decoder = openProgram({ command: [program], offline: false, timeoutMs: 5_000 }, testContext('photo'));
    const all = await Promise.allSettled([1, 2, 3].map(() => decoder.decode(photo(), never)));
    expect(all.map((r) => r.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });
});

/** A server on this computer that counts who comes. */
async function counter(): Promise<{ port: number; visits: () => number; close: () => Promise<void> }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.on('error', () => undefined).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    visits: () => visits,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('the network', () => {
  const knocks = (port: number): string =>
    script(`(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && cat <&3 > /dev/null`, PNG);

  it('is out of reach for the program', async ({ skip }) => {
    skip(!canCutOff, NOT_HERE);
    const server = await counter();
    await decode({ command: [knocks(server.port)], offline: true });
    expect(server.visits()).toBe(0);
    // The same program reaches the same server when it may: the attempt above was a real one.
    await decode({ command: [knocks(server.port)], offline: false });
    await vi.waitFor(() => expect(server.visits()).toBe(1), PATIENCE);
    await server.close();
  });

  it('is cut off unless the configuration says otherwise', async () => {
    const context = testContext('photo');
    const program = script(PNG, 'readlink /proc/self/ns/net');
    const result = await openProgram({ command: [program] }, context)
      .decode(photo(), never)
      .then((bytes) => Buffer.from(bytes).toString('latin1'), String);
    if (canCutOff) expect(result).toMatch(/net:\[/);
    else expect(result).toContain('cannot be kept off the network');
    expect(result).not.toContain(
      Buffer.from(await decode({ command: [program] }))
        .toString('latin1')
        .slice(8)
        .trim(),
    );
  });

  it('that cannot be cut off is an error that says what to do', async () => {
    const unshare = script('echo "unshare: unshare failed: Operation not permitted" >&2', 'exit 1');
    const job = { command: [script(PNG)], timeoutMs: 2_000, offline: true };
    await expect(decodeBy({ ...job, unshare }, photo(), never)).rejects.toThrow(
      /cannot be kept off the network \(unshare: unshare failed: Operation not permitted\): .*RestrictNamespaces=user net.*offline: false/,
    );
    await expect(decodeBy({ ...job, unshare: join(folder, 'unshare') }, photo(), never)).rejects.toThrow(
      /unshare is not installed/,
    );
  });
});

describe('a program that fails', () => {
  it.for([true, false])(
    'because it is missing, not executable, or for no known computer; offline: %s',
    async (offline, { skip }) => {
      expect(await problem({ command: [join(folder, 'gone')], offline })).toMatch(/gone is not there: check `command`/);
      const text = join(folder, 'text');
      writeFileSync(text, 'x', { mode: 0o644 });
      expect(await problem({ command: [text], offline })).toMatch(/no program this user may run/);
      expect(await problem({ command: [folder], offline })).toMatch(/no program this user may run/);
      skip(offline && !canCutOff, NOT_HERE);
      writeFileSync(join(folder, 'alien'), '#!/no/such/interpreter\n', { mode: 0o755 });
      expect(await problem({ command: [join(folder, 'alien')], offline })).toMatch(/cannot be started/);
    },
  );

  it('with a code, and its first words', async () => {
    const said = `licence expired${'!'.repeat(300)}`;
    const error = await problem({ command: [script(`echo "${said}" >&2`, 'echo second >&2', 'exit 1')] });
    expect(error).toMatch(/ended with code 1: licence expired!+$/);
    expect(error.length).toBeLessThan(200);
    expect(error).not.toContain('second');
  });

  it('by a signal', async () => {
    expect(await problem({ command: [script('kill -SEGV $$')] })).toMatch(/ended by SIGSEGV/);
  });

  it('writing nothing, something else, or too much', async () => {
    expect(await problem({ command: [script('true')] })).toMatch(/wrote no picture/);
    expect(await problem({ command: [script('echo hello')] })).toMatch(/no PNG, JPEG or BMP/);
    expect(await problem({ command: [script(PNG, 'exec cat /dev/zero')], timeoutMs: 5_000 })).toMatch(
      /more than 1 MiB/,
    );
    const most = await decode({ command: [script(PNG, `head -c ${2 ** 20 - 8} /dev/zero`)] });
    expect(most.length).toBe(2 ** 20);
  });

  it('hanging, together with whatever it has started', async () => {
    const pids = join(folder, 'pids');
    const program = script(`sleep 600 & echo $! $$ > ${pids}`, 'wait');
    expect(await problem({ command: [program], timeoutMs: 2_000 })).toMatch(/did not finish within 2000 ms/);
    const [sleep, bash] = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    await vi.waitFor(() => expect([runs(sleep!), runs(bash!)]).toEqual([false, false]), PATIENCE);
  });

  it('to take what it has started along when it ends', async () => {
    const pids = join(folder, 'pids');
    await decode({ command: [script(`sleep 600 & echo $! > ${pids}`, PNG)], timeoutMs: 5_000 });
    await vi.waitFor(() => expect(runs(Number(readFileSync(pids, 'utf8')))).toBe(false), PATIENCE);
  });
});

it('ends at once when aborted, and does not start after that', async () => {
  const started = join(folder, 'started');
  const controller = new AbortController();
  const command = [script(`touch ${started}`, 'sleep 600')];
  const ended = decode({ command, timeoutMs: 5_000 }, controller.signal).catch((error: unknown) => error);
  await vi.waitFor(() => expect(existsSync(started)).toBe(true), PATIENCE);
  controller.abort();
  expect(await ended).toBe(controller.signal.reason);
  rmSync(started);
  await expect(decode({ command }, controller.signal)).rejects.toBe(controller.signal.reason);
  expect(existsSync(started)).toBe(false);
});

it.each([
  [{ command: [] }, 'command'],
  [{ command: ['wlt2bmp'] }, 'absolute path'],
  [{ command: 'wlt2bmp' }, 'command'],
  [{ command: ['/bin/cat'], timeoutMs: 6_000 }, 'timeoutMs'],
  [{ command: ['/bin/cat'], network: true }, 'network'],
])('refuses %j', (config, words) => {
  expect(() => openProgram(config, testContext('photo'))).toThrow(words);
});
