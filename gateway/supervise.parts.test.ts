/** What runs for as long as the box does is run again, named while it fails, and found again behind an error that nobody caught. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { partNow, Supervisor } from './supervise.ts';
import type { Log } from './contracts/base.ts';

const PAUSES = { firstMs: 1, maxMs: 2 };
const stop = new AbortController();
afterEach(() => stop.abort());

/** A log that keeps its lines. */
function openTestLog(): Log & { readonly lines: object[] } {
  const lines: object[] = [];
  const say = (about: object, what: string): void => void lines.push({ ...about, what });
  return { lines, info: say, warn: say, error: say } as unknown as Log & { readonly lines: object[] };
}
const untilAborted = (signal: AbortSignal): Promise<void> =>
  sleep(60_000, undefined, { signal }).catch(() => undefined);

it('W2: a part that rejects is run again, is said once, and is named until a run has lasted', async () => {
  const log = openTestLog();
  const supervisor = new Supervisor(log);
  const ending = new AbortController();
  let runs = 0;
  const ended = supervisor.keep(
    'delivery:room',
    async (signal) => {
      runs++;
      if (runs <= 3) throw new Error('planted');
      await untilAborted(signal);
    },
    ending.signal,
    { pauses: PAUSES },
  );
  await vi.waitFor(() => expect(runs).toBe(4));
  expect(supervisor.status.problems!()).toEqual([
    expect.objectContaining({ key: 'part:delivery:room', what: expect.stringContaining('planted') as string }),
  ]);
  expect(log.lines).toEqual([expect.objectContaining({ part: 'delivery:room', cause: 'planted' })]);
  await vi.waitFor(() => expect(supervisor.status.problems!()).toEqual([]), 5_000);
  expect(supervisor.parts()).toEqual([expect.objectContaining({ part: 'delivery:room', failures: 3 })]);
  ending.abort();
  await ended;
});

it('W2: `fail` ends one run and no other', async () => {
  const supervisor = new Supervisor(openTestLog());
  const ending = new AbortController();
  const runs = { a: 0, b: 0 };
  const run = (name: 'a' | 'b') => async (signal: AbortSignal) => {
    runs[name]++;
    await untilAborted(signal);
  };
  const ended = (['a', 'b'] as const).map((n) => supervisor.keep(n, run(n), ending.signal, { pauses: PAUSES }));
  expect(supervisor.fail('a', new Error('planted'))).toBe(true);
  expect(supervisor.fail('c', new Error('planted'))).toBe(false);
  await vi.waitFor(() => expect(runs.a).toBe(2));
  expect(runs.b).toBe(1);
  expect(supervisor.parts().map((p) => [p.part, p.failures])).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
  ending.abort();
  await Promise.all(ended);
});

it('W2: work that throws does not throw at whoever asks for it, and is an alarm for a minute', () => {
  let now = 0;
  const log = openTestLog();
  const supervisor = new Supervisor(
    log,
    () => false,
    () => now,
  );
  expect(supervisor.attempt('task:counts', () => undefined)).toBe(true);
  for (let i = 0; i < 3; i++) {
    const done = supervisor.attempt('task:counts', () => {
      throw new Error('planted');
    });
    expect(done).toBe(false);
  }
  expect(log.lines).toHaveLength(1);
  now = 59_000;
  supervisor.attempt('task:counts', () => undefined);
  expect(supervisor.status.problems!().map((p) => p.key)).toEqual(['part:task:counts']);
  now = 60_000;
  supervisor.attempt('task:counts', () => undefined);
  expect(supervisor.status.problems!()).toEqual([]);
});

it('a part that is off neither runs nor works', async () => {
  const supervisor = new Supervisor(openTestLog(), (part) => part === 'camera:north');
  const never = (): never => expect.unreachable();
  await supervisor.keep('camera:north', never, stop.signal, { pauses: PAUSES });
  expect(supervisor.attempt('camera:north', never)).toBe(false);
  expect(supervisor.parts()).toEqual([expect.objectContaining({ part: 'camera:north', off: true })]);
});

it('the part is known in whatever it has started, also where an error is caught by nobody', async () => {
  const supervisor = new Supervisor(openTestLog());
  const ending = new AbortController();
  const seen: (string | undefined)[] = [];
  const ended = supervisor.keep(
    'reader:desk',
    async (signal) => {
      setTimeout(() => seen.push(partNow()), 1);
      await untilAborted(signal);
    },
    ending.signal,
    { pauses: PAUSES },
  );
  await vi.waitFor(() => expect(seen).toEqual(['reader:desk']));
  expect(partNow()).toBeUndefined();
  ending.abort();
  await ended;
});

it('work after a loss that throws ends nothing', async () => {
  const log = openTestLog();
  const supervisor = new Supervisor(log);
  const ending = new AbortController();
  let runs = 0;
  const lost = () => {
    throw new Error('planted');
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    if (++runs < 3) throw new Error('lost');
    await untilAborted(signal);
  };
  const ended = supervisor.keep('camera:north', run, ending.signal, {
    pauses: PAUSES,
    device: { about: { camera: 'north' }, lost: 'camera lost' },
    lost,
  });
  await vi.waitFor(() => expect(runs).toBe(3));
  // The device says itself how it is.
  expect(supervisor.status.problems!()).toEqual([]);
  ending.abort();
  await ended;
});

it('a device is up from its first word on, is said to be lost once, and its losses are those of one that was up', async () => {
  const log = openTestLog();
  const supervisor = new Supervisor(log);
  const ending = new AbortController();
  const state = supervisor.state('camera:north');
  let runs = 0;
  const run = async (signal: AbortSignal, up: (details: object) => void): Promise<void> => {
    runs++;
    if (runs === 1) up({ width: 960 });
    if (runs <= 3) throw new Error('no picture');
    up({ width: 960 });
    await untilAborted(signal);
  };
  const device = { about: { camera: 'north' }, up: 'camera up', lost: 'camera lost' };
  const ended = supervisor.keep('camera:north', run, ending.signal, { pauses: PAUSES, upAfterMs: Infinity, device });
  await vi.waitFor(() => expect(runs).toBe(4));
  expect(state).toMatchObject({ up: true, error: undefined, failures: 3, losses: 1 });
  expect(log.lines.map((line) => (line as { what: string }).what)).toEqual(['camera up', 'camera lost', 'camera up']);
  ending.abort();
  await ended;
  expect(state.up).toBe(false);
});
