import { expect, test } from 'vitest';
import type { Point } from '../../gateway/contracts/picture.ts';
import { onePerFace, widestFirst } from './boxes.ts';
import { applyTo, ARCFACE_TEMPLATE, dlibTemplate, fit, overlap, squareAt } from './geometry.ts';
import { poseOf } from './quality.ts';
import { warp } from './warp.ts';

const close = (actual: readonly number[], expected: readonly number[]) => {
  for (const [i, v] of expected.entries()) expect(actual[i]).toBeCloseTo(v, 6);
};

test('the fit finds the turning, scale and shift that moved the points', () => {
  const moved = { a: 1.5 * Math.cos(0.4), b: 1.5 * Math.sin(0.4), x: 30, y: -12 };
  const template = dlibTemplate(150);
  const { a, b, x, y } = fit(
    template,
    template.map((p) => applyTo(moved, p)),
  );
  close([a, b, x, y], [moved.a, moved.b, moved.x, moved.y]);
});

test('the templates stand upright: eyes level and above the nose, the mouth below, no yaw and no roll', () => {
  for (const template of [dlibTemplate(150), ARCFACE_TEMPLATE]) {
    const { yaw, pitch, rollDeg } = poseOf(template);
    expect(Math.abs(yaw)).toBeLessThan(0.05);
    expect(Math.abs(rollDeg)).toBeLessThan(1);
    expect(pitch).toBeGreaterThan(0.4);
    expect(pitch).toBeLessThan(0.6);
  }
  close(dlibTemplate(150)[0], [47.549, 46.599]);
});

test('pose follows a face that is tilted, and a nose that moves to the side', () => {
  const tilted = dlibTemplate(150).map((p) => applyTo({ a: Math.cos(0.5), b: Math.sin(0.5), x: 80, y: 0 }, p));
  expect(poseOf(tilted as never).rollDeg).toBeCloseTo((0.5 * 180) / Math.PI, 6);
  const [left, right, [nx, ny], ...mouth] = dlibTemplate(100);
  const aside: Point = [nx + 0.8 * (right[0] - left[0]), ny];
  expect(poseOf([left, right, aside, ...mouth]).yaw).toBeGreaterThan(0.75);
});

test('a turned square has its centre and corners where they belong', () => {
  const place = squareAt([100, 50], 40, 10, Math.PI / 2);
  close(applyTo(place, [5, 5]), [100, 50]);
  close(applyTo(place, [0, 0]), [120, 30]);
  close(applyTo(place, [10, 0]), [120, 70]);
});

test('boxes on one face become one, the best; others stay, the widest first', () => {
  const box = (left: number, width: number, score: number) => ({ left, top: 0, width, height: 100, score });
  const [a, b, c] = [box(0, 100, 0.8), box(10, 100, 0.9), box(200, 120, 0.6)];
  expect(overlap(a, b)).toBeCloseTo(90 / 110, 6);
  expect(overlap(a, c)).toBe(0);
  expect(widestFirst(onePerFace([a, b, c]))).toEqual([c, b]);
});

/** 40 × 40 pixels: red grows to the right, green downwards, blue is a checker of single pixels. */
function ramp() {
  const rgb = new Uint8Array(40 * 40 * 3);
  for (let y = 0, o = 0; y < 40; y++) {
    for (let x = 0; x < 40; x++, o += 3) rgb.set([6 * x, 6 * y, (x + y) % 2 === 0 ? 0 : 200], o);
  }
  return { width: 40, height: 40, rgb };
}

test('a warp of the same size copies; one outside the picture is background', () => {
  const picture = ramp();
  const chip = new Uint8Array(40 * 40 * 3);
  warp(picture, { a: 1, b: 0, x: 0, y: 0 }, 40, chip, { background: 9 });
  expect(chip).toEqual(picture.rgb);
  for (const a of [1, 5]) {
    warp(picture, { a, b: 0, x: 100, y: 100 }, 40, chip, { background: 9 });
    expect(chip.every((v) => v === 9)).toBe(true);
  }
});

test.each([2, 4])('a warp that shrinks by %i averages the area, so that fine patterns become grey', (a) => {
  const side = 40 / a;
  const chip = new Uint8Array(side * side * 3);
  warp(ramp(), { a, b: 0, x: 0, y: 0 }, side, chip);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [red, green, blue] = chip.subarray((y * side + x) * 3);
      expect(red).toBe(Math.floor(6 * (a * (x + 0.5) - 0.5) + 0.5));
      expect(green).toBe(Math.floor(6 * (a * (y + 0.5) - 0.5) + 0.5));
      expect(blue).toBe(100);
    }
  }
});

test('a quarter turn turns the picture', () => {
  const picture = ramp();
  const chip = new Uint8Array(40 * 40 * 3);
  warp(picture, squareAt([20, 20], 40, 40, Math.PI / 2), 40, chip);
  // The chip's x runs down the picture, its y to the left.
  for (const [u, v] of [
    [3, 5],
    [30, 12],
  ] as const) {
    const [red, green] = chip.subarray((v * 40 + u) * 3);
    expect([red, green]).toEqual([6 * (39 - v), 6 * u]);
  }
});
