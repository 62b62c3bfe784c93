import { describe, expect, it } from 'vitest';
import type { Point, Quad } from '../../gateway/contracts/picture.ts';
import { seeded } from './random.ts';
import type { Rgb } from './raster.ts';
import { openShots, type PlateShot } from './shot.ts';
import { fromUnit, inverse, mapPoint, rotated } from './warp.ts';
import { conditionKinds, degrade, type Condition, type PlateView } from './weather.ts';

const draw = openShots();
const shot = (condition: Condition, seed = 5, widthPx = 160): Promise<PlateShot> =>
  draw(seeded(seed), { style: 'standard-yellow', widthPx, condition, width: 640, height: 360 });

const PLATE: Quad = [
  [120, 80],
  [200, 80],
  [200, 106],
  [120, 106],
];

/** Black and white squares, so that there are as many edges across as down. */
function board(side = 4): PlateView {
  const [width, height] = [320, 200];
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const white = (Math.floor((i % width) / side) + Math.floor(i / width / side)) % 2 === 0;
    data.fill(white ? 210 : 40, i * 3, i * 3 + 3);
  }
  return { picture: { width, height, data }, plate: PLATE };
}

function grey(level: number): PlateView {
  const [width, height] = [320, 200];
  return { picture: { width, height, data: new Uint8Array(width * height * 3).fill(level) }, plate: PLATE };
}

/** Mean difference of neighbours, of green, inside the rectangle. */
function gradient(
  { width, data }: Rgb,
  step: 'across' | 'down',
  [left, top, right, bottom]: readonly number[],
): number {
  const next = step === 'across' ? 3 : width * 3;
  let [sum, n] = [0, 0];
  for (let y = top!; y < bottom! - 1; y++) {
    for (let x = left!; x < right! - 1; x++, n++) {
      const o = (y * width + x) * 3 + 1;
      sum += Math.abs(data[o + next]! - data[o]!);
    }
  }
  return sum / n;
}

function mean({ width, data }: Rgb, [left, top, right, bottom]: readonly number[]): number {
  let [sum, n] = [0, 0];
  for (let y = top!; y < bottom!; y++) for (let x = left!; x < right!; x++, n++) sum += data[(y * width + x) * 3 + 1]!;
  return sum / n;
}

const WHOLE = [0, 0, 320, 200];
const ON_PLATE = [122, 82, 198, 104];
const FAR_OFF = [0, 150, 320, 200];
const under = async (view: PlateView, kind: Condition['kind'], strength = 1): Promise<Rgb> =>
  (await degrade(view, { kind, strength }, seeded(3))).picture;

describe('weather', () => {
  it('is the same for the same random numbers, another for others, and leaves the picture it was given', async () => {
    for (const kind of conditionKinds) {
      const view = board();
      const [one, same, other] = [3, 3, 4].map((seed) => degrade(view, { kind, strength: 0.6 }, seeded(seed)));
      const bytes = Buffer.from((await one!).picture.data);
      expect(bytes.equals((await same!).picture.data), kind).toBe(true);
      expect(bytes.equals((await other!).picture.data), kind).toBe(false);
      expect(Buffer.from(board().picture.data).equals(view.picture.data), kind).toBe(true);
    }
  });

  it('refuses a strength that is none', async () => {
    await expect(degrade(board(), { kind: 'rain', strength: 1.2 }, seeded(1))).rejects.toThrow('0 to 1, not 1.2');
    await expect(degrade(board(), { kind: 'rain', strength: NaN }, seeded(1))).rejects.toThrow('0 to 1');
  });

  it('motion of 20 pixels takes the edges across, and not those down', async () => {
    const rect = [40, 40, 280, 160];
    const stripes = (step: 'across' | 'down'): PlateView => {
      const view = board();
      const { width, data } = view.picture;
      for (let i = 0; i < data.length / 3; i++) {
        const at = step === 'across' ? i % width : Math.floor(i / width);
        data.fill((at >> 2) % 2 === 0 ? 210 : 40, i * 3, i * 3 + 3);
      }
      return view;
    };
    for (const step of ['across', 'down'] as const) {
      const sharp = gradient(await under(stripes(step), 'plain'), step, rect);
      const smeared = gradient(await under(stripes(step), 'motion', 0.75), step, rect);
      if (step === 'across') expect(smeared).toBeLessThan(sharp / 4);
      else expect(Math.abs(smeared - sharp)).toBeLessThan(sharp * 0.1);
    }
  });

  it('night leaves the plate brighter than its surroundings, and noisier than day', async () => {
    const [day, night] = [await under(grey(150), 'plain'), await under(grey(150), 'night')];
    expect(mean(night, FAR_OFF)).toBeLessThan(mean(day, FAR_OFF) / 3);
    expect(mean(night, ON_PLATE)).toBeGreaterThan(mean(night, FAR_OFF) * 2);
    expect(mean(night, ON_PLATE)).toBeLessThan(mean(day, ON_PLATE));
    expect(gradient(night, 'across', ON_PLATE)).toBeGreaterThan(gradient(day, 'across', ON_PLATE) * 2);
  });

  it('rain takes contrast, glare whitens the plate, dirt browns the plate alone', async () => {
    expect(gradient(await under(board(), 'rain'), 'across', WHOLE)).toBeLessThan(
      gradient(await under(board(), 'plain'), 'across', WHOLE) * 0.7,
    );
    const day = await under(grey(90), 'plain');
    const glare = await under(grey(90), 'glare');
    expect(mean(glare, ON_PLATE)).toBeGreaterThan(mean(day, ON_PLATE) + 50);
    const [bright, dirt] = [await under(grey(220), 'plain'), await under(grey(220), 'dirt')];
    expect(mean(dirt, ON_PLATE)).toBeLessThan(mean(bright, ON_PLATE) - 20);
    expect(Math.abs(mean(dirt, FAR_OFF) - mean(bright, FAR_OFF))).toBeLessThan(1);
  });

  it('grows with its strength', async () => {
    const from = board(16).picture.data;
    const change = async (kind: Condition['kind'], strength: number): Promise<number> => {
      const { data } = await under(board(16), kind, strength);
      return data.reduce((sum, v, i) => sum + Math.abs(v - from[i]!), 0);
    };
    for (const kind of ['night', 'rain', 'glare', 'motion', 'dirt'] as const) {
      expect(await change(kind, 1), kind).toBeGreaterThan(await change(kind, 0.2));
    }
  });

  it('turns the plate with the picture under an angle', async () => {
    // A plate of white on grey, so that what is white afterwards tells where it went.
    const view = grey(60);
    for (let y = 80; y < 106; y++) view.picture.data.fill(250, (y * 320 + 120) * 3, (y * 320 + 200) * 3);
    const { picture, plate } = await degrade(view, { kind: 'angle', strength: 1 }, seeded(2));
    const seen = plate[1][0] - plate[0][0];
    expect(seen).toBeGreaterThan(30);
    expect(seen).toBeLessThan(50);
    expect(farthestMiss(picture, plate, (r, g, b) => r + g + b > 450)).toBeLessThan(1);
  });
});

/**
 * Goes out over each side of `corners` at five places, from a little inside, to where the plate ends: by how many pixels the side is
 * wrong in the mean, of the worst side. One place alone tells little after JPEG.
 */
function farthestMiss(picture: Rgb, corners: Quad, isPlate: (r: number, g: number, b: number) => boolean): number {
  const map = fromUnit(corners);
  const sides = [
    (t: number, out: number) => mapPoint(map, t, -out),
    (t: number, out: number) => mapPoint(map, 1 + out, t),
    (t: number, out: number) => mapPoint(map, t, 1 + out),
    (t: number, out: number) => mapPoint(map, -out, t),
  ];
  const missOf = (side: (t: number, out: number) => Point, t: number): number => {
    const [edge, inside] = [side(t, 0), side(t, -0.1)];
    const far = Math.hypot(edge[0] - inside[0], edge[1] - inside[1]);
    const [dx, dy] = [(edge[0] - inside[0]) / far, (edge[1] - inside[1]) / far];
    let last = 0;
    for (let way = 0; way < far + 6; way += 0.25) {
      const o = (Math.floor(inside[1] + dy * way) * picture.width + Math.floor(inside[0] + dx * way)) * 3;
      if (isPlate(picture.data[o]!, picture.data[o + 1]!, picture.data[o + 2]!)) last = way;
    }
    return last - far;
  };
  const places = [0.1, 0.3, 0.5, 0.7, 0.9];
  return Math.max(
    ...sides.map((side) => Math.abs(places.reduce((sum, t) => sum + missOf(side, t), 0) / places.length)),
  );
}

describe('shots', () => {
  it('are the same for the same random numbers, of the size asked for', async () => {
    const condition = { kind: 'rain', strength: 0.5 } as const;
    const [one, same, other] = [await shot(condition), await shot(condition), await shot(condition, 6)];
    expect(Buffer.from(one.picture.data).equals(same.picture.data)).toBe(true);
    expect([one.text, one.corners]).toEqual([same.text, same.corners]);
    expect(Buffer.from(one.picture.data).equals(other.picture.data)).toBe(false);
    expect(one.picture.data.length).toBe(640 * 360 * 3);
    expect(one.corners[1][0] - one.corners[0][0]).toBe(160);
  });

  it('have their plate where they say, straight ahead and turned', async () => {
    const conditions = [
      { kind: 'plain', strength: 0 },
      { kind: 'angle', strength: 0.5 },
      { kind: 'angle', strength: 1 },
    ] as const;
    for (const condition of conditions) {
      for (const seed of [1, 2, 3]) {
        const { picture, corners } = await shot(condition, seed, 200);
        expect(
          lorryMiss(picture, corners),
          `${condition.kind} ${condition.strength}, seed ${seed}`,
        ).toBeLessThanOrEqual(1);
        // What it must catch.
        const off = corners.map(([x, y]) => [x + 2.5, y]) as unknown as Quad;
        expect(lorryMiss(picture, off)).toBeGreaterThan(1);
      }
    }
  });

  it('say when the plate has no room', async () => {
    const options = { style: 'standard', widthPx: 400, condition: { kind: 'plain', strength: 0 } } as const;
    await expect(draw(seeded(1), { ...options, width: 640, height: 360 })).rejects.toThrow('no room');
  });
});

/** A lorry's bumper is far darker than the plate on it. */
const lorryMiss = (picture: Rgb, corners: Quad): number => farthestMiss(picture, corners, (r, g, b) => r + g + b > 200);

describe('perspective', () => {
  it('maps the corners of the unit square to those of a quad, and back', () => {
    const quad: Quad = [
      [10, 20],
      [110, 5],
      [120, 90],
      [15, 70],
    ];
    const map = fromUnit(quad);
    const back = inverse(map);
    for (const [i, [u, v]] of (
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ] as const
    ).entries()) {
      const [x, y] = mapPoint(map, u, v);
      expect(Math.hypot(x - quad[i]![0], y - quad[i]![1])).toBeLessThan(1e-9);
      const [u2, v2] = mapPoint(back, x, y);
      expect(Math.hypot(u2 - u, v2 - v)).toBeLessThan(1e-9);
    }
  });

  it('shrinks what is turned by its cosine, the far side more than the near one', () => {
    const square: Quad = [
      [-50, -50],
      [50, -50],
      [50, 50],
      [-50, 50],
    ];
    const seen = rotated(square, [0, 0], { yaw: 60, pitch: 0 }, 1000);
    expect(seen[1]![0] - seen[0]![0]).toBeCloseTo(50, 0);
    expect(seen[2]![1] - seen[1]![1]).toBeLessThan(seen[3]![1] - seen[0]![1]);
    const upwards = rotated(square, [0, 0], { yaw: 0, pitch: 30 }, 1000);
    expect(upwards[1]![0] - upwards[0]![0]).toBeLessThan(upwards[2]![0] - upwards[3]![0]);
  });
});
