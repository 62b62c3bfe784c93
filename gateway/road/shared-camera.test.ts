import { describe, expect, test } from 'vitest';
import type { PlateHit } from '../contracts/hit.ts';
import type { CameraView } from '../contracts/parts.ts';
import type { PlateRead } from '../contracts/plate.ts';
import { frame, playRoad, read, turn } from './road.fixtures.ts';

/** Left and right of the middle of the picture. */
const HALVES: readonly CameraView[] = [0, 0.5].map((left, i) => ({
  lane: `lane-${i + 1}`,
  region: [
    [left, 0],
    [left + 0.5, 0],
    [left + 0.5, 1],
    [left, 1],
  ],
}));
const SHARED = [{ id: 'cam-1', lane: 'lane-1, lane-2', views: HALVES }];

test('the regions of a camera reach the reader in pixels', async () => {
  const regions: unknown[] = [];
  const { road } = playRoad({
    cameras: SHARED,
    recogniser: {
      plates: (f, search) => {
        regions.push(search?.regions);
        return Promise.resolve({ reads: [], frame: f, sightings: [], attempts: 0 });
      },
    },
  });
  road.frame(frame(0));
  await road.drain();
  expect(regions).toEqual([
    [0, 32].map((left) => [
      [left, 0],
      [left + 32, 0],
      [left + 32, 36],
      [left, 36],
    ]),
  ]);
});

describe('two lanes that look at one camera', () => {
  const at = (x: number): Partial<PlateRead> => ({
    corners: [
      [x, 10],
      [x + 10, 10],
      [x + 10, 14],
      [x, 14],
    ],
  });

  test('each have the vehicles in their own part of its pictures, which are searched once', async () => {
    const { road, counted, raised, see } = playRoad({ cameras: SHARED });
    for (let i = 0; i < 4; i++) await see(i * 200, [read('皖A12345', at(5)), read('粤B98K61', at(45))]);
    road.lost('cam-1');
    await turn();
    expect(counted.map((p) => [p.lane, p.camera, p.best.text])).toEqual([
      ['lane-1', 'cam-1', '皖A12345'],
      ['lane-2', 'cam-1', '粤B98K61'],
    ]);
    expect(raised.map(({ hit }) => [hit.lane, (hit as PlateHit).listed])).toEqual([['lane-1', '皖A12345']]);
    expect(road.counts('cam-1')).toMatchObject({ received: 4, analysed: 4 });
  });

  test('a look-up that fails in one of them keeps none from the other', async () => {
    const { road, counted, see } = playRoad({
      cameras: SHARED,
      count(passage) {
        if (passage.lane === 'lane-1') throw new Error('planted');
        counted.push(passage);
      },
    });
    for (let i = 0; i < 4; i++) await see(i * 200, [read('京B67890', at(5)), read('粤B98K61', at(45))]);
    for (let at = 3_000; at < 6_000; at += 1_000) await see(at, []);
    expect(counted.map((p) => p.lane)).toEqual(['lane-2']);
    expect(road.counts('cam-1').failed).toBeGreaterThan(0);
  });
});
