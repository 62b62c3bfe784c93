import { beforeAll, describe, expect, test } from 'vitest';
import { openScene, type Scene, type SceneVehicle } from '../../simulators/scene/scene.ts';
import type { Frame, Point } from '../contracts/picture.ts';
import { LONGEST_SKIP_MS, openMotionGate } from './motion-gate.ts';

/** Waits long enough that every picture before it is of the empty road. */
const LATE_S = 1_000;
const CAR: SceneVehicle = {
  plate: '皖A12345',
  style: 'standard',
  lane: 1,
  startS: LATE_S,
  speedMps: 5,
  direction: 'approaching',
};
const ROADS = [
  { name: '1920 x 1080 by day', width: 1920, height: 1080, night: false },
  { name: '1280 x 720 by night', width: 1280, height: 720, night: true },
] as const;
const roads = new Map<string, Scene>();

beforeAll(async () => {
  for (const { name, ...look } of ROADS)
    roads.set(name, await openScene({ seed: 7, vehicles: [CAR], noise: 6, ...look }));
});

function frame(scene: Scene, tS: number, at: number): Frame {
  return { source: 'c', at, width: scene.width, height: scene.height, rgb: scene.draw(tS) };
}

/** When the plate of the car is so many pixels wide. */
function whenWide(scene: Scene, px: number): number {
  for (let tS = LATE_S; tS < scene.durationS; tS += 0.05) {
    const corners = scene.truth(tS)[0]?.corners;
    if (corners && corners[1][0] - corners[0][0] >= px) return tS;
  }
  throw new Error(`the plate never gets ${px} pixels wide`);
}

describe.each(ROADS)('$name', ({ name }) => {
  test('noise of sigma 6 is no change', () => {
    const scene = roads.get(name)!;
    const change = openMotionGate();
    expect(change.unchanged(frame(scene, 0, 0))).toBe(false);
    const seen = Array.from({ length: 12 }, (_, i) => change.unchanged(frame(scene, i + 1, 1)));
    expect(seen).not.toContain(false);
  });

  test('a vehicle with a plate of 40 pixels is one', () => {
    const scene = roads.get(name)!;
    const change = openMotionGate();
    change.unchanged(frame(scene, 0, 0));
    expect(change.unchanged(frame(scene, 1, 1))).toBe(true);
    expect(change.unchanged(frame(scene, whenWide(scene, 40), 2))).toBe(false);
    expect(change.unchanged(frame(scene, whenWide(scene, 40) + 0.001, 3)), '5 mm on').toBe(true);
    expect(change.unchanged(frame(scene, LATE_S - 1, 4)), 'it is gone').toBe(false);
  });
});

/** A grey picture with a square of another grey. */
function drawn(at: number, square: { x: number; size: number; grey: number } | undefined): Frame {
  const [width, height] = [640, 360];
  const rgb = new Uint8Array(width * height * 3).fill(100);
  for (let y = 100; square && y < 100 + square.size; y++)
    rgb.fill(square.grey, (y * width + square.x) * 3, (y * width + square.x + square.size) * 3);
  return { source: 'c', at, width, height, rgb };
}

test('slow changes add up: a frame is compared with the last analysed one, not with the last one seen', () => {
  const change = openMotionGate();
  const analysed = [...Array(20).keys()].filter((i) => {
    const square = { x: 200, size: 60, grey: 100 + i };
    return !change.unchanged(drawn(i, square));
  });
  // The broken variant, compared with the frame before, would never notice a step of one grey level.
  expect(analysed).toEqual([0, 8, 16]);
});

test('a frame is analysed after two seconds at the latest, after a step of the clock, and after forget()', () => {
  const change = openMotionGate();
  const unchanged = (at: number) => change.unchanged(drawn(at, undefined));
  expect([unchanged(0), unchanged(LONGEST_SKIP_MS - 1), unchanged(LONGEST_SKIP_MS)]).toEqual([false, true, false]);
  expect(unchanged(LONGEST_SKIP_MS - 3_600_000)).toBe(false);
  expect(unchanged(LONGEST_SKIP_MS - 3_600_000)).toBe(true);
  change.forget();
  expect(unchanged(LONGEST_SKIP_MS - 3_600_000)).toBe(false);
});

test('only the region counts, and a picture of another size is a new picture', () => {
  const left: Point[] = [
    [0, 0],
    [0.4, 0],
    [0.4, 1],
    [0, 1],
  ];
  const change = openMotionGate(left);
  change.unchanged(drawn(0, undefined));
  expect(change.unchanged(drawn(1, { x: 400, size: 60, grey: 250 }))).toBe(true);
  expect(change.unchanged(drawn(1, { x: 100, size: 60, grey: 250 }))).toBe(false);
  expect(change.unchanged({ ...drawn(1, undefined), width: 360, height: 640 })).toBe(false);
});

test('pictures smaller than the thumbnail are compared all the same', () => {
  const tiny = (grey: number): Frame => ({
    source: 'c',
    at: 0,
    width: 7,
    height: 9,
    rgb: new Uint8Array(7 * 9 * 3).fill(grey),
  });
  const change = openMotionGate();
  expect([tiny(10), tiny(10), tiny(200)].map((f) => change.unchanged(f))).toEqual([false, true, false]);
});
