/** Rate limits: what is at hand at once, how it comes back, what an overdraft costs, and that senders do not share. */
import { expect, it } from 'vitest';
import { RateLimiter, TokenBucket } from './rate-limiter.ts';

let now = 0;
const clock = (): number => now;

it('gives what a full bucket holds at once, and the rest as it comes back', () => {
  const bucket = new TokenBucket({ size: 3, perS: 2 }, clock);
  expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false]);
  expect(bucket.waitMs(1)).toBe(500);
  now += 500;
  expect([bucket.tryTake(), bucket.tryTake()]).toEqual([true, false]);
  now += 60_000;
  expect(bucket.available()).toBe(3);
  expect(bucket.isFull()).toBe(true);
});

it('pays an overdraft back before it gives anything, however long nothing was taken before', () => {
  const bucket = new TokenBucket({ size: 10, perS: 10 }, clock);
  now += 3_600_000;
  bucket.take(25);
  expect(bucket.available()).toBe(-15);
  expect([bucket.tryTake(), bucket.waitMs(0), bucket.waitMs(1)]).toEqual([false, 1500, 1600]);
});

it('limits each sender by itself, and starts anew with one that was idle', () => {
  const limiter = new RateLimiter({ size: 1, perS: 1 }, clock);
  expect(['a', 'a', 'b'].map((sender) => limiter.tryTake(sender))).toEqual([true, false, true]);
  limiter.forgetIdle();
  expect(limiter.tryTake('a')).toBe(false);
  now += 1000;
  limiter.forgetIdle();
  expect(['a', 'b'].map((sender) => limiter.tryTake(sender))).toEqual([true, true]);
});
