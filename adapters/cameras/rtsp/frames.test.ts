import { expect, it } from 'vitest';
import { frameSplitter } from './frames.ts';

const bytes = Uint8Array.from({ length: 50 }, (_, i) => i);

it('gives the same whole frames however the bytes are cut, and keeps a rest back', () => {
  for (let piece = 1; piece <= bytes.length; piece++) {
    const frames: Uint8Array[] = [];
    const cut = frameSplitter(
      12,
      (f) => void frames.push(f),
      () => false,
    );
    for (let i = 0; i < bytes.length; i += piece) cut(bytes.subarray(i, i + piece));
    expect(frames.map((f) => [...f])).toEqual([0, 12, 24, 36].map((from) => [...bytes.subarray(from, from + 12)]));
    expect(new Set(frames.map((f) => f.buffer)).size).toBe(4);
    expect(frames.every((f) => f.buffer.byteLength === 12)).toBe(true);
  }
});

it('stops within a piece once it has ended', () => {
  let frames = 0;
  const cut = frameSplitter(
    12,
    () => void frames++,
    () => frames === 2,
  );
  cut(bytes);
  cut(bytes);
  expect(frames).toBe(2);
});
