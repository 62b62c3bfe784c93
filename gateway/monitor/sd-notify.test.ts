/** The real systemd-notify speaks to a real datagram socket that takes messages as systemd does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import type { Log } from '../contracts/base.ts';
import { feedWatchdog, openNotify, type ProgressByPart, stalledParts } from './sd-notify.ts';

/** Prints each datagram as one line. Closing the file descriptors sent along is how systemd answers BARRIER=1. */
const RECEIVER = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    message, fds, _, _ = socket.recv_fds(s, 4096, 4)
    for fd in fds: os.close(fd)
    print(message.decode().replace("\\n", "|"), flush=True)
`;

/** Deadline of the polls; a busy machine may need it, a quiet one never does. */
const soon = { timeout: 10_000 };

let folder: string;
let receiver: ChildProcess;
let heard: string[];
let warned: string[];
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => void warned.push(`${message} ${JSON.stringify(fields)}`),
  error: () => undefined,
};
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  NOTIFY_SOCKET: join(folder, 'notify'),
  ...more,
});

beforeEach(async () => {
  folder = tempFolder();
  heard = [];
  warned = [];
  receiver = spawn('/usr/bin/python3', ['-c', RECEIVER, join(folder, 'notify')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: receiver.stdout! }).on('line', (line) => {
    if (!line.startsWith('BARRIER=')) heard.push(line);
  });
  await vi.waitFor(() => expect(existsSync(join(folder, 'notify'))).toBe(true), { timeout: 10_000 });
});

afterEach(async () => {
  const ended = new Promise((resolve) => receiver.once('close', resolve));
  receiver.kill();
  await ended;
});

describe('openNotify', () => {
  it('tells ready, alive and stopping, in order', async () => {
    const notify = openNotify(env(), log);
    await notify.longStart();
    await notify.ready('2 cameras,\nlist 14 in force');
    await notify.watchdog();
    await notify.stopping();
    await expect
      .poll(() => heard, soon)
      .toEqual([
        'EXTEND_TIMEOUT_USEC=900000000',
        'READY=1|STATUS=2 cameras, list 14 in force',
        'WATCHDOG=1',
        'STOPPING=1',
      ]);
    expect(warned).toEqual([]);
  });

  it('does nothing without NOTIFY_SOCKET, not even look for the program', async () => {
    const notify = openNotify({ PATH: folder, WATCHDOG_USEC: '30000000' }, log);
    await notify.ready('x');
    await notify.watchdog();
    expect(notify.watchdogMs).toBeUndefined();
    expect(warned).toEqual([]);
  });

  it('logs, and does not reject, when the program is missing or the socket is gone', async () => {
    await openNotify(env({ PATH: folder }), log).watchdog();
    expect(warned).toEqual([expect.stringContaining('install the package systemd')]);
    await openNotify(env({ NOTIFY_SOCKET: join(folder, 'gone') }), log).watchdog();
    expect(warned).toHaveLength(2);
  });

  it('pings at a third of the time systemd waits, if it means this process', () => {
    const every = (more: NodeJS.ProcessEnv): number | undefined => openNotify(env(more), log).watchdogMs;
    expect(every({ WATCHDOG_USEC: '30000000' })).toBe(10_000);
    expect(every({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) })).toBe(10_000);
    expect(every({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' })).toBeUndefined();
    expect(every({ WATCHDOG_USEC: 'soon' })).toBeUndefined();
    expect(every({})).toBeUndefined();
  });
});

describe('stalledParts', () => {
  const before: ProgressByPart = { store: { done: 5, idle: false }, pool: { done: 7, idle: false } };
  it('names the parts with work and no progress', () => {
    expect(stalledParts(before, { store: { done: 6, idle: false }, pool: { done: 8, idle: false } })).toEqual([]);
    expect(stalledParts(before, { store: { done: 6, idle: false }, pool: { done: 7, idle: false } })).toEqual(['pool']);
    expect(stalledParts(before, before)).toEqual(['store', 'pool']);
  });
  it('takes an idle part and a new part for well', () => {
    expect(stalledParts(before, { store: { done: 6, idle: false }, pool: { done: 7, idle: true } })).toEqual([]);
    expect(stalledParts({}, before)).toEqual([]);
  });
});

describe('feedWatchdog', () => {
  it('pings while every part progresses, holds back while one stands, says so once, and goes on afterwards', async () => {
    const stop = new AbortController();
    let looks = 0;
    let poolStands = false;
    let poolDone = 0;
    const read = (): ProgressByPart => {
      looks++;
      if (!poolStands) poolDone++;
      return { store: { done: looks, idle: false }, pool: { done: poolDone, idle: false } };
    };
    const fed = feedWatchdog(openNotify(env({ WATCHDOG_USEC: '60000' }), log), read, log, stop.signal);
    await expect.poll(() => heard.length, soon).toBeGreaterThan(2);

    poolStands = true;
    await expect.poll(() => warned.length, soon).toBe(1);
    expect(warned[0]).toContain('"stalled":["pool"]');
    const [pings, from] = [heard.length, looks];
    await expect.poll(() => looks, soon).toBeGreaterThan(from + 3);
    // The last ping before the stall may still be on its way to us; none may follow it.
    expect(heard.length).toBeLessThanOrEqual(pings + 1);
    expect(warned).toHaveLength(1);

    poolStands = false;
    await expect.poll(() => heard.length, soon).toBeGreaterThan(pings + 3);
    stop.abort();
    await fed;
  });

  it('holds back when the store cannot be asked', async () => {
    const stop = new AbortController();
    let looks = 0;
    const read = (): ProgressByPart => {
      if (++looks === 4) stop.abort();
      throw new Error('database is locked');
    };
    await feedWatchdog(openNotify(env({ WATCHDOG_USEC: '30000' }), log), read, log, stop.signal);
    expect(heard).toEqual([]);
    expect(warned).toEqual([expect.stringContaining('database is locked')]);
  });

  it('ends at once when nobody waits for pings', async () => {
    await feedWatchdog(openNotify(env(), log), () => ({}), log, new AbortController().signal);
    expect(heard).toEqual([]);
  });
});
