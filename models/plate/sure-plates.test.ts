import { expect, test } from 'vitest';
import type { Quad } from '../../gateway/contracts/picture.ts';
import type { SurePlate } from '../../gateway/inference/jobs.ts';
import { setSureAside } from './sure-plates.ts';

const shape = (x: number, width = 100): { readonly corners: Quad } => ({
  corners: [
    [x - width / 2, 285],
    [x + width / 2, 285],
    [x + width / 2, 315],
    [x - width / 2, 315],
  ],
});
const sure = (track: string, x: number): SurePlate => ({
  track,
  centre: [x, 300],
  reach: 75,
  minWidth: 80,
  maxWidth: 120,
  maxSharpness: 0.6,
});
const SHARPNESS = 0.5;
const asideOf = (shapes: readonly { readonly corners: Quad }[], plates: readonly SurePlate[], sharpness = SHARPNESS) =>
  setSureAside(shapes, plates, () => sharpness);

test('a plate where a sure one is expected is set aside, with its own corners', () => {
  const [known, other] = [shape(320), shape(900)];
  const { sightings, rest } = asideOf([known, other], [sure('a', 300)]);
  expect(sightings).toEqual([{ track: 'a', corners: known.corners }]);
  expect(rest).toEqual([other]);
});

test.each([
  ['too far from there', [shape(380)], [sure('a', 300)], SHARPNESS],
  ['wider than it was', [shape(300, 121)], [sure('a', 300)], SHARPNESS],
  ['narrower than it should be', [shape(300, 79)], [sure('a', 300)], SHARPNESS],
  ['sharper than it was', [shape(300)], [sure('a', 300)], 0.61],
  ['one of two that are found there', [shape(260), shape(340)], [sure('a', 300)], SHARPNESS],
  ['within the reach of two', [shape(300)], [sure('a', 280), sure('b', 320)], SHARPNESS],
])('one that is %s is read', (_, shapes, plates, sharpness) => {
  expect(asideOf(shapes, plates, sharpness)).toEqual({ sightings: [], rest: shapes });
});
