/** Draws number plates by the millimetres of GA 36-2018 as plate generators state them. */
import type { PlateStyle } from './plate-text.ts';
import { openGlyphs } from './glyphs.ts';
import { drawSvg, own, sharpOf, type Rgb } from './raster.ts';

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Box extends Place {
  readonly width: number;
  readonly height: number;
}

/** Millimetres. */
interface Layout {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly boxes: readonly Box[];
  /** Width of the strokes of digits and letters. */
  readonly pen: number;
  /** Centre of the dot between the parts of the text. */
  readonly dot?: Place;
  readonly bolts: readonly Place[];
  /** Plates of new-energy vehicles: a seal in place of the dot, a 1 with a foot. */
  readonly newEnergy?: boolean;
}

const row = (xs: readonly number[], y: number, width: number, height: number): Box[] =>
  xs.map((x) => ({ x, y, width, height }));
const spread = (from: number, step: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => from + i * step);
const boltsAt = (xs: readonly number[], ys: readonly number[]): Place[] => xs.flatMap((x) => ys.map((y) => ({ x, y })));

/** Seven characters, 12 mm apart, and 34 mm with the dot after the first `n`. */
const oneLine = (n: number): Layout => ({
  widthMm: 440,
  heightMm: 140,
  boxes: row([...spread(15.5, 57, n), ...spread(37.5 + 57 * n, 57, 7 - n)], 25, 45, 90),
  pen: 10,
  dot: { x: 20.5 + 57 * n, y: 70 },
  bolts: boltsAt([110, 330], [10, 130]),
});
const TWO_LINES: Layout = {
  widthMm: 440,
  heightMm: 220,
  boxes: [...row([110, 250], 15, 80, 60), ...row(spread(27.5, 80, 5), 90, 65, 110)],
  pen: 11.5,
  dot: { x: 220, y: 45 },
  bolts: boltsAt([80, 360], [14, 210]),
};
/** The plate's size is the standard's; that of the characters is measured by eye. */
const MOTORCYCLE: Layout = {
  widthMm: 220,
  heightMm: 140,
  boxes: [...row([44, 134], 15, 42, 36), ...row(spread(18, 38.5, 5), 62, 30, 64)],
  pen: 6.8,
  dot: { x: 110, y: 33 },
  bolts: boltsAt([28, 192], [14]),
};
const NEW_ENERGY: Layout = {
  widthMm: 480,
  heightMm: 140,
  boxes: [...row([15.5], 25, 45, 90), ...row([69.5, ...spread(161.5, 52, 6)], 25, 43, 90)],
  pen: 9,
  bolts: boltsAt([120, 360], [10, 130]),
  newEnergy: true,
};
/** By eye: no public source states its millimetres. */
const ARMED_POLICE: Layout = {
  widthMm: 440,
  heightMm: 140,
  boxes: row([...spread(12, 51, 3), ...spread(180, 51, 5)], 25, 42, 90),
  pen: 9.5,
  dot: { x: 167, y: 70 },
  bolts: boltsAt([110, 330], [10, 130]),
};

type Colour = readonly [red: number, green: number, blue: number];
const WHITE: Colour = [250, 250, 250];
const BLACK: Colour = [18, 18, 18];
const RED: Colour = [205, 25, 32];

interface Look {
  readonly layout: Layout;
  readonly text: Colour;
  /** CSS colour, or the id of a gradient below. */
  readonly ground: string;
  /** These characters are red. */
  readonly red?: string;
}

const blue = (layout: Layout): Look => ({ layout, text: WHITE, ground: '#0d3f9e' });
const yellow = (layout: Layout): Look => ({ layout, text: BLACK, ground: '#f2b50c' });
const white = (layout: Layout, red: string): Look => ({ layout, text: BLACK, ground: '#f4f4f0', red });
const black = (layout: Layout, red = ''): Look => ({ layout, text: WHITE, ground: '#16181c', red });

const looks: Readonly<Record<PlateStyle, Look>> = {
  standard: blue(oneLine(2)),
  'standard-yellow': yellow(oneLine(2)),
  'standard-yellow-two-line': yellow(TWO_LINES),
  'motorcycle-yellow': yellow(MOTORCYCLE),
  'motorcycle-blue': blue(MOTORCYCLE),
  'new-energy-small': { layout: NEW_ENERGY, text: BLACK, ground: 'url(#small)' },
  'new-energy-large': { layout: NEW_ENERGY, text: BLACK, ground: 'url(#large)' },
  police: white(oneLine(1), '警'),
  coach: yellow(oneLine(2)),
  trailer: yellow(TWO_LINES),
  'hong-kong': black(oneLine(2)),
  macao: black(oneLine(2)),
  consulate: black(oneLine(2), '领'),
  'consulate-numbered': black(oneLine(1), '领'),
  embassy: black(oneLine(2), '使'),
  'embassy-numbered': black(oneLine(4), '使'),
  'armed-police': white(ARMED_POLICE, 'WJ'),
};

/** Size of a plate of this style, millimetres. */
export function plateSize(style: PlateStyle): { readonly widthMm: number; readonly heightMm: number } {
  return looks[style].layout;
}

/** Drawn at this size, then scaled down. */
const PX_PER_MM = 2;

export interface PlatePainter {
  /** The plate `widthPx` wide. `text` without separators; it must have as many characters as the style. */
  draw(text: string, style: PlateStyle, widthPx: number): Promise<Rgb>;
}

/** A painter keeps the glyphs and grounds it has drawn; each further plate then costs a few milliseconds. */
export function openPlatePainter(): PlatePainter {
  const glyph = openGlyphs();
  const grounds = new Map<PlateStyle, Promise<Rgb>>();
  return {
    async draw(text, style, widthPx) {
      const { layout, text: colour, red = '' } = looks[style];
      const characters = [...text];
      if (characters.length !== layout.boxes.length) {
        throw new Error(`a ${style} plate has ${layout.boxes.length} characters, not ${characters.length}`);
      }
      const found = grounds.get(style) ?? drawSvg(ground(looks[style]));
      grounds.set(style, found);
      const { width, height, data } = await found;
      const plate: Rgb = { width, height, data: own(data) };
      for (const [i, character] of characters.entries()) {
        const [x, y, w, h] = pixelsOf(layout.boxes[i]!);
        const size = { width: w, height: h, pen: layout.pen * PX_PER_MM, footed: layout.newEnergy === true };
        stamp(plate, await glyph(character, size), w, x, y, red.includes(character) ? RED : colour);
      }
      const scaled = await sharpOf(plate).resize({ width: widthPx }).raw().toBuffer({ resolveWithObject: true });
      return { width: scaled.info.width, height: scaled.info.height, data: own(scaled.data) };
    },
  };
}

const pixelsOf = ({ x, y, width, height }: Box): [x: number, y: number, width: number, height: number] => [
  Math.round(x * PX_PER_MM),
  Math.round(y * PX_PER_MM),
  Math.round(width * PX_PER_MM),
  Math.round(height * PX_PER_MM),
];

function stamp(plate: Rgb, mask: Uint8Array, width: number, x: number, y: number, ink: Colour): void {
  for (let i = 0; i < mask.length; i++) {
    const alpha = mask[i]! / 255;
    if (alpha === 0) continue;
    const o = ((y + Math.floor(i / width)) * plate.width + x + (i % width)) * 3;
    for (let k = 0; k < 3; k++) plate.data[o + k] = plate.data[o + k]! * (1 - alpha) + ink[k]! * alpha;
  }
}

function ground({ layout, text, ground: fill }: Look): string {
  const { widthMm, heightMm, dot, bolts, newEnergy } = layout;
  const [w, h] = [widthMm * PX_PER_MM, heightMm * PX_PER_MM];
  const line = `rgb(${text.join(',')})`;
  const heads = bolts.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="4" fill="#8a8d90"/>`).join('');
  const point = dot ? `<circle cx="${dot.x}" cy="${dot.y}" r="${widthMm > 300 ? 5 : 3}" fill="${line}"/>` : '';
  const seal = newEnergy ? '<circle cx="137" cy="70" r="9" fill="#d8e6d2" stroke="#6f9a7c" stroke-width="2"/>' : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${widthMm} ${heightMm}">
    <defs>
      <linearGradient id="small" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#eef5ee"/><stop offset="1" stop-color="#4cb86b"/></linearGradient>
      <linearGradient id="large"><stop offset="0.29" stop-color="#f2b50c"/><stop offset="0.31" stop-color="#5fbf78"/></linearGradient>
    </defs>
    <rect width="${widthMm}" height="${heightMm}" fill="#6a6d70"/>
    <rect x="1" y="1" width="${widthMm - 2}" height="${heightMm - 2}" rx="10" fill="${fill}"/>
    <rect x="5" y="5" width="${widthMm - 10}" height="${heightMm - 10}" rx="8" fill="none" stroke="${line}" stroke-width="2.5"/>
    ${heads}${point}${seal}</svg>`;
}
