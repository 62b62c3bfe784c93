/** What the weather, the light and the road do to a picture of a plate. Whole pictures to try it on: shot.ts. */
import type { Point, Quad } from '../../gateway/contracts/picture.ts';
import type { Random } from './random.ts';
import { addLight, bloom, smear, soften, throughJpeg, veil } from './lens.ts';
import { addNoise, own, type Rgb } from './raster.ts';
import { around, fromUnit, inverse, mapPoint, rectangle, rotated, warpOnto } from './warp.ts';

export const conditionKinds = ['plain', 'night', 'rain', 'glare', 'motion', 'dirt', 'angle'] as const;

/**
 * `strength` goes from 0, hardly to be seen, to 1, the worst that a checkpoint has to live with:
 * - `plain`: an overcast day; the strength does nothing.
 * - `night`: the surroundings fall to 1/40 of their light, the plate (lit by headlights, retroreflective) to 1/3; lamps beside it
 *   bloom; the camera's gain brings noise of up to 14 grey levels.
 * - `rain`: streaks, drops on the glass, mist that takes up to 40 % of the contrast, and the softness of a wet glass.
 * - `glare`: a lamp or the sun near the plate, up to white at its centre, and a veil over all.
 * - `motion`: the vehicle moves on sideways by 5 to 25 pixels while the shutter is open.
 * - `dirt`: a brown film over the plate, and spots of up to 25 mm across.
 * - `angle`: turned away by up to 60° to a side and up to 25° up or down.
 */
export interface Condition {
  readonly kind: (typeof conditionKinds)[number];
  readonly strength: number;
}

/** A picture and where its plate is. */
export interface PlateView {
  readonly picture: Rgb;
  readonly plate: Quad;
}

/** Standard deviation of the noise by day, grey levels. */
const DAY_NOISE = 2;
/**
 * The view under `condition`, through a camera's noise and JPEG: a new picture of the same size; the one given stays as it is. The plate
 * stays where it was except under `angle`. The same random numbers give the same picture.
 */
export async function degrade(view: PlateView, condition: Condition, random: Random): Promise<PlateView> {
  const { kind, strength } = condition;
  if (!(strength >= 0 && strength <= 1)) throw new Error(`the strength of ${kind} goes from 0 to 1, not ${strength}`);
  const { width, height } = view.picture;
  const started: PlateView = { plate: view.plate, picture: { width, height, data: own(view.picture.data) } };
  const { picture, plate } = await effects[kind](started, strength, random);
  addNoise(picture, kind === 'night' ? DAY_NOISE + 12 * strength : DAY_NOISE, random);
  return { picture: await throughJpeg(picture), plate };
}

type Effect = (view: PlateView, strength: number, random: Random) => PlateView | Promise<PlateView>;

const effects: Readonly<Record<Condition['kind'], Effect>> = {
  plain: (view) => view,
  night,
  rain,
  glare,
  motion: ({ picture, plate }, strength) => ({ picture: smear(picture, motionPx(strength)), plate }),
  dirt,
  angle,
};

/** Pixels that the vehicle moves in the picture while the shutter is open, at a strength of `motion`. */
export const motionPx = (strength: number): number => Math.round(5 + 20 * strength);

/** Degrees by which a plate is turned to a side at a strength of `angle`. */
export const yawOf = (strength: number): number => 60 * strength;
const MAX_PITCH = 25;

/** Where a camera of this picture width has its far side: the focal length of the drawn road's camera, in pixels. */
export const focalPxOf = (widthPx: number): number => (3000 * widthPx) / 1280;

/** A random turn of this strength, to either side. */
export function turnOf(strength: number, random: Random): { yaw: number; pitch: number } {
  const yaw = yawOf(strength) * (random() < 0.5 ? -1 : 1);
  return { yaw, pitch: (random() * 2 - 1) * MAX_PITCH * strength };
}

/** The whole picture is turned as if it were a board; what then lies behind its edges is grey. */
function angle({ picture, plate }: PlateView, strength: number, random: Random): PlateView {
  const { width, height, data } = picture;
  const turn = turnOf(strength, random);
  const seen = (quad: Quad): Quad => rotated(quad, centreOf(plate), turn, focalPxOf(width)) as unknown as Quad;
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  const board: Rgb = { width, height, data: new Uint8Array(data.length).fill(110) };
  warpOnto(board, { width, height, rgba }, seen(rectangle(0, 0, width, height)));
  return { picture: board, plate: seen(plate) };
}

const centreOf = (quad: Quad): Point => [
  quad.reduce((sum, p) => sum + p[0], 0) / 4,
  quad.reduce((sum, p) => sum + p[1], 0) / 4,
];
const widthOf = ([a, b]: Quad): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** Grey levels are light to the power 1/2.2 (ITU-R BT.709 cameras, roughly), so light times g is grey levels times g^(1/2.2). */
const greyGain = (light: number): number => light ** (1 / 2.2);

/** There a bell has fallen to a thousandth. */
const FARTHEST_SPILL = 7;

async function night({ picture, plate }: PlateView, strength: number, random: Random): Promise<PlateView> {
  const { width, height, data } = picture;
  const [cx, cy] = centreOf(plate);
  const size = widthOf(plate);
  const ambient = greyGain(1 - strength * (1 - 1 / 40));
  const lit = greyGain(1 - strength * (2 / 3));
  // What the plate's light spills on its surroundings is a fifth of it, less with distance.
  const spill = greyGain(0.2) * lit;
  const inPlate = insideOf(plate, picture);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const far = ((x - cx) ** 2 + (2 * (y - cy)) ** 2) / (1.2 * size) ** 2;
      const spilt = far > FARTHEST_SPILL ? 0 : spill * Math.exp(-far);
      const gain = inPlate(x + 0.5, y + 0.5) ? lit : Math.max(ambient, spilt);
      const o = (y * width + x) * 3;
      for (let k = 0; k < 3; k++) data[o + k] = data[o + k]! * gain;
    }
  }
  const front = random() < 0.5;
  const [apart, above] = [size * (1.35 + random() * 0.6), size * (0.1 + random() * 0.3)];
  for (const side of [-1, 1]) {
    const colour = front ? [255, 246, 220] : [255, 60, 40];
    addLight(picture, [cx + side * apart, cy - above], size * (front ? 0.32 : 0.2), colour, strength);
  }
  return { picture: await bloom(picture, size / 25, 0.3 * strength), plate };
}

async function rain({ picture, plate }: PlateView, strength: number, random: Random): Promise<PlateView> {
  const { width, height } = picture;
  veil(picture, 0.4 * strength, 150);
  const wet = await soften(picture, 0.3 + 0.7 * strength);
  const tall = (8 + 32 * strength) * (height / 540);
  const lean = (random() - 0.5) * 0.5;
  const streaks = Math.round((strength * width * height) / 2500);
  for (let i = 0; i < streaks; i++) {
    const [x, y] = [random() * width, random() * height];
    streak(wet, [x, y], lean, tall * (0.5 + random()), 0.1 + 0.25 * random());
  }
  const drops = Math.round(4 + 14 * strength);
  // Drops sit on the glass, far out of focus: soft discs that shift what lies behind them.
  for (let i = 0; i < drops; i++) drop(wet, [random() * width, random() * height], (8 + random() * 18) * (width / 960));
  return { picture: wet, plate };
}

function streak({ width, height, data }: Rgb, [x0, y0]: Point, lean: number, tall: number, alpha: number): void {
  for (let step = 0; step < tall; step++) {
    const [x, y] = [Math.round(x0 + lean * step), Math.round(y0 + step)];
    if (x < 0 || x >= width || y >= height) continue;
    const o = (y * width + x) * 3;
    for (let k = 0; k < 3; k++) data[o + k] = data[o + k]! + (205 - data[o + k]!) * alpha;
  }
}

function drop({ width, height, data }: Rgb, [cx, cy]: Point, radius: number): void {
  const before = own(data);
  for (let y = Math.max(0, Math.ceil(cy - radius)); y < Math.min(height, cy + radius); y++) {
    for (let x = Math.max(0, Math.ceil(cx - radius)); x < Math.min(width, cx + radius); x++) {
      const far = Math.hypot(x - cx, y - cy) / radius;
      if (far >= 1) continue;
      const [fx, fy] = [Math.round(x + (cx - x) * 0.35), Math.round(y + (cy - y) * 0.35)];
      const from = (Math.min(height - 1, Math.max(0, fy)) * width + Math.min(width - 1, Math.max(0, fx))) * 3;
      const o = (y * width + x) * 3;
      const alpha = 0.55 * (1 - far ** 2);
      for (let k = 0; k < 3; k++) data[o + k] = before[o + k]! * (1 - alpha) + (before[from + k]! * 0.8 + 40) * alpha;
    }
  }
}

function glare({ picture, plate }: PlateView, strength: number, random: Random): PlateView {
  const [cx, cy] = centreOf(plate);
  const size = widthOf(plate);
  const way = random() * 2 * Math.PI;
  // From a plate's width away to its edge.
  const far = size * (0.55 + 0.45 * random());
  const at: Point = [cx + Math.cos(way) * far, cy + Math.sin(way) * far * 0.7];
  veil(picture, 0.3 * strength, 235);
  addLight(picture, at, size * (0.25 + 0.35 * strength), [255, 252, 240], 0.5 + 0.5 * strength);
  return { picture, plate };
}

/** Spots and film lie on the plate itself, so they are placed in its own width = 1. */
function dirt({ picture, plate }: PlateView, strength: number, random: Random): PlateView {
  const { data, width } = picture;
  const tall = Math.hypot(plate[3][0] - plate[0][0], plate[3][1] - plate[0][1]) / widthOf(plate);
  const spots = Array.from({ length: Math.round(6 + 40 * strength) }, () => ({
    u: random(),
    v: random() * tall,
    radius: 0.004 + 0.024 * random() ** 2,
    opaque: 0.4 + 0.5 * random(),
  }));
  const [waveU, waveV, phase] = [2 + random() * 4, 1 + random() * 3, random() * 6];
  const back = inverse(fromUnit(plate));
  const { left, top, right, bottom } = around(plate, picture);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [u, v] = mapPoint(back, x + 0.5, y + 0.5);
      if (u < 0 || u > 1 || v < 0 || v > 1) continue;
      const uneven = 0.65 + 0.35 * Math.sin(waveU * u * 6 + Math.sin(waveV * v * 6 + phase));
      let alpha = strength * 0.5 * uneven * (0.6 + 0.4 * v);
      for (const s of spots) {
        const edge = 1.3 - Math.hypot(u - s.u, v * tall - s.v) / s.radius;
        if (edge > 0) alpha = Math.max(alpha, s.opaque * Math.min(1, edge / 0.6));
      }
      const o = (y * width + x) * 3;
      for (const [k, brown] of BROWN.entries()) data[o + k] = data[o + k]! + (brown - data[o + k]!) * alpha;
    }
  }
  return { picture, plate };
}

const BROWN = [112, 92, 70] as const;

function insideOf(quad: Quad, picture: Rgb): (x: number, y: number) => boolean {
  const { left, top, right, bottom } = around(quad, picture);
  return (x, y) =>
    x > left &&
    x < right &&
    y > top &&
    y < bottom &&
    quad.every(([ax, ay], i) => {
      const [bx, by] = quad[(i + 1) % 4]!;
      return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
    });
}
