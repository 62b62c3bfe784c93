import { expect, test } from 'vitest';
import { supervise } from './supervise.ts';

const PAUSES = { firstMs: 1, maxMs: 6 };

test('a source that fails is run again from the very first failure on, with pauses that grow to their limit', async () => {
  const stop = new AbortController();
  const pauses: number[] = [];
  let runs = 0;
  const run = () => {
    if (++runs === 7) stop.abort();
    return Promise.reject(new Error('lost'));
  };
  const failed = (_: unknown, pauseMs: number) => void pauses.push(pauseMs);
  await supervise(run, PAUSES, failed, stop.signal, { random: () => 0.5 });
  expect(pauses).toEqual([1, 2, 4, 6, 6, 6]);
});

test('a failure with pauses of its own begins with their first one, and so does the next one without', async () => {
  const stop = new AbortController();
  const patient = { firstMs: 2, maxMs: 3 };
  const pauses: number[] = [];
  const causes = ['lost', 'refused', 'refused', 'lost', 'refused'];
  const run = () => Promise.reject(new Error(causes[pauses.length]));
  const failed = (_: unknown, pauseMs: number) => void (pauses.push(pauseMs) === causes.length && stop.abort());
  const pausesAfter = (error: unknown) => (String(error).includes('refused') ? patient : undefined);
  await supervise(run, PAUSES, failed, stop.signal, { random: () => 0.5, pausesAfter });
  expect(pauses).toEqual([1, 2, 3, 1, 2]);
});

test('a run that ends by itself is a loss too', async () => {
  const stop = new AbortController();
  const errors: string[] = [];
  const failed = (error: unknown): void => {
    errors.push(String(error));
    stop.abort();
  };
  await supervise(() => Promise.resolve(), PAUSES, failed, stop.signal);
  expect(errors).toEqual(['Error: ended without being asked to']);
});

test('a run that throws before its first await is tried again like any other', async () => {
  const stop = new AbortController();
  let failures = 0;
  const failed = () => void (++failures === 2 && stop.abort());
  const run = () => {
    throw new Error('at once');
  };
  await supervise(run, PAUSES, failed, stop.signal);
  expect(failures).toBe(2);
});

test('the signal ends a run, and ends a pause, without a further try', async () => {
  const stop = new AbortController();
  let runs = 0;
  const failed = () => stop.abort();
  const run = () => {
    runs++;
    return Promise.reject(new Error('lost'));
  };
  await supervise(run, { firstMs: 3_600_000, maxMs: 3_600_000 }, failed, stop.signal);
  expect(runs).toBe(1);
});

test('jitter spreads boxes over ±20 % and never exceeds the limit', async () => {
  for (const [random, expected] of [
    [0, 0.8],
    [1, 1.2],
  ] as const) {
    const stop = new AbortController();
    const pauses: number[] = [];
    const failed = (_: unknown, pauseMs: number) => void (pauses.push(pauseMs) === 5 && stop.abort());
    await supervise(() => Promise.reject(new Error('lost')), PAUSES, failed, stop.signal, { random: () => random });
    expect(pauses[0]).toBeCloseTo(expected);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(PAUSES.maxMs);
  }
});
