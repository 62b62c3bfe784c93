import { expect, test } from 'vitest';
import type { PlateColour, PlateKind } from '../../gateway/contracts/plate.ts';
import type { Quad } from '../../gateway/contracts/picture.ts';
import type { Raster } from '../raster.ts';
import { colourFits, colourOf, colourPrior, isGrey } from './colour.ts';
import { projectionOf } from './geometry.ts';

type Rgb = readonly [number, number, number];

const [WIDTH, HEIGHT] = [100, 32];
const WHOLE: Quad = [
  [0, 0],
  [WIDTH, 0],
  [WIDTH, HEIGHT],
  [0, HEIGHT],
];

/** Seven upright bars of ink, a third of the plate; the ground may change from place to place. */
function paint(ground: (x: number, y: number) => Rgb, ink: Rgb): Raster {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const onInk = x % 14 >= 4 && x % 14 < 10 && y > 5 && y < 26;
    rgb.set(onInk ? ink : ground(x, y), i * 3);
  }
  return { width: WIDTH, height: HEIGHT, rgb };
}
const flat = (colour: Rgb) => () => colour;
const WHITE: Rgb = [245, 245, 242];
const BLACK: Rgb = [20, 20, 22];
const BLUE = paint(flat([13, 63, 158]), WHITE);
const YELLOW = paint(flat([242, 181, 12]), BLACK);
const GREEN = paint((_, y) => [238 - 5 * y, 245 - 2 * y, 238 - 4 * y], BLACK);
const YELLOW_GREEN = paint((x) => (x < 31 ? [242, 181, 12] : [95, 191, 120]), BLACK);

/** Each primary times a light of its own, in the units of the picture. */
function lit({ width, height, rgb }: Raster, light: Rgb): Raster {
  return { width, height, rgb: rgb.map((v, i) => Math.min(255, v * light[i % 3]!)) };
}
const vote = (picture: Raster, grey = false) => colourOf(picture, projectionOf(WHOLE), grey);

test.each<[PlateColour, Raster]>([
  ['blue', BLUE],
  ['yellow', YELLOW],
  ['green', GREEN],
  ['yellow-green', YELLOW_GREEN],
  ['white', paint(flat(WHITE), BLACK)],
  ['black', paint(flat(BLACK), WHITE)],
])('%s ground is told by day, in dim light and in too much of it', (colour, picture) => {
  expect(vote(picture)).toBe(colour);
  expect(vote(lit(picture, [0.5, 0.5, 0.5]))).toBe(colour);
  expect(vote(lit(picture, [1.25, 1.25, 1.25]))).toBe(colour);
  expect(vote(lit(picture, [1.1, 1, 0.85]))).toBe(colour);
});

test('where no colour can be told the vote is unknown', () => {
  // Blue under a sodium lamp, hardly any light, a plate without letters, and a camera that sees no colours.
  expect(vote(lit(BLUE, [1.2, 0.5, 0.1]))).toBe('unknown');
  expect(vote(lit(paint(flat(BLACK), WHITE), [0.3, 0.3, 0.3]))).toBe('unknown');
  expect(vote(paint(flat([120, 120, 120]), [135, 135, 135]))).toBe('unknown');
  expect(vote(BLUE, true)).toBe('unknown');
});

test('a picture without colours is grey: infrared light, also with a coloured time of day in a corner', () => {
  const { rgb, ...size } = BLUE;
  const infrared: Raster = { ...size, rgb: rgb.map((_, i) => rgb[i - (i % 3) + 1]!) };
  expect(isGrey(infrared)).toBe(true);
  expect(vote(infrared)).toBe('black');
  infrared.rgb.set([250, 200, 10], 0);
  expect(isGrey(infrared)).toBe(true);
  expect(isGrey(BLUE)).toBe(false);
});

test('corners far outside the picture, or no numbers at all, give a vote and no error', () => {
  for (const far of [1e9, -1e9, NaN, Infinity]) {
    const corners = WHOLE.map(([x, y]) => [x + far, y]) as unknown as Quad;
    expect(typeof colourOf(BLUE, projectionOf(corners), false)).toBe('string');
  }
});

test('kinds have their colours; unknown fits every kind', () => {
  const fits: readonly [PlateKind, PlateColour, boolean][] = [
    ['standard', 'blue', true],
    ['standard', 'yellow', true],
    ['standard', 'green', false],
    ['new-energy-small', 'green', true],
    ['new-energy-small', 'blue', false],
    ['new-energy-large', 'yellow-green', true],
    ['police', 'white', true],
    ['armed-police', 'black', false],
    ['trailer', 'yellow', true],
    ['macao', 'black', true],
    ['embassy', 'unknown', true],
  ];
  for (const [kind, colour, answer] of fits) expect(colourFits(kind, colour)).toBe(answer);
  // A form that may be one of several kinds fits when one of them does; a black standard plate is a rarity.
  expect(colourPrior(['police', 'consulate'], 'black')).toBe(0);
  expect(colourPrior(['police', 'consulate'], 'blue')).toBeLessThan(0);
  expect(colourPrior(['standard'], 'black')).toBeLessThan(colourPrior(['police', 'consulate'], 'black'));
});
