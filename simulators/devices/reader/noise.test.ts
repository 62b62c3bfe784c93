import { expect, it } from 'vitest';
import { seeded } from '../../scene/random.ts';
import { disturb, measureNoise } from './noise.ts';

it('100,000 disturbed frames: nothing false is read, and the parser finds back within one frame', () => {
  const figures = measureNoise(100_000);
  expect(figures).toMatchObject({ falseReads: 0, missedTwice: 0 });
  // Straight behind two lost bytes, a frame can lose as many to the one before it. A reader that waits to be asked never sends so.
  expect(figures.missed).toBeLessThan(5);
  expect(figures.trueReads).toBeGreaterThan(20_000);
  // Without the rule of two readings that agree there would be some: the search is able to find them.
  expect(figures.falseAlone).toBeGreaterThan(0);
});

it('the same seed gives the same noise, and it does change the bytes', () => {
  const bytes = new Uint8Array(200);
  expect(disturb(bytes, seeded(5))).toEqual(disturb(bytes, seeded(5)));
  const random = seeded(6);
  const same = Array.from({ length: 500 }, () => Buffer.compare(disturb(bytes, random), bytes)).filter((d) => d === 0);
  expect(same.length).toBeLessThan(50);
});
