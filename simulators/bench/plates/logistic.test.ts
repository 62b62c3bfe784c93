import { expect, test } from 'vitest';
import { seeded } from '../../scene/random.ts';
import { calibrationError, fitLogistic, type Judged, predict, reliability, wilson } from './logistic.ts';

test('weights that made the cases are found again', () => {
  const random = seeded(3);
  const truth = [0.5, -2, 1.5];
  const cases = Array.from({ length: 20_000 }, () => {
    const inputs = [1, random() * 2 - 1, random() * 2 - 1];
    return { inputs, right: random() < predict(truth, inputs) };
  });
  const found = fitLogistic(cases);
  for (const [i, w] of truth.entries()) expect(Math.abs(found[i]! - w)).toBeLessThan(0.12);
});

test('cases that are all right teach nothing and are refused', () => {
  expect(() => fitLogistic([{ inputs: [1, 2], right: true }])).toThrow(/1 cases that are all right/);
});

test('a reliability table tells honest probabilities from boasts', () => {
  const random = seeded(5);
  const honest = Array.from({ length: 10_000 }, (): Judged => {
    const predicted = random();
    return { predicted, right: random() < predicted };
  });
  const bins = reliability(honest);
  expect(bins).toHaveLength(10);
  expect(bins.reduce((sum, b) => sum + b.n, 0)).toBe(10_000);
  expect(calibrationError(bins)).toBeLessThan(0.02);
  for (const b of bins) {
    expect(b.predicted).toBeGreaterThanOrEqual(b.from);
    expect(b.interval[0]).toBeLessThan(b.observed);
    expect(b.interval[1]).toBeGreaterThan(b.observed);
  }
  const boasts = honest.map((j) => ({ ...j, predicted: Math.sqrt(j.predicted) }));
  expect(calibrationError(reliability(boasts))).toBeGreaterThan(0.1);
});

test('Wilson’s interval is the published one, and stays within 0 and 1', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
  expect(wilson(81, 263).map((v) => Math.round(v * 1e4) / 1e4)).toEqual([0.2553, 0.3662]);
  expect(wilson(0, 20).map((v) => Math.round(v * 1e4) / 1e4)).toEqual([0, 0.1611]);
  expect(wilson(20, 20)[1]).toBeCloseTo(1, 9);
});
