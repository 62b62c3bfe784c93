import { afterEach, expect, test, vi } from 'vitest';
import { openBoundedQueue } from './bounded-queue.ts';

afterEach(() => vi.useRealTimers());

test('work waits in order, calls for a thread, and resolves or rejects as it ends', async () => {
  let woken = 0;
  const waiting = openBoundedQueue(2, () => woken++);
  const [a, b] = [waiting.run(() => Promise.resolve('a')), waiting.run(() => Promise.reject(new Error('b failed')))];
  await expect(waiting.run(() => Promise.resolve('c'))).rejects.toThrow('2 wait for a thread already');
  expect(woken).toBe(2);
  const done = [waiting.take()!(), waiting.take()!()];
  expect(waiting.take()).toBeUndefined();
  expect(await a).toBe('a');
  await expect(b).rejects.toThrow('b failed');
  // Well or not: whoever has threads only has to know that they are free again.
  await Promise.all(done);
});

test('late work is given up, whether it waits or runs; its result is dropped', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const waiting = openBoundedQueue(2, () => undefined);
  const slow = Promise.withResolvers<string>();
  const runs = waiting.run(() => slow.promise, 1_000);
  const ended = waiting.take()!();
  const waits = waiting.run(() => Promise.resolve('never'), 1_000);
  vi.advanceTimersByTime(1_000);
  await expect(runs).rejects.toThrow('not done within 1000 ms');
  await expect(waits).rejects.toThrow('not done within 1000 ms');
  expect(waiting.take()).toBeUndefined();
  slow.resolve('too late');
  await ended;
});

test('close rejects all that waits and all that is added', async () => {
  const waiting = openBoundedQueue(2, () => undefined);
  const waits = waiting.run(() => Promise.resolve());
  waiting.close();
  await expect(waits).rejects.toThrow('the box stops');
  await expect(waiting.run(() => Promise.resolve())).rejects.toThrow('the box stops');
});
