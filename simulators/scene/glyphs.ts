/** The characters of number plates as masks of any size. */
import sharp, { type Sharp } from 'sharp';
import { plateCharacters } from './plate-text.ts';
import { strokesSvg, type GlyphSize } from './strokes.ts';

/** `character` fitted into width × height: one byte a pixel, 255 is ink. */
type Glyphs = (character: string, size: GlyphSize) => Promise<Uint8Array>;

const FONTS = "'Noto Sans CJK SC', 'WenQuanYi Zen Hei', 'WenQuanYi Micro Hei', sans-serif";
const CELL = 280;
const COLUMNS = 10;

/** Digits and letters are drawn stroke by stroke, Chinese characters from a font; each only once. */
export function openGlyphs(): Glyphs {
  const masks = new Map<string, Promise<Uint8Array>>();
  let sheet: Promise<Sheet> | undefined;
  const draw = async (character: string, size: GlyphSize): Promise<Uint8Array> => {
    const strokes = strokesSvg(character, size);
    if (strokes !== undefined) return toMask(sharp(Buffer.from(strokes)));
    // All Chinese characters on one sheet at the first call: loading the font costs more than drawing.
    sheet ??= drawSheet();
    return cut(await sheet, character, size);
  };
  return (character, size) => {
    const key = `${character} ${size.width} ${size.height} ${size.pen} ${size.footed}`;
    const mask = masks.get(key) ?? draw(character, size);
    masks.set(key, mask);
    return mask;
  };
}

const toMask = (picture: Sharp): Promise<Buffer> => picture.removeAlpha().toColourspace('b-w').raw().toBuffer();

interface Sheet {
  readonly data: Buffer;
  readonly width: number;
}

async function drawSheet(): Promise<Sheet> {
  const [width, height] = [COLUMNS * CELL, Math.ceil(plateCharacters.length / COLUMNS) * CELL];
  const texts = plateCharacters.map((c, i) => {
    const { left, top } = cellOf(i);
    return `<text x="${left + CELL / 2}" y="${top + 210}" text-anchor="middle">${c}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}"/>
    <g font-family="${FONTS}" font-weight="bold" font-size="200" fill="#fff">${texts.join('')}</g></svg>`;
  const data = await toMask(sharp(Buffer.from(svg), { unlimited: true }));
  const sheet = { data, width };
  // Without a Chinese font every such character is the same empty box, and no reader could ever read the plate.
  const [one, other] = [cell(sheet, '京'), cell(sheet, '皖')];
  if (one.equals(other)) throw new Error('no Chinese font is installed (fonts-noto-cjk): run ./setup');
  return sheet;
}

const cellOf = (i: number): { left: number; top: number } => ({
  left: (i % COLUMNS) * CELL,
  top: Math.floor(i / COLUMNS) * CELL,
});

function cell(sheet: Sheet, character: string): Buffer {
  const index = plateCharacters.indexOf(character);
  if (index < 0) throw new Error(`no plate bears the character ${JSON.stringify(character)}`);
  const { left, top } = cellOf(index);
  const rows = Array.from({ length: CELL }, (_, y) => {
    const from = (top + y) * sheet.width + left;
    return sheet.data.subarray(from, from + CELL);
  });
  return Buffer.concat(rows);
}

/** The ink of one cell, stretched over the whole box. */
async function cut(sheet: Sheet, character: string, { width, height }: GlyphSize): Promise<Uint8Array> {
  const pixels = cell(sheet, character);
  let [left, top, right, bottom] = [CELL, CELL, 0, 0];
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i]! < 64) continue;
    const [x, y] = [i % CELL, Math.floor(i / CELL)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  return sharp(pixels, { raw: { width: CELL, height: CELL, channels: 1 } })
    .extract({ left, top, width: right - left + 1, height: bottom - top + 1 })
    .resize({ width, height, fit: 'fill' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}
