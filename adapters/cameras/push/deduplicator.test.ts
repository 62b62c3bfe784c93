import { describe, expect, it } from 'vitest';
import { openDeduplicator } from './deduplicator.ts';
import { openThrottledLog } from './throttled-log.ts';

const MINUTE = 60_000;
const id = (n: number): string[] => ['device', '1', String(n), '皖A00001'];

function open(): { repeats: ReturnType<typeof openDeduplicator>; at: (ms: number) => void } {
  let now = 0;
  return { repeats: openDeduplicator(() => now), at: (ms) => (now = ms) };
}

describe('repeats', () => {
  it('share the settlement of the first', async () => {
    const { repeats } = open();
    const first = repeats.claim(id(1));
    const second = repeats.claim(id(1));
    expect([first.isFirst, second.isFirst]).toEqual([true, false]);
    first.settle();
    first.settle(new Error('too late to say'));
    expect(await Promise.all([first.settled, second.settled])).toEqual([undefined, undefined]);
    expect(repeats.claim(id(1)).isFirst).toBe(false);
  });

  it('of what could not be kept are none', async () => {
    const { repeats } = open();
    const first = repeats.claim(id(1));
    const second = repeats.claim(id(1));
    first.settle(new Error('full'));
    expect(await second.settled).toEqual(new Error('full'));
    expect(repeats.claim(id(1)).isFirst).toBe(true);
  });

  it('differ in any part, and what has no identity is like nothing else', () => {
    const { repeats } = open();
    const all = [id(1), id(2), ['a', 'bc'], ['ab', 'c'], ['a', 'b', 'c'], undefined, undefined];
    expect(all.map((one) => repeats.claim(one).isFirst)).toEqual(all.map(() => true));
  });

  it('are known for ten minutes, and at most a thousand of them', () => {
    const { repeats, at } = open();
    repeats.claim(id(0));
    at(10 * MINUTE - 1);
    expect(repeats.claim(id(0)).isFirst).toBe(false);
    at(10 * MINUTE);
    expect(repeats.claim(id(0)).isFirst).toBe(true);
    for (let i = 1; i <= 999; i++) repeats.claim(id(i));
    expect(repeats.claim(id(999)).isFirst).toBe(false);
    expect(repeats.claim(id(5)).isFirst).toBe(false);
    repeats.claim(id(1000));
    expect(repeats.claim(id(0)).isFirst).toBe(true);
  });
});

it('mistakes are counted each, and said once a minute for each kind', () => {
  let now = 0;
  const said: unknown[] = [];
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined };
  const warn = (fields: object): void => void said.push(fields);
  const tally = openThrottledLog('north', { ...log, warn }, () => now);
  for (let i = 0; i < 100; i++) tally.warn('400', 'expected JSON');
  tally.warn('401', 'expected a login');
  now = 60_000;
  tally.warn('400', 'expected JSON');
  expect(said).toEqual([
    { camera: 'north', kind: '400', why: 'expected JSON', times: 1 },
    { camera: 'north', kind: '401', why: 'expected a login', times: 1 },
    { camera: 'north', kind: '400', why: 'expected JSON', times: 100 },
  ]);
});
