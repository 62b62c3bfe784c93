import { expect, test } from 'vitest';
import { measureLine } from './line.ts';

test('W9: a backlog leaves many at a time, and a hit that is raised meanwhile does not wait behind it', async () => {
  const figures = await measureLine({ rows: 1_000, hitEvery: 5, pictureBytes: 20_000, answerMs: 50 });
  expect(figures.faults).toEqual([]);
  expect(figures.maxAtOnce).toBeGreaterThan(32);
  // Four at a time with pictures in series cannot pass 57 rows a second, however fast the computer is.
  expect(figures.rowsPerS).toBeGreaterThan(70);
  expect(figures.hitsRaised).toBeGreaterThan(2);
  expect(figures.hitP95Ms).toBeLessThan(figures.tookS * 500);
});
