import { expect, test } from 'vitest';
import { seeded } from '../../../simulators/scene/random.ts';
import {
  directionOf,
  isAhead,
  updateMotion,
  offCourse,
  startMotion,
  expectedDisplacement,
  type PlatePosition,
} from './motion.ts';
import { TRACK_DEFAULTS } from './model.ts';

const OPTIONS = TRACK_DEFAULTS;

/** A plate at that distance before a camera 5 m up, 1500 pixels wide at one metre. */
function seen(distance: number, noise = () => 0): PlatePosition {
  const width = (1500 / distance) * (1 + 0.03 * noise());
  return { x: 900 + 40 * noise() * 0.03, y: 11.4 * (1500 / distance) + width * 0.03 * noise(), width };
}

function follow(places: readonly PlatePosition[], stepMs = 200) {
  return places
    .slice(1)
    .reduce((m, place, i) => updateMotion(m, i * stepMs, place, OPTIONS), startMotion(places[0]!, 0));
}
const direction = (places: readonly PlatePosition[]) => directionOf(follow(places), OPTIONS);

test('direction is that of the whole track, whatever the noise of the detector', () => {
  let wrong = 0;
  for (let seed = 0; seed < 200; seed++) {
    const random = seeded(seed);
    const noise = () => random() * 4 - 2;
    const row = Array.from({ length: 12 }, (_, i) => seen(40 - 1.5 * i, noise));
    if (direction(row) !== 'approaching' || direction([...row].reverse()) !== 'leaving') wrong++;
  }
  expect(wrong).toBe(0);
});

test('a parked vehicle has no direction, one that crosses has none, one that stops and goes on has one', () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = seeded(seed);
    expect(direction(Array.from({ length: 300 }, () => seen(20, () => random() * 2 - 1)))).toBe('unknown');
  }
  expect(direction(Array.from({ length: 10 }, (_, i) => ({ x: 100 * i, y: 500, width: 80 })))).toBe('unknown');
  const stopped = [...[30, 27, 24], ...Array<number>(200).fill(24), ...[22, 20, 18, 15]];
  expect(direction(stopped.map((d) => seen(d)))).toBe('approaching');
});

test('where growth is too little to tell, the way down the picture does', () => {
  const down = Array.from({ length: 8 }, (_, i) => ({ x: 500, y: 300 + 15 * i, width: 80 + (i % 2) }));
  expect(direction(down)).toBe('approaching');
  expect(direction([...down].reverse())).toBe('leaving');
});

test('a thousand frames at one place are one view', () => {
  const random = seeded(1);
  expect(follow(Array.from({ length: 1000 }, () => seen(20, () => random() * 2 - 1))).independentViews).toBe(1);
  expect(follow([40, 30, 20].map((d) => seen(d))).independentViews).toBe(3);
});

test('travel follows the perspective: at constant speed the next place is met, however far the plate jumps', () => {
  // 30 m/s at one frame a second: 70 m, 40 m, 10 m.
  const motion = follow(
    [70, 40].map((d) => seen(d)),
    1000,
  );
  const way = expectedDisplacement(motion, 1000, 2000)!;
  const next = seen(10);
  expect(motion.position.y + way.y).toBeCloseTo(next.y, 3);
  expect(offCourse(motion.position, way, next)).toBeLessThan(0.01);
  // Standing still is not on its way, nor is the place it came from.
  expect(offCourse(motion.position, way, seen(70))).toBeGreaterThan(3);
  expect([isAhead(motion.position, way, next), isAhead(motion.position, way, seen(70))]).toEqual([true, false]);
  expect(expectedDisplacement(startMotion(next, 0), 0, 200)).toBeUndefined();
});
