/** Node ends a timer of more than 2^31 - 1 ms at once, with a warning: what waits for it would run without a pause. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SILENT_LOG } from './base.ts';
import { LatestFrame } from '../gate/latest-frame.ts';
import { feedWatchdog, openNotify } from '../monitor/sd-notify.ts';
import { supervise } from '../supervise.ts';
import { timerMs } from './timers.ts';
import { WakeSignal } from '../upstream/wake-signal.ts';
import { sendWithin } from '../upstream/deadline.ts';
import type { Envelope } from './relay.ts';

const YEAR_MS = 365 * 86_400_000;
let warnings: string[];
const note = (warning: Error): void => void warnings.push(warning.name);
beforeEach(() => {
  warnings = [];
  process.on('warning', note);
});
afterEach(() => void process.off('warning', note));

/** What a timer of a few milliseconds would have done by then. A warning comes with the next turn of the loop. */
async function aWhile(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 5));
}
async function pendsUnwarned(work: Promise<unknown>): Promise<void> {
  let ended = false;
  const end = (): void => void (ended = true);
  work.then(end, end);
  await aWhile();
  expect([ended, warnings]).toEqual([false, []]);
}

test('what a timer takes', () => {
  expect([5, 0.5, 0, -1, Number.NaN, -Infinity].map(timerMs)).toEqual([5, 0.5, 0, 0, 0, 0]);
  expect([2 ** 31, YEAR_MS, Infinity].map(timerMs)).toEqual(Array(3).fill(2 ** 31 - 1));
});

test('W7: a clock that is set back a year while a picture is waited for ends no wait', async () => {
  let now = 0;
  const latest = new LatestFrame(() => now);
  const stop = new AbortController();
  now = -YEAR_MS;
  const picture = latest.next(0, 500, stop.signal);
  await pendsUnwarned(picture);
  stop.abort();
  expect(await picture).toBeUndefined();
});

test('W7: a loop that has nothing to do for a year sleeps, and one that is late goes on at once', async () => {
  const signal = new WakeSignal();
  const slept = signal.wait(YEAR_MS, true);
  await pendsUnwarned(slept);
  signal.notify();
  await slept;
  await signal.wait(-YEAR_MS, true);
  await signal.wait(Number.NaN, true);
  await aWhile();
  expect(warnings).toEqual([]);
});

test('W17: a watchdog that waits for years is told once and not a thousand times a second', async () => {
  let told = 0;
  const env = { NOTIFY_SOCKET: '/nonexistent', WATCHDOG_USEC: String(YEAR_MS * 3_000), PATH: process.env['PATH'] };
  const { watchdogMs } = openNotify(env, SILENT_LOG);
  expect(watchdogMs).toBe(YEAR_MS);
  const stop = new AbortController();
  const notify = { watchdogMs, ready: () => Promise.resolve(), stopping: () => Promise.resolve() };
  const watchdog = (): Promise<void> => {
    told++;
    return Promise.resolve();
  };
  const feeding = feedWatchdog({ ...notify, watchdog }, () => ({}), SILENT_LOG, stop.signal);
  await pendsUnwarned(feeding);
  expect(told).toBe(1);
  stop.abort();
  await feeding;
});

test('W2: a pause of years is one pause', async () => {
  let runs = 0;
  const stop = new AbortController();
  const run = (): Promise<void> => {
    runs++;
    return Promise.reject(new Error('planted'));
  };
  const failed = () => undefined;
  const supervised = supervise(run, { firstMs: YEAR_MS, maxMs: YEAR_MS }, failed, stop.signal);
  await pendsUnwarned(supervised);
  expect(runs).toBe(1);
  stop.abort();
  await supervised;
});

test('W9: a time for an answer, or for a thread, that is longer than a timer is waited for', async () => {
  const stop = new AbortController();
  const relay = { send: () => new Promise<void>(() => undefined) };
  const sending = sendWithin(relay, {} as Envelope, YEAR_MS, stop.signal);
  await pendsUnwarned(sending);
  stop.abort(new Error('over'));
  await expect(sending).rejects.toThrow('over');
});
