import { expect, test } from 'vitest';
import type { Quad } from '../../gateway/contracts/picture.ts';
import type { Raster } from '../raster.ts';
import { mapOf, projectionOf } from './geometry.ts';
import { fillStrip, sharpnessOf, STRIP_HEIGHT, type Strip, type Window } from './raster.ts';

const SIZE = { width: 60, height: 40 };
/** Every pixel differs from its neighbours, in each colour in its own way. */
const PICTURE: Raster = {
  ...SIZE,
  rgb: Uint8Array.from(
    { length: SIZE.width * SIZE.height * 3 },
    (_, i) => (i * 37 + (i % 3) * 91 + (i % 7) * 13) % 256,
  ),
};
const QUAD: Quad = [
  [8, 6],
  [52, 3],
  [55, 30],
  [6, 35],
];
const strip = (width: number): Strip => ({ data: new Float32Array(3 * STRIP_HEIGHT * width), width });

/** Bilinear interpolation between pixel centres by the book; beyond the picture its edge is repeated. `c`: 0 red, 2 blue. */
function bilinear({ rgb, width, height }: Raster, x: number, y: number, c: number): number {
  const at = (i: number, j: number) => {
    const [col, row] = [Math.min(width - 1, Math.max(0, i)), Math.min(height - 1, Math.max(0, j))];
    return rgb[(row * width + col) * 3 + c]!;
  };
  const [i, j] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [a, b] = [x - 0.5 - i, y - 0.5 - j];
  const upper = at(i, j) * (1 - a) + at(i + 1, j) * a;
  return upper * (1 - b) + (at(i, j + 1) * (1 - a) + at(i + 1, j + 1) * a) * b;
}

test.each([
  [1, 0, 0],
  [2, 0.1, 0.2],
  [3, 0, 0.4],
])('a strip pixel is the mean of %i × %i samples through the perspective map, blue first', (samples, by, lean) => {
  const window: Window = { left: -by, top: -by, right: 1 + by, bottom: 1 + by, lean };
  const [width, at, columns] = [50, 4, 30];
  const filled = strip(width);
  fillStrip(PICTURE, projectionOf(QUAD), window, filled, at, columns, samples);
  const { data } = filled;
  const map = mapOf(QUAD);
  for (const [x, y] of [
    [0, 0],
    [29, 47],
    [13, 20],
    [29, 3],
    [2, 40],
  ] as const) {
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (let n = 0; n < samples * samples; n++) {
        const v = -by + ((y + (Math.floor(n / samples) + 0.5) / samples) / STRIP_HEIGHT) * (1 + 2 * by);
        const u = -by + lean * (v - 0.5) + ((x + ((n % samples) + 0.5) / samples) / columns) * (1 + 2 * by);
        sum += bilinear(PICTURE, ...map(u, v), c);
      }
      const expected = sum / (samples * samples) / 127.5 - 1;
      expect(data[(2 - c) * STRIP_HEIGHT * width + y * width + at + x]).toBeCloseTo(expected, 5);
    }
  }
  // Columns before and behind stay as they were.
  for (const x of [0, 3, 34, 49]) expect(data[20 * width + x]).toBe(0);
});

test('points that are no numbers, or infinitely far, count as an edge', () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const s = strip(20);
    const corners = QUAD.map(([x, y]) => [x * bad, y]) as unknown as Quad;
    fillStrip(PICTURE, projectionOf(corners), { left: 0, top: 0, right: 1, bottom: 1, lean: 0 }, s, 0, 20, 1);
    expect(s.data.every((v) => v >= -1 && v <= 1)).toBe(true);
  }
});

/** Columns at which bright and dark change, as irregular as strokes and gaps are: of a regular pattern blur leaves a regular pattern. */
const EDGES = [4, 13, 16, 30, 34, 38, 55, 59, 66, 69, 81, 84, 88, 103, 108, 112];

/** Upright strokes, each column the mean of `blur` ones. */
function strokes(blur: number, contrast: number): Strip {
  const s = strip(120);
  const isInk = (x: number) => EDGES.filter((e) => e <= x).length % 2;
  for (let i = 0; i < s.data.length; i++) {
    let sum = 0;
    for (let d = 0; d < blur; d++) sum += isInk((i % 120) + d - (blur - 1) / 2);
    s.data[i] = (contrast * sum) / blur;
  }
  return s;
}

test('sharpness falls with blur and stays with contrast; a plane has none', () => {
  const [clear, soft, softer] = [1, 5, 9].map((blur) => sharpnessOf(strokes(blur, 1), 120));
  expect(clear).toBeLessThanOrEqual(1);
  expect(soft).toBeLessThan(0.8 * clear!);
  expect(softer).toBeLessThan(0.8 * soft!);
  expect(sharpnessOf(strokes(5, 0.2), 120)).toBeCloseTo(soft!, 4);
  expect(sharpnessOf(strip(120), 120)).toBe(0);
});
