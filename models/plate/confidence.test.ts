import { expect, test } from 'vitest';
import { ACCEPT, CHECK, bandOf, characterProbability, type Features, plateProbability } from './confidence.ts';

const GOOD: Features = { evidence: -0.02, worst: -0.01, least: 0.999, colourFits: true };

test('a clear read is accepted; nothing readable is rejected', () => {
  expect(bandOf(plateProbability(GOOD))).toBe('accept');
  const nothing = { ...GOOD, evidence: -30, worst: -12, least: 0.3 };
  expect(bandOf(plateProbability(nothing))).toBe('reject');
});

test.each<[string, Partial<Features>]>([
  ['less evidence', { evidence: -2 }],
  ['a doubtful character', { least: 0.6 }],
  ['a colour that such plates never have', { colourFits: false }],
])('%s lowers the probability', (_, worse) => {
  expect(plateProbability({ ...GOOD, ...worse })).toBeLessThan(plateProbability(GOOD));
});

test('a text with a character that was not read, or without one that was, is rejected, however good the rest is', () => {
  const number = { ...GOOD, evidence: -13.9, worst: -13.8 };
  expect(bandOf(plateProbability(number))).toBe('reject');
  // By the other features alone it would be more than that.
  expect(bandOf(plateProbability({ ...number, worst: -1 }))).not.toBe('reject');
});

test('a character is as probable as the plate at least, and less so the more it is doubted', () => {
  const plate = { ...GOOD, evidence: -1, least: 0.1 };
  const [sure, half, hardly] = [0.999, 0.5, 0.1].map((p) => characterProbability(p, plate));
  expect(sure).toBeGreaterThan(half!);
  expect(half).toBeGreaterThan(hardly!);
  expect(hardly).toBeGreaterThanOrEqual(plateProbability(plate));
});

test('every probability is a number from 0 to 1, at the ends of every feature too', () => {
  for (const evidence of [0, -1e-9, -40, -1e6, -Infinity]) {
    for (const least of [0, 1e-300, 0.5, 1]) {
      const f: Features = { evidence, worst: evidence, least, colourFits: false };
      for (const p of [plateProbability(f), characterProbability(0, f), characterProbability(1, f)]) {
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
      }
    }
  }
});

test('bands begin where they say', () => {
  expect([ACCEPT, ACCEPT - 1e-9, CHECK, CHECK - 1e-9].map(bandOf)).toEqual(['accept', 'check', 'check', 'reject']);
});
