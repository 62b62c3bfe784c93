import { beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

let now: number;
let breaker: CircuitBreaker;

beforeEach(() => {
  now = 0;
  breaker = new CircuitBreaker({ firstMs: 1000, maxMs: 60_000, mono: () => now, random: () => 0.5 });
});

/** One failed try of a row that was waiting. */
function tryAndFail(): void {
  breaker.tried();
  breaker.failed(0);
}

describe('circuit breaker', () => {
  it('is open at first, and stays open after one failure: that may be the row', () => {
    expect(breaker.allowance(0, 4)).toEqual({ rows: 4, onlyLive: false });
    expect(breaker.allowance(3, 1)).toEqual({ rows: 1, onlyLive: false });
    tryAndFail();
    expect(breaker.allowance(0, 4)).toEqual({ rows: 4, onlyLive: false });
  });

  it('is tried with one row at a time after two, after pauses that double up to the most', () => {
    tryAndFail();
    const pauses = [];
    for (let i = 0; i < 10; i++) {
      tryAndFail();
      expect(breaker.takePauseBegan()).toBe(true);
      expect(breaker.takePauseBegan()).toBe(false);
      const began = now;
      while (breaker.allowance(0, 4).onlyLive) now += 500;
      expect(breaker.allowance(0, 4)).toEqual({ rows: 1, onlyLive: false });
      expect(breaker.allowance(1, 3).rows).toBe(0);
      pauses.push(now - began);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map((s) => s * 1000));
  });

  it('counts sends that fail together as one round', () => {
    for (let i = 0; i < 4; i++) tryAndFail();
    now += 1000;
    expect(breaker.allowance(0, 4)).toEqual({ rows: 1, onlyLive: false });
  });

  it('lets what has only just happened try once per first pause', () => {
    for (let i = 0; i < 2; i++) tryAndFail();
    now += 1000;
    tryAndFail();
    now += 999;
    expect(breaker.allowance(0, 4)).toEqual({ rows: 0, onlyLive: true });
    now += 1;
    expect(breaker.allowance(0, 4)).toEqual({ rows: 1, onlyLive: true });
  });

  it('opens with the first answer', () => {
    for (let i = 0; i < 4; i++) tryAndFail();
    breaker.answered();
    expect(breaker.allowance(0, 4)).toEqual({ rows: 4, onlyLive: false });
  });

  it('sends nothing at all while the other side asked for patience of less than a minute', () => {
    breaker.failed(5000);
    now += 4999;
    expect(breaker.allowance(0, 4).rows).toBe(0);
    now += 1;
    expect(breaker.allowance(0, 4).rows).toBe(4);
    breaker.failed(1e9);
    now += 3_600_000;
    // The hour is over: a line that failed twice is tried again after its own pauses, not once a minute.
    breaker.tried();
    now += 2_000;
    expect(breaker.allowance(0, 4).rows).toBe(1);
  });

  it('L3: asks for one row a minute meanwhile, for it may be a proxy that asks; what is taken ends it', () => {
    breaker.tried();
    breaker.failed(3_600_000);
    now += 59_999;
    expect(breaker.allowance(0, 4).rows).toBe(0);
    now += 1;
    expect(breaker.allowance(0, 4)).toEqual({ rows: 1, onlyLive: false });
    expect(breaker.allowance(1, 3).rows).toBe(0);
    breaker.tried();
    expect(breaker.allowance(0, 4).rows).toBe(0);
    breaker.failed(3_600_000);
    // A send from before that comes through late ends nothing.
    breaker.answered();
    expect(breaker.allowance(0, 4).rows).toBe(0);
    now += 60_000;
    breaker.tried();
    breaker.answered();
    expect(breaker.allowance(0, 4).rows).toBe(4);
  });

  it('spreads pauses by 20 % either way', () => {
    const at = (random: number): number =>
      new CircuitBreaker({ firstMs: 1000, maxMs: 60_000, mono: () => 0, random: () => random }).pauseMs(1);
    expect([at(0), at(0.5), at(1)].map(Math.round)).toEqual([800, 1000, 1200]);
  });
});
