/** Draws number plates by the millimetres of GA 36-2018 as plate generators state them. */
import sharp from 'sharp';
import type { PlateStyle } from './plate-text.ts';
import { openGlyphs } from './glyphs.ts';
import { drawSvg, own, type Rgb } from './raster.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Layout {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly boxes: readonly Box[];
  /** Centre of the dot after the second character. */
  readonly dot?: { readonly x: number; readonly y: number };
}

const row = (xs: readonly number[], y: number, width: number, height: number): Box[] =>
  xs.map((x) => ({ x, y, width, height }));
const spread = (from: number, step: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => from + i * step);

const ONE_LINE: Layout = {
  widthMm: 440,
  heightMm: 140,
  boxes: row([15.5, 72.5, ...spread(151.5, 57, 5)], 25, 45, 90),
  dot: { x: 134.5, y: 70 },
};
const TWO_LINES: Layout = {
  widthMm: 440,
  heightMm: 220,
  boxes: [...row([110, 250], 15, 80, 60), ...row(spread(27.5, 80, 5), 90, 65, 110)],
  dot: { x: 220, y: 45 },
};
const NEW_ENERGY: Layout = {
  widthMm: 480,
  heightMm: 140,
  boxes: [...row([15.5], 25, 45, 90), ...row([69.5, ...spread(161.5, 52, 6)], 25, 43, 90)],
};

type Colour = readonly [red: number, green: number, blue: number];
const WHITE: Colour = [250, 250, 250];
const BLACK: Colour = [18, 18, 18];
const RED: Colour = [190, 20, 30];

interface Look {
  readonly layout: Layout;
  readonly text: Colour;
  /** CSS colour, or the id of a gradient below. */
  readonly ground: string;
}

const BLUE_PLATE = '#0d3f9e';
const YELLOW = '#f2b50c';
const DARK = '#16181c';

const looks: Readonly<Record<PlateStyle, Look>> = {
  standard: { layout: ONE_LINE, text: WHITE, ground: BLUE_PLATE },
  'standard-yellow': { layout: ONE_LINE, text: BLACK, ground: YELLOW },
  'standard-yellow-two-line': { layout: TWO_LINES, text: BLACK, ground: YELLOW },
  'new-energy-small': { layout: NEW_ENERGY, text: BLACK, ground: 'url(#small)' },
  'new-energy-large': { layout: NEW_ENERGY, text: BLACK, ground: 'url(#large)' },
  police: { layout: ONE_LINE, text: BLACK, ground: '#f4f4f0' },
  coach: { layout: ONE_LINE, text: BLACK, ground: YELLOW },
  trailer: { layout: TWO_LINES, text: BLACK, ground: YELLOW },
  'hong-kong': { layout: ONE_LINE, text: WHITE, ground: DARK },
  macao: { layout: ONE_LINE, text: WHITE, ground: DARK },
  consulate: { layout: ONE_LINE, text: WHITE, ground: DARK },
  embassy: { layout: ONE_LINE, text: WHITE, ground: DARK },
  'armed-police': { layout: NEW_ENERGY, text: BLACK, ground: '#f4f4f0' },
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
      const { layout, text: colour } = looks[style];
      const characters = [...text];
      if (characters.length !== layout.boxes.length) {
        throw new Error(`a ${style} plate has ${layout.boxes.length} characters, not ${characters.length}`);
      }
      const found = grounds.get(style) ?? drawSvg(ground(looks[style]));
      grounds.set(style, found);
      const { width, height, data } = await found;
      const plate: Rgb = { width, height, data: own(data) };
      for (const [i, character] of characters.entries()) {
        const box = layout.boxes[i]!;
        const [w, h] = [Math.round(box.width * PX_PER_MM), Math.round(box.height * PX_PER_MM)];
        const ink = character === '警' ? RED : colour;
        stamp(
          plate,
          await glyph(character, w, h),
          w,
          Math.round(box.x * PX_PER_MM),
          Math.round(box.y * PX_PER_MM),
          ink,
        );
      }
      const raw = { raw: { width, height, channels: 3 as const } };
      const scaled = await sharp(plate.data, raw)
        .resize({ width: widthPx })
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { width: scaled.info.width, height: scaled.info.height, data: own(scaled.data) };
    },
  };
}

function stamp(plate: Rgb, mask: Uint8Array, width: number, x: number, y: number, ink: Colour): void {
  for (let i = 0; i < mask.length; i++) {
    const alpha = mask[i]! / 255;
    if (alpha === 0) continue;
    const o = ((y + Math.floor(i / width)) * plate.width + x + (i % width)) * 3;
    for (let k = 0; k < 3; k++) plate.data[o + k] = plate.data[o + k]! * (1 - alpha) + ink[k]! * alpha;
  }
}

function ground({ layout, text, ground: fill }: Look): string {
  const { widthMm, heightMm, dot } = layout;
  const [w, h] = [widthMm * PX_PER_MM, heightMm * PX_PER_MM];
  const line = `rgb(${text.join(',')})`;
  const bolts = [0.25, 0.75].map((f) => `<circle cx="${widthMm * f}" cy="9" r="4" fill="#8a8d90"/>`).join('');
  const point = dot ? `<circle cx="${dot.x}" cy="${dot.y}" r="5" fill="${line}"/>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${widthMm} ${heightMm}">
    <defs>
      <linearGradient id="small" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#eef5ee"/><stop offset="1" stop-color="#4cb86b"/></linearGradient>
      <linearGradient id="large"><stop offset="0.3" stop-color="#f2b50c"/><stop offset="0.32" stop-color="#5fbf78"/></linearGradient>
    </defs>
    <rect width="${widthMm}" height="${heightMm}" fill="#6a6d70"/>
    <rect x="1" y="1" width="${widthMm - 2}" height="${heightMm - 2}" rx="10" fill="${fill}"/>
    <rect x="5" y="5" width="${widthMm - 10}" height="${heightMm - 10}" rx="8" fill="none" stroke="${line}" stroke-width="2.5"/>
    ${bolts}${point}</svg>`;
}
