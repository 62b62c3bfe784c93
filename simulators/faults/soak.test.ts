/** The judgement of a soak: a leak shows, the swing of the garbage collector does not. */
import { expect, test } from 'vitest';
import { seeded } from '../scene/random.ts';
import { soakMeasures } from '../bench/faults.ts';
import { isMet } from '../bench/report.ts';
import { slopeOf } from './soak-figures.ts';
import { plateOf } from './kills.ts';

/** An hour of samples, every two seconds: a level that swings by 60 MiB, and grows by `mibPerHour`. */
function samples(mibPerHour: number): number[] {
  const random = seeded(4);
  return Array.from({ length: 1_800 }, (_, i) => 300 + (mibPerHour * i) / 1_800 + 60 * random() ** 2);
}

test('memory that grows by 4 MiB an hour is seen, and one that swings is not taken for it', () => {
  expect(slopeOf(samples(4)).slopeMibPerHour).toBeGreaterThan(3);
  expect(Math.abs(slopeOf(samples(0)).slopeMibPerHour)).toBeLessThan(1);
});

test('a soak in which nothing happened, or one kind of work did not, misses its bars', () => {
  const plan = { minutes: 60, warmUpMinutes: 20 };
  const usual = { pushes: 8_000, receipts: 2_000, events: 4_000, visits: 1_500, answers: 6_000 };
  const missed = (done: Partial<typeof usual>): string[] =>
    soakMeasures({ ...slopeOf(samples(0)), done: { ...usual, ...done } }, plan)
      .filter((measure) => isMet(measure) === false)
      .map((measure) => measure.name);
  expect(missed({})).toEqual([]);
  for (const [kind, n] of Object.entries(usual)) {
    expect(missed({ [kind]: 0 })).toHaveLength(1);
    expect(missed({ [kind]: Math.round(n / 20) })).toHaveLength(1);
  }
  expect(missed({ visits: 0 })).toEqual(['visitors of the gate whose outcome came to its display in a minute']);
});

test('the plates of the kills differ in two characters at least', () => {
  const plates = Array.from({ length: 2_000 }, (_, i) => plateOf(i));
  const near = plates.filter((a, i) =>
    plates.slice(i + 1).some((b) => [...a].filter((c, at) => c !== b[at]).length < 2),
  );
  expect(near).toEqual([]);
});
