import { expect, test } from 'vitest';
import type { Frame } from '../contracts/picture.ts';
import { openFrozenStreamDetector } from '../devices/frozen-stream.ts';
import { LatestFrames } from './latest-frame.ts';

const frame = (source: string, at: number, byte = 0): Frame => ({
  source,
  at,
  width: 100,
  height: 1,
  rgb: new Uint8Array(300).fill(byte),
});

test('the newest frame wins; received = taken + dropped + at most one waiting', () => {
  const frames = new LatestFrames(['a'], 1);
  for (let i = 0; i < 10; i++) frames.put(frame('a', i));
  expect(frames.take()?.at).toBe(9);
  expect(frames.counts('a')).toEqual({ received: 10, taken: 1, dropped: 9 });
});

test('a camera has no more frames under way than it may, and one with none under way goes first', () => {
  const frames = new LatestFrames(['a', 'b'], 2);
  const next = (camera: string, at: number) => {
    frames.put(frame(camera, at));
    return frames.take()?.at;
  };
  expect([next('a', 1), next('a', 2), next('a', 3)]).toEqual([1, 2, undefined]);
  frames.done('a');
  frames.put(frame('b', 4));
  expect([frames.take()?.at, frames.take()?.at]).toEqual([4, 3]);
});

test('with one at a time the next frame waits for the one under way', () => {
  const frames = new LatestFrames(['a'], 1);
  frames.put(frame('a', 1));
  expect(frames.take()?.at).toBe(1);
  frames.put(frame('a', 2));
  expect(frames.take()).toBeUndefined();
  frames.done('a');
  expect(frames.take()?.at).toBe(2);
});

test('a busy camera does not starve the others: the one served longest ago is next', () => {
  const frames = new LatestFrames(['a', 'b', 'c'], 1);
  const served: string[] = [];
  for (let i = 0; i < 9; i++) {
    for (const c of ['a', 'b', 'c']) frames.put(frame(c, i));
    const taken = frames.take()!;
    served.push(taken.source);
    frames.done(taken.source);
  }
  expect(served.slice(0, 3).sort()).toEqual(['a', 'b', 'c']);
  expect(new Set(served.slice(3, 6)).size).toBe(3);
  expect(new Set(served.slice(6, 9)).size).toBe(3);
});

test('a stream that repeats one picture is not fresh; a changed one is', () => {
  const stream = openFrozenStreamDetector();
  expect(stream.changedAt()).toBeUndefined();
  stream.seen(frame('a', 1));
  stream.seen(frame('a', 2));
  expect(stream.changedAt()).toBe(1);
  stream.seen(frame('a', 3, 1));
  expect(stream.changedAt()).toBe(3);
});
