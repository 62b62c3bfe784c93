import { expect, test } from 'vitest';
import { readBmp } from './bmp.ts';
import { loadPicture } from './picture.ts';

/** 3 × 2 pixels, their values those of `pixel`; what a decoder of card photos writes, padding included. */
function bmp(options: { topDown?: boolean; bits?: number; compression?: number; width?: number } = {}): Uint8Array {
  const stride = 12;
  const bytes = new Uint8Array(54 + 2 * stride);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, options.width ?? 3, true);
  view.setInt32(22, options.topDown ? -2 : 2, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, options.bits ?? 24, true);
  view.setUint32(30, options.compression ?? 0, true);
  for (let y = 0; y < 2; y++) {
    for (let x = 0; x < 3; x++) {
      const [r, g, b] = pixel(x, y);
      bytes.set([b, g, r], 54 + stride * (options.topDown ? y : 1 - y) + 3 * x);
    }
  }
  return bytes;
}

function pixel(x: number, y: number): [number, number, number] {
  return [100 + x, 150 + y, 200 + 10 * x + y];
}

const EXPECTED = [0, 1].flatMap((y) => [0, 1, 2].flatMap((x) => pixel(x, y)));

test('both orders of rows give the same pixels, through the loader as well', async () => {
  for (const topDown of [false, true]) {
    const picture = readBmp(bmp({ topDown }), 100);
    expect(picture).toEqual({ width: 3, height: 2, rgb: Uint8Array.from(EXPECTED) });
    expect(await loadPicture(bmp({ topDown }))).toEqual(picture);
  }
});

test('a file cut anywhere is refused in words, never read beyond its end', () => {
  const whole = bmp();
  const filling = 3;
  for (let length = 2; length < whole.length - filling; length++) {
    expect(() => readBmp(whole.slice(0, length), 100)).toThrow(/is a truncated BMP: \d+ bytes/);
  }
  expect(readBmp(whole.slice(0, whole.length - filling), 100).height).toBe(2);
});

test('other bitmaps, bitmaps without pixels and bitmaps too large are refused in words', async () => {
  expect(() => readBmp(bmp({ bits: 8 }), 100)).toThrow('is a BMP of 8 bits, compression 0; expected 24 bits');
  expect(() => readBmp(bmp({ compression: 1 }), 100)).toThrow(/compression 1; expected/);
  expect(() => readBmp(bmp({ width: -3 }), 100)).toThrow(/is a BMP of -3 × 2 pixels/);
  expect(() => readBmp(bmp(), 5)).toThrow(/too many pixels/);
  await expect(loadPicture(bmp({ width: 2_000_000_000 }))).rejects.toThrow(/too many pixels; at most 16 million/);
});
