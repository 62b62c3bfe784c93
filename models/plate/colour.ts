/**
 * The colour of a plate's ground by the vote of the pixels of the straightened plate, and which kinds of plate may have it (GA 36-2018).
 * Ground and letters are parted by brightness; the ground then votes by hue and saturation, which hold in dim light and shadow.
 */
import type { PlateColour, PlateKind } from '../../gateway/contracts/plate.ts';
import type { Raster } from '../raster.ts';
import type { Projection } from './geometry.ts';

/** Standard plates: cars blue, lorries, buses and motorcycles yellow; black and white belong to the series before 2007, of which some are left. */
const COLOURS: Readonly<Record<PlateKind, readonly PlateColour[]>> = {
  standard: ['blue', 'yellow', 'black', 'white'],
  'new-energy-small': ['green'],
  'new-energy-large': ['yellow-green', 'green'],
  police: ['white'],
  'armed-police': ['white'],
  coach: ['yellow'],
  trailer: ['yellow'],
  'hong-kong': ['black'],
  macao: ['black'],
  embassy: ['black'],
  consulate: ['black'],
};

/** False only where a colour was told that plates of this kind never have. */
export function colourFits(kind: PlateKind, colour: PlateColour): boolean {
  return colour === 'unknown' || COLOURS[kind].includes(colour);
}

/** The vote is right about 19 times of 20; a kind that it contradicts is that much less probable (natural logarithm). */
const MISFIT = -3;
/** Black and white standard plates are rare by now. */
const OLD_SERIES = -4;

/** Natural logarithm of how probable a plate of one of these kinds is to be voted this colour, beside what most usually is. */
export function colourPrior(kinds: readonly PlateKind[], colour: PlateColour): number {
  if (!kinds.some((kind) => colourFits(kind, colour))) return MISFIT;
  return kinds.includes('standard') && (colour === 'black' || colour === 'white') ? OLD_SERIES : 0;
}

/** Samples across and down: enough for a share, few enough to cost nothing. Rim and surroundings stay out. */
const ACROSS = 48;
const DOWN = 16;
const RIM = 0.06;

/** Grey levels between the strongest and the weakest primary below which a pixel has no colour: noise and JPEG give as much. */
const COLOURLESS = 14;
/** Hue in degrees and least saturation (HSV). Overexposed blue turns cyan; the upper half of a new-energy plate fades into white. */
const HUES = {
  yellow: { from: 22, to: 66, saturation: 0.33 },
  green: { from: 75, to: 168, saturation: 0.1 },
  blue: { from: 172, to: 265, saturation: 0.25 },
} as const;

/** The share of the ground's pixels that must have the colour. */
const MAJORITY = 0.5;
/** Of the columns that are yellow on a large new-energy plate: those of the province and the letter. */
const YELLOW_PART = 0.25;

/**
 * What the ground's pixels agree on; `unknown` where they do not. `grey`: the picture has no colours at all (see `isGrey`), so that
 * none can be told: a blue plate under infrared light looks black, a yellow one white.
 */
export function colourOf(picture: Raster, plate: Projection, grey: boolean): PlateColour {
  if (grey) return 'unknown';
  const rgb = sample(picture, plate);
  const { isGround, ground, ink } = part(rgb);
  const share = (colour: keyof typeof HUES, from: number, to: number): number => {
    let [all, same] = [0, 0];
    for (let i = 0; i < isGround.length; i++) {
      const x = i % ACROSS;
      if (!isGround[i] || x < from || x >= to) continue;
      all++;
      if (hasHue(rgb, i * 3, colour)) same++;
    }
    return same / Math.max(1, all);
  };
  const edge = Math.round(ACROSS * YELLOW_PART);
  if (share('blue', 0, ACROSS) >= MAJORITY) return 'blue';
  if (lumaOf(...ground) < lumaOf(...ink) && saturationOf(ink) > MAX_TINT) return 'unknown';
  if (share('green', edge, ACROSS) >= MAJORITY) return share('yellow', 0, edge) >= MAJORITY ? 'yellow-green' : 'green';
  if (share('yellow', 0, ACROSS) >= MAJORITY) return 'yellow';
  return withoutColour(ground, ink);
}

/** The straightened plate in ACROSS × DOWN pixels. */
function sample({ rgb, width, height }: Raster, { a, b, c, d, e, f, g, h }: Projection): Uint8Array {
  const out = new Uint8Array(ACROSS * DOWN * 3);
  for (let y = 0, o = 0; y < DOWN; y++) {
    const v = RIM + ((y + 0.5) / DOWN) * (1 - 2 * RIM);
    for (let x = 0; x < ACROSS; x++, o += 3) {
      const u = RIM + ((x + 0.5) / ACROSS) * (1 - 2 * RIM);
      const w = g * u + h * v + 1;
      const px = Math.min(width - 1, Math.max(0, Math.floor((a * u + b * v + c) / w) || 0));
      const py = Math.min(height - 1, Math.max(0, Math.floor((d * u + e * v + f) / w) || 0));
      const from = (py * width + px) * 3;
      out[o] = rgb[from]!;
      out[o + 1] = rgb[from + 1]!;
      out[o + 2] = rgb[from + 2]!;
    }
  }
  return out;
}

/** Mean red, green and blue. */
type Mean = readonly [number, number, number];

/** Ground and letters part at the middle between dark and bright; the ground is what there is more of. */
function part(rgb: Uint8Array): { isGround: Uint8Array; ground: Mean; ink: Mean } {
  const n = rgb.length / 3;
  const luma = Uint8Array.from({ length: n }, (_, i) => lumaOf(rgb[i * 3]!, rgb[i * 3 + 1]!, rgb[i * 3 + 2]!));
  const sorted = luma.toSorted();
  const middle = (sorted[Math.floor(n * 0.05)]! + sorted[Math.floor(n * 0.95)]!) / 2;
  const groundIsBright = sorted[n >> 1]! > middle;
  const isGround = Uint8Array.from(luma, (l) => Number(l > middle === groundIsBright));
  const mean = (which: 0 | 1): Mean => {
    const sum = [0, 0, 0];
    let count = 0;
    for (let i = 0; i < n; i++) {
      if (isGround[i] !== which) continue;
      count++;
      for (let k = 0; k < 3; k++) sum[k]! += rgb[i * 3 + k]!;
    }
    return [sum[0]! / Math.max(1, count), sum[1]! / Math.max(1, count), sum[2]! / Math.max(1, count)];
  };
  return { isGround, ground: mean(1), ink: mean(0) };
}

/** ITU-R BT.601. */
function lumaOf(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Hue in degrees, 0 red, 120 green, 240 blue (Smith, "Color gamut transform pairs", SIGGRAPH 1978). */
function hasHue(rgb: Uint8Array, at: number, colour: keyof typeof HUES): boolean {
  const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
  const most = Math.max(red, green, blue);
  const chroma = most - Math.min(red, green, blue);
  const { from, to, saturation } = HUES[colour];
  if (chroma < COLOURLESS || chroma < saturation * most) return false;
  const sector =
    most === red ? (green - blue) / chroma : most === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma;
  const hue = (sector * 60 + 360) % 360;
  return hue >= from && hue <= to;
}

/** Letters on a dark ground are white. More saturated ones tell of a tinted light, in which the ground may be of any colour. */
const MAX_TINT = 0.4;
/** Brightness of the darker part by that of the brighter one: more is too little contrast to tell what is white and what black. */
const MAX_DARK = 0.55;
/** Of a white ground. */
const MAX_SATURATED = 0.3;
/** Mean brightness of the letters: in darker pictures a blue ground is as black as a black one. */
const MIN_LIT = 100;

function withoutColour(ground: Mean, ink: Mean): PlateColour {
  if (lumaOf(...ground) < lumaOf(...ink)) {
    return lumaOf(...ground) <= MAX_DARK * lumaOf(...ink) && lumaOf(...ink) >= MIN_LIT ? 'black' : 'unknown';
  }
  const isWhite = lumaOf(...ink) <= MAX_DARK * lumaOf(...ground) && saturationOf(ground) <= MAX_SATURATED;
  return isWhite ? 'white' : 'unknown';
}

function saturationOf(colour: Mean): number {
  return (Math.max(...colour) - Math.min(...colour)) / Math.max(1, ...colour);
}

/** Points looked at in each direction to see whether a picture has colours, and the share of them that must have some. */
const GRID = 24;
const MIN_COLOURED = 0.02;

/** True where hardly a pixel has a colour: infrared light, or a cut to a white or black plate alone. */
export function isGrey({ rgb, width, height }: Raster): boolean {
  let coloured = 0;
  for (let j = 0; j < GRID; j++) {
    for (let i = 0; i < GRID; i++) {
      const o = (Math.floor(((j + 0.5) / GRID) * height) * width + Math.floor(((i + 0.5) / GRID) * width)) * 3;
      const [red, green, blue] = [rgb[o]!, rgb[o + 1]!, rgb[o + 2]!];
      if (Math.max(red, green, blue) - Math.min(red, green, blue) >= COLOURLESS) coloured++;
    }
  }
  return coloured < MIN_COLOURED * GRID * GRID;
}
