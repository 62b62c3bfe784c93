import { expect, test } from 'vitest';
import { ACCEPT, ASK, bandOf, characterProbability, type Features, plateProbability } from './confidence.ts';

const GOOD: Features = { evidence: -0.02, doubt: 0.002, provinceDoubt: 0, agreement: 1, votes: 1, colourFits: true };

test('a clear read is accepted; nothing readable is ignored', () => {
  expect(bandOf(plateProbability(GOOD))).toBe('accept');
  const nothing = { ...GOOD, evidence: -60, doubt: 5, provinceDoubt: 0.9, agreement: 0.3, votes: 0.2 };
  expect(bandOf(plateProbability(nothing))).toBe('ignore');
});

test.each<[string, Partial<Features>]>([
  ['less evidence', { evidence: -2 }],
  ['a doubtful character', { doubt: 0.4 }],
  ['a doubtful province', { doubt: 0.4, provinceDoubt: 0.4 }],
  ['windows that disagree', { agreement: 0.6 }],
  ['windows outvoted', { votes: 0.4 }],
  ['a colour that such plates never have', { colourFits: false }],
])('%s lowers the probability', (_, worse) => {
  expect(plateProbability({ ...GOOD, ...worse })).toBeLessThan(plateProbability(GOOD));
});

test('the province counts for more than another character', () => {
  const other = plateProbability({ ...GOOD, doubt: 0.3 });
  expect(plateProbability({ ...GOOD, doubt: 0.3, provinceDoubt: 0.3 })).toBeLessThan(other);
});

test('a character is as probable as the plate at least, and less so the more it is doubted', () => {
  const plate = { ...GOOD, evidence: -1, doubt: 0.6 };
  const [sure, half, hardly] = [0.999, 0.5, 0.1].map((p) => characterProbability(p, false, plate));
  expect(sure).toBeGreaterThan(half!);
  expect(half).toBeGreaterThan(hardly!);
  expect(hardly).toBeGreaterThanOrEqual(plateProbability(plate));
});

test('every probability is a number from 0 to 1, at the ends of every feature too', () => {
  for (const evidence of [0, -1e-9, -40, -1e6, -Infinity]) {
    for (const doubt of [0, 1, 8]) {
      const f: Features = {
        evidence,
        doubt,
        provinceDoubt: Math.min(1, doubt),
        agreement: 0,
        votes: 0,
        colourFits: false,
      };
      for (const p of [plateProbability(f), characterProbability(0, true, f), characterProbability(1, false, f)]) {
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
      }
    }
  }
});

test('bands begin where they say', () => {
  expect([ACCEPT, ACCEPT - 1e-9, ASK, ASK - 1e-9].map(bandOf)).toEqual(['accept', 'ask', 'ask', 'ignore']);
});
