import { expect, test } from 'vitest';
import { isInside, type Quad } from '../../gateway/contracts/picture.ts';
import { boxesOf } from './boxes.ts';
import { cornersOf, mapOf, sizeOf, smallestBox } from './geometry.ts';
import { fillCanvas, letterboxOf } from './raster.ts';

const near = (points: readonly (readonly [number, number])[]) =>
  points.map(([x, y]) => [expect.closeTo(x, 3) as number, expect.closeTo(y, 3) as number]);

test('the map of a plate meets its corners, also in perspective', () => {
  const quad: Quad = [
    [100, 50],
    [220, 70],
    [210, 120],
    [95, 90],
  ];
  const map = mapOf(quad);
  expect([map(0, 0), map(1, 0), map(1, 1), map(0, 1)]).toEqual(near(quad));
  // Straight lines stay straight: the diagonals cross where the middle of the plate is.
  const [mx, my] = map(0.5, 0.5);
  const side = (a: readonly [number, number], b: readonly [number, number]) =>
    (b[0] - a[0]) * (my - a[1]) - (b[1] - a[1]) * (mx - a[0]);
  expect(side(quad[0], quad[2])).toBeCloseTo(0, 6);
  expect(side(quad[1], quad[3])).toBeCloseTo(0, 6);
});

test('the smallest box of points on a turned rectangle is that rectangle', () => {
  const box = { x: 300, y: 200, width: 120, height: 40, angle: -0.3 };
  const map = mapOf(cornersOf(box));
  const points = Array.from({ length: 11 }, (_, i) => [
    map(i / 10, 0),
    map(i / 10, 1),
    map(0, i / 10),
    map(1, i / 10),
  ]).flat();
  const found = smallestBox(points)!;
  for (const key of ['x', 'y', 'width', 'height', 'angle'] as const) expect(found[key]).toBeCloseTo(box[key], 6);
  expect(sizeOf(cornersOf(found))).toEqual({
    width: expect.closeTo(120, 6) as number,
    height: expect.closeTo(40, 6) as number,
  });
  expect(
    smallestBox([
      [1, 1],
      [2, 2],
      [3, 3],
    ]),
  ).toBeUndefined();
});

test('inside and outside of a polygon with a notch', () => {
  const notch = [
    [0, 0],
    [10, 0],
    [10, 10],
    [5, 5],
    [0, 10],
  ] as const;
  expect([isInside(notch, [2, 6]), isInside(notch, [5, 8]), isInside(notch, [8, 6]), isInside(notch, [11, 2])]).toEqual(
    [true, false, true, false],
  );
});

/** A probability map with a turned bar of a given height of probability. */
function bar(width: number, height: number, angle: number, p: number): Float32Array {
  const map = new Float32Array(width * height);
  for (let i = 0; i < map.length; i++) {
    const dx = (i % width) + 0.5 - width / 2;
    const dy = Math.floor(i / width) + 0.5 - height / 2;
    const u = dx * Math.cos(angle) + dy * Math.sin(angle);
    const v = dy * Math.cos(angle) - dx * Math.sin(angle);
    if (Math.abs(u) < 30 && Math.abs(v) < 6) map[i] = p;
  }
  return map;
}

test('a core becomes a box that is larger by the unclip ratio; faint and tiny cores are dropped', () => {
  const [box, ...more] = boxesOf(bar(128, 96, 0.2, 0.9), 128, 96);
  expect(more).toEqual([]);
  const grow = (60 * 12 * 1.6) / (60 + 12);
  expect(box!.x).toBeCloseTo(64, 0);
  expect(box!.y).toBeCloseTo(48, 0);
  expect(box!.angle).toBeCloseTo(0.2, 1);
  expect(Math.abs(box!.width - (60 + grow))).toBeLessThan(4);
  expect(Math.abs(box!.height - (12 + grow))).toBeLessThan(4);
  expect(box!.probability).toBeCloseTo(0.9, 5);
  expect(boxesOf(bar(128, 96, 0.2, 0.4), 128, 96)).toEqual([]);
  const dots = new Float32Array(128 * 96);
  for (let i = 0; i < dots.length; i += 500) dots[i] = 1;
  expect(boxesOf(dots, 128, 96)).toEqual([]);
});

test('the letterbox keeps proportions, never enlarges, and averages what it shrinks', () => {
  expect(letterboxOf({ width: 1920, height: 1080 }, 960)).toEqual({ width: 960, height: 544, scale: 0.5 });
  expect(letterboxOf({ width: 320, height: 200 }, 960)).toEqual({ width: 320, height: 224, scale: 1 });
  // Columns of 0 and 255 in turn are grey at half the size, in all three planes.
  const picture = {
    width: 128,
    height: 64,
    rgb: Uint8Array.from({ length: 128 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 2) * 255),
  };
  const box = letterboxOf(picture, 64);
  const canvas = new Float32Array(3 * box.width * box.height);
  fillCanvas(picture, box, canvas);
  const plane = box.width * box.height;
  expect(canvas[10 * 64 + 10]).toBeCloseTo((0.5 - 0.485) / 0.229, 4);
  expect(canvas[2 * plane + 31 * 64 + 63]).toBeCloseTo((0.5 - 0.406) / 0.225, 4);
  // An odd ratio: the mean of the whole must not change.
  const odd = letterboxOf(picture, 96);
  const other = new Float32Array(3 * odd.width * odd.height);
  fillCanvas(picture, odd, other);
  const first = other.subarray(0, odd.width * 48).reduce((a, b) => a + b, 0) / (odd.width * 48);
  expect(first).toBeCloseTo((0.5 - 0.485) / 0.229, 2);
});
