import { beforeAll, describe, expect, test } from 'vitest';
import { openScene, type Scene, type SceneVehicle } from '../../simulators/scene/scene.ts';
import type { Frame, Point } from '../contracts/picture.ts';
import type { FramePart } from '../inference/jobs.ts';
import { LONGEST_SKIP_ASLEEP_MS, LONGEST_SKIP_MS, openMotionGate } from './motion-gate.ts';
import { covers } from './tracking/places.ts';

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

/** The middle of the plate of the car. */
function plateAt(scene: Scene, tS: number) {
  const [a, , c] = scene.truth(tS)[0]!.corners;
  return { x: (a[0] + c[0]) / 2, y: (a[1] + c[1]) / 2, width: 1 };
}

const areaOf = (parts: readonly FramePart[]): number =>
  parts.reduce((sum, { width, height }) => sum + width * height, 0);

describe.each(ROADS)('$name', ({ name }) => {
  test('noise of sigma 6 is no change', () => {
    const scene = roads.get(name)!;
    const gate = openMotionGate();
    expect(gate.area(frame(scene, 0, 0))).toBe('whole');
    const seen = Array.from({ length: 12 }, (_, i) => gate.area(frame(scene, i + 1, 1)));
    expect(seen).toEqual(Array(12).fill('nothing'));
  });

  test('a vehicle with a plate of 40 pixels is one, and its surroundings alone are searched', () => {
    const scene = roads.get(name)!;
    const gate = openMotionGate();
    gate.area(frame(scene, 0, 0));
    expect(gate.area(frame(scene, 1, 1))).toBe('nothing');
    const at40 = whenWide(scene, 40);
    for (const tS of [at40, at40 + 0.2]) {
      const parts = gate.area(frame(scene, tS, 2)) as readonly FramePart[];
      expect(parts.some((part) => covers(part, plateAt(scene, tS)))).toBe(true);
      expect(areaOf(parts)).toBeLessThan(0.5 * scene.width * scene.height);
      expect(gate.area(frame(scene, tS + 0.001, 3)), '5 mm on').toBe('nothing');
    }
    expect(gate.area(frame(scene, LATE_S - 1, 5)), 'it is gone').not.toBe('nothing');
  });

  test('a step of the exposure is searched whole, and a picture that shakes wherever that shows', () => {
    const scene = roads.get(name)!;
    const gate = openMotionGate();
    gate.area(frame(scene, 0, 0));
    const lighter = frame(scene, 1, 1);
    for (let i = 0; i < lighter.rgb.length; i++) lighter.rgb[i] = Math.min(255, lighter.rgb[i]! + 20);
    expect(gate.area(lighter)).toBe('whole');
    const shaken = frame(scene, 2, 2);
    gate.area(frame(scene, 1, 1 + LONGEST_SKIP_MS));
    shaken.rgb.copyWithin(0, 3 * 8);
    expect(gate.area({ ...shaken, at: 2 + LONGEST_SKIP_MS })).not.toBe('nothing');
  });
});

/** A grey picture with squares of another grey. */
function drawn(at: number, ...squares: readonly { x: number; size: number; grey: number }[]): Frame {
  const [width, height] = [640, 360];
  const rgb = new Uint8Array(width * height * 3).fill(100);
  for (const { x, size, grey } of squares)
    for (let y = 100; y < 100 + size; y++) rgb.fill(grey, (y * width + x) * 3, (y * width + x + size) * 3);
  return { source: 'c', at, width, height, rgb };
}

test('slow changes add up: a frame is compared with what was searched last, not with the last one seen', () => {
  const gate = openMotionGate();
  const searched = [...Array(20).keys()].filter((i) => {
    return gate.area(drawn(i, { x: 200, size: 60, grey: 100 + i })) !== 'nothing';
  });
  // The broken variant, compared with the frame before, would never notice a step of one grey level.
  expect(searched).toEqual([0, 8, 16]);
});

test('they add up beside traffic too: each cell is compared with what it showed when it was searched itself', () => {
  const gate = openMotionGate();
  const isFound = (i: number): boolean => {
    const slow = { x: 40, size: 60, grey: 100 + i };
    const area = gate.area(drawn(i, slow, { x: 400, size: 60, grey: i % 2 === 0 ? 200 : 30 }));
    return area !== 'nothing' && area !== 'whole' && area.some((part) => part.left <= 40);
  };
  // The broken variant, compared with the last frame that was searched anywhere, never finds it: the other one changes in every frame.
  expect([...Array(20).keys()].filter(isFound)).toEqual([8, 16]);
});

test('a frame is searched after two seconds at the latest, after a step of the clock, and after forget()', () => {
  const gate = openMotionGate();
  const area = (at: number) => gate.area(drawn(at));
  expect([area(0), area(LONGEST_SKIP_MS - 1), area(LONGEST_SKIP_MS)]).toEqual(['whole', 'nothing', 'whole']);
  expect(area(LONGEST_SKIP_MS - 3_600_000)).toBe('whole');
  expect(area(LONGEST_SKIP_MS - 3_600_000)).toBe('nothing');
  gate.forget();
  expect(area(LONGEST_SKIP_MS - 3_600_000)).toBe('whole');
});

test('before a camera that sleeps a frame is searched after ten seconds at the latest', () => {
  const gate = openMotionGate();
  const area = (at: number) => gate.area(drawn(at), [], [], LONGEST_SKIP_ASLEEP_MS);
  expect([0, LONGEST_SKIP_MS, LONGEST_SKIP_ASLEEP_MS - 1, LONGEST_SKIP_ASLEEP_MS].map(area)).toEqual([
    'whole',
    'nothing',
    'nothing',
    'whole',
  ]);
});

test('while something moves, the whole picture is searched each second: what shows no change may stand beside it', () => {
  const gate = openMotionGate();
  const wholeAt = Array.from({ length: 16 }, (_, i) => i * 200).filter(
    (at) => gate.area(drawn(at, { x: 200 + at / 10, size: 60, grey: 220 })) === 'whole',
  );
  expect(wholeAt).toEqual([0, 1_000, 2_000, 3_000]);
});

test('what must be searched is, changed or not; what moves is where anything is', () => {
  const [must, also] = [
    { left: 20, top: 20, width: 60, height: 40 },
    { left: 500, top: 250, width: 60, height: 40 },
  ];
  const middle = ({ left, top, width, height }: FramePart) => ({ x: left + width / 2, y: top + height / 2, width });
  const gate = openMotionGate();
  gate.area(drawn(0));
  expect(gate.area(drawn(1), [], [also])).toBe('nothing');
  const parts = gate.area(drawn(2), [must], [also]) as readonly FramePart[];
  expect([must, also].map((wanted) => parts.some((part) => covers(part, middle(wanted))))).toEqual([true, true]);
  expect(gate.area(drawn(3), [{ ...must, left: 900 }]), 'it is outside of the picture').toBe('whole');
});

test('only the region counts, and a picture of another size is a new picture', () => {
  const left: Point[] = [
    [0, 0],
    [0.4, 0],
    [0.4, 1],
    [0, 1],
  ];
  const gate = openMotionGate([left]);
  gate.area(drawn(0));
  expect(gate.area(drawn(1, { x: 400, size: 60, grey: 250 }))).toBe('nothing');
  expect(gate.area(drawn(1, { x: 100, size: 60, grey: 250 }))).not.toBe('nothing');
  expect(gate.area({ ...drawn(1), width: 360, height: 640 })).toBe('whole');
});

test('pictures smaller than the thumbnail are compared all the same', () => {
  const tiny = (grey: number): Frame => ({
    source: 'c',
    at: 0,
    width: 7,
    height: 9,
    rgb: new Uint8Array(7 * 9 * 3).fill(grey),
  });
  const gate = openMotionGate();
  expect([tiny(10), tiny(10), tiny(200)].map((f) => gate.area(f))).toEqual(['whole', 'nothing', 'whole']);
});
