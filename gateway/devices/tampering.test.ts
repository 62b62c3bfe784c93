import { beforeAll, describe, expect, test } from 'vitest';
import { openScene, randomTraffic } from '../../simulators/scene/scene.ts';
import { seeded } from '../../simulators/scene/random.ts';
import { addLight } from '../../simulators/scene/lens.ts';
import { addNoise } from '../../simulators/scene/raster.ts';
import type { Frame } from '../contracts/picture.ts';
import { openTamperingDetector, type TamperingState } from './tampering.ts';
import { openThumbnails } from '../contracts/thumbnail.ts';

type Picture = Uint8Array<ArrayBuffer>;

/** The camera sees a part of the drawn road, so that it can be turned. */
const [SCENE, VIEW] = [
  { width: 640, height: 360 },
  { width: 384, height: 216 },
];
const AHEAD = { x: 128, y: 20 };
const BESIDE = { x: 128 + 0.2 * VIEW.width, y: 20 };
const DOWN = { x: 128, y: 20 + 0.2 * VIEW.height };
/** After a minute of learning. */
const IN_PLACE = expect.stringMatching(/^6\d: in place$/) as string;
/** Seconds of dense traffic, which then begins anew. */
const LOOP_S = 24;
const roads: Record<'day' | 'night', Picture[]> = { day: [], night: [] };

beforeAll(async () => {
  for (const time of ['day', 'night'] as const) {
    const vehicles = randomTraffic(5, { count: 6, everyS: 4 });
    const scene = await openScene({ seed: 5, night: time === 'night', noise: 4, vehicles, ...SCENE });
    roads[time] = Array.from({ length: LOOP_S }, (_, i) => scene.draw(8 + i));
  }
});

/** What the camera sees in second `s` when it looks there. */
function seen(time: 'day' | 'night', s: number, at = AHEAD): Picture {
  const road = roads[time][s % LOOP_S]!;
  const out = new Uint8Array(VIEW.width * VIEW.height * 3);
  for (let y = 0; y < VIEW.height; y++) {
    const from = ((y + Math.round(at.y)) * SCENE.width + Math.round(at.x)) * 3;
    out.set(road.subarray(from, from + VIEW.width * 3), y * VIEW.width * 3);
  }
  return out;
}
function plain(grey: number): Picture {
  const data = new Uint8Array(VIEW.width * VIEW.height * 3).fill(grey);
  addNoise({ ...VIEW, data }, 4, seeded(1));
  return data;
}
const frame = (rgb: Picture, at: number): Frame => ({ source: 'c', at, ...VIEW, rgb });

/** The states, each with the second in which it came to be, of a camera that sends a picture every so often. */
function watch(pictures: (s: number) => Picture, untilS: number, everyS = 3) {
  const moved = openTamperingDetector();
  const states: string[] = [];
  let last: TamperingState = moved.view();
  for (let s = 0; s < untilS; s += everyS) {
    moved.seen(frame(pictures(s), s * 1000));
    if (moved.view().state !== last.state) states.push(`${s}: ${moved.view().state}`);
    last = moved.view();
  }
  return { states, last };
}

describe('a camera that is turned or covered is found, two minutes later', () => {
  test.each([
    ['to the side by a fifth of the width', (s: number) => seen('day', s, s < 100 ? AHEAD : BESIDE)],
    ['down by a fifth of the height', (s: number) => seen('day', s, s < 100 ? AHEAD : DOWN)],
    ['to the side by night', (s: number) => seen('night', s, s < 100 ? AHEAD : BESIDE)],
    ['with a dark cloth', (s: number) => (s < 100 ? seen('day', s) : plain(12))],
    ['with a bright bag by night', (s: number) => (s < 100 ? seen('night', s) : plain(120))],
  ])('%s', (_, pictures) => {
    const { states, last } = watch(pictures, 260);
    expect(states).toEqual([IN_PLACE, expect.stringMatching(/^2[23]\d: moved$/)]);
    if (last.state !== 'moved') throw new Error(last.state);
    // A look takes eight seconds, and the turn fell into one.
    expect(Math.abs(last.since - 100_000)).toBeLessThanOrEqual(8000);
    expect(last.sure).toBeGreaterThan(0.75);
  });
});

describe('a camera that stays where it is', () => {
  test.each([
    ['infrared light goes on', (s: number) => seen(s < 100 ? 'day' : 'night', s)],
    ['infrared light goes off', (s: number) => seen(s < 100 ? 'night' : 'day', s)],
    ['all that was dark is bright', (s: number) => seen('day', s).map((v) => (s < 100 ? v : 255 - v))],
    ['a lorry stands right before it', (s: number) => (s < 100 || s >= 200 ? seen('day', s) : plain(90))],
    ['headlights blind it', (s: number) => (s % 12 < 5 && s > 100 ? blinded(seen('night', s)) : seen('night', s))],
    ['a shadow wanders over the road', (s: number) => shaded(seen('day', s), s / 2)],
    ['it rains', (s: number) => (s < 100 ? seen('day', s) : rainy(seen('day', s), s))],
    ['it gets dark', (s: number) => seen('day', s).map((v) => v * Math.max(0.02, 1 - s / 300))],
  ])('%s', (_, pictures) => {
    const { states } = watch(pictures, 330);
    // Where all edges go with the light, nothing can be said; that is not an alarm.
    expect(states.filter((s) => !s.endsWith('learning'))).toEqual([IN_PLACE]);
  });

  test('is not told from one that is turned by brightness: that differs more when infrared light goes on', () => {
    const thumbnail = openThumbnails();
    const sums = (rgb: Picture) => thumbnail(frame(rgb, 0)).sums;
    const reference = sums(seen('day', 0));
    const differs = (rgb: Picture) => sums(rgb).reduce((sum, v, i) => sum + Math.abs(v - reference[i]!), 0);
    expect(differs(seen('night', 0))).toBeGreaterThan(2 * differs(seen('day', 0, BESIDE)));
  });
});

function blinded(rgb: Picture): Picture {
  addLight({ ...VIEW, data: rgb }, [190, 110], 90, [255, 250, 240], 1);
  return rgb;
}

function shaded(rgb: Picture, edge: number): Picture {
  for (let row = 0; row < rgb.length; row += VIEW.width * 3)
    for (let i = row; i < row + Math.min(edge, VIEW.width) * 3; i++) rgb[i] = rgb[i]! * 0.55;
  return rgb;
}

/** Streaks, and mist that takes 40 % of the contrast. */
function rainy(rgb: Picture, seed: number): Picture {
  const random = seeded(seed);
  const out = rgb.map((v) => v * 0.6 + 60);
  for (let i = 0; i < 400; i++) {
    const [x, y] = [Math.floor(random() * VIEW.width), Math.floor(random() * (VIEW.height - 12))];
    for (let k = 0; k < 12; k++) out.fill(190, ((y + k) * VIEW.width + x) * 3, ((y + k) * VIEW.width + x) * 3 + 3);
  }
  return out;
}

describe('it is over', () => {
  test('when the camera looks where it did', () => {
    const { states } = watch((s) => seen('day', s, s < 100 || s >= 240 ? AHEAD : BESIDE), 280);
    expect(states.slice(2)).toEqual([expect.stringMatching(/^2[67]\d: in place$/)]);
  });

  test('when what it looks at now has been learned, which a cloth never is', () => {
    const turned = watch((s) => seen('day', s, s < 100 ? AHEAD : BESIDE), 1000, 5);
    expect(turned.states.map((s) => s.replace(/.*: /, ''))).toEqual(['in place', 'moved', 'learning', 'in place']);
    const covered = watch((s) => (s < 100 ? seen('day', s) : plain(12)), 1600, 5);
    expect(covered.last).toMatchObject({ state: 'moved' });
  });
});

test('a picture a minute, twenty a second, a clock that is set back, another size', () => {
  const slow = watch((s) => (s < 1200 ? seen('day', s) : plain(12)), 4000, 60);
  expect(slow.last).toMatchObject({ state: 'moved', since: expect.any(Number) as number });
  const fast = watch((s) => seen('day', Math.floor(s)), 70, 0.05);
  expect(fast.states).toEqual([expect.stringMatching(/^6\d(\.\d+)?: in place$/)]);
  const moved = openTamperingDetector();
  const see = (at: number, rgb: Picture) => moved.seen(frame(rgb, at));
  for (let s = 0; s < 100; s++) see(s * 1000, seen('day', s));
  for (let s = 0; s < 130; s++) see(s * 1000 - 3_600_000, seen('day', s));
  expect(moved.view()).toEqual({ state: 'in place' });
  for (let s = 0; s < 20; s++) moved.seen({ ...frame(plain(100), s * 1000), width: VIEW.height, height: VIEW.width });
  expect(moved.view()).toEqual({ state: 'learning' });
});
