import { expect, test } from 'vitest';
import type { PlateRead } from '../../contracts/plate.ts';
import { read } from '../road.fixtures.ts';
import { covers, placesToSearch } from './places.ts';
import { advance } from './track.ts';
import type { Track } from './model.ts';

const plate = (x: number, more: Partial<PlateRead> = {}): PlateRead =>
  read('皖A12345', {
    corners: [
      [x, 300],
      [x + 100, 300],
      [x + 100, 333],
      [x, 333],
    ],
    ...more,
  });

/** A frame each 200 ms. */
function after(plates: readonly PlateRead[]): readonly Track[] {
  let tracks: readonly Track[] = [];
  for (const [i, one] of plates.entries())
    tracks = advance(tracks, { lane: 'l', camera: 'c' }, i * 200, [one], undefined).tracks;
  return tracks;
}

test('a vehicle that is not read surely is looked for where it is and where it drives to', () => {
  const doubtful = { band: 'check', probability: 0.8 } as const;
  const { must, also } = placesToSearch(after([plate(300, doubtful), plate(400, doubtful)]), 400);
  expect(also).toEqual([]);
  expect([450, 550, 650].map((x) => must.some((part) => covers(part, { x, y: 316, width: 100 })))).toEqual([
    true,
    true,
    true,
  ]);
});

test('one that is, only while it moves: where it stands, the picture tells', () => {
  const moving = placesToSearch(after([plate(300), plate(400), plate(500)]), 600);
  expect([moving.must.length, moving.also.length]).toEqual([0, 1]);
  const standing = placesToSearch(after([plate(300), plate(301), plate(300)]), 600);
  expect([standing.must.length, standing.also.length]).toEqual([0, 0]);
});
