import { expect, test } from 'vitest';
import type { Frame } from '../contracts/picture.ts';
import { openFrozenStream } from '../devices/frozen-stream.ts';
import { openSlots } from './latest-frame.ts';

const frame = (source: string, at: number, byte = 0): Frame => ({
  source,
  at,
  width: 100,
  height: 1,
  rgb: new Uint8Array(300).fill(byte),
});

test('the newest frame wins; received = taken + dropped + at most one waiting', () => {
  const slots = openSlots(['a'], 1);
  for (let i = 0; i < 10; i++) slots.put(frame('a', i));
  expect(slots.take()?.at).toBe(9);
  expect(slots.counts('a')).toEqual({ received: 10, taken: 1, dropped: 9 });
});

test('a camera has no more frames under way than it may, and one with none under way goes first', () => {
  const slots = openSlots(['a', 'b'], 2);
  const next = (camera: string, at: number) => {
    slots.put(frame(camera, at));
    return slots.take()?.at;
  };
  expect([next('a', 1), next('a', 2), next('a', 3)]).toEqual([1, 2, undefined]);
  slots.done('a');
  slots.put(frame('b', 4));
  expect([slots.take()?.at, slots.take()?.at]).toEqual([4, 3]);
});

test('with one at a time the next frame waits for the one under way', () => {
  const slots = openSlots(['a'], 1);
  slots.put(frame('a', 1));
  expect(slots.take()?.at).toBe(1);
  slots.put(frame('a', 2));
  expect(slots.take()).toBeUndefined();
  slots.done('a');
  expect(slots.take()?.at).toBe(2);
});

test('a busy camera does not starve the others: the one served longest ago is next', () => {
  const slots = openSlots(['a', 'b', 'c'], 1);
  const served: string[] = [];
  for (let i = 0; i < 9; i++) {
    for (const c of ['a', 'b', 'c']) slots.put(frame(c, i));
    const taken = slots.take()!;
    served.push(taken.source);
    slots.done(taken.source);
  }
  expect(served.slice(0, 3).sort()).toEqual(['a', 'b', 'c']);
  expect(new Set(served.slice(3, 6)).size).toBe(3);
  expect(new Set(served.slice(6, 9)).size).toBe(3);
});

test('a stream that repeats one picture is not fresh; a changed one is', () => {
  const stream = openFrozenStream();
  expect(stream.changedAt()).toBeUndefined();
  stream.seen(frame('a', 1));
  stream.seen(frame('a', 2));
  expect(stream.changedAt()).toBe(1);
  stream.seen(frame('a', 3, 1));
  expect(stream.changedAt()).toBe(3);
});
