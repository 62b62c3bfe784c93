/** Draws plates and roads of nobody, for the tests of this folder and of the inference threads. Needs a font with CJK characters. */
import sharp from 'sharp';
import type { Raster } from '../raster.ts';

export interface PlateDrawing {
  readonly text: string;
  /** Left upper corner and width in pixels; the height follows from the plate's proportions. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly ground: string;
  readonly ink: string;
  /** Degrees clockwise about the centre. */
  readonly turn?: number;
}

const FONT = 'Noto Sans CJK SC';

/** A street of grey tones with vehicles reduced to boxes, and plates on it. */
export async function drawScene(width: number, height: number, plates: readonly PlateDrawing[]): Promise<Raster> {
  const street = `<rect width="${width}" height="${height}" fill="#7d7f80"/>
    <rect y="${height * 0.7}" width="${width}" height="${height * 0.3}" fill="#55575a"/>`;
  const bodies = plates.map(bodyOf).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${street}${bodies}${plates.map(plateOf).join('')}</svg>`;
  return rasterOf(svg);
}

/** A picture cut to one plate. Eight characters are drawn on a 480 × 140 mm plate, others on 440 × 140 mm. */
export async function drawCrop(text: string, ground: string, ink: string, width = 220): Promise<Raster> {
  const height = Math.round((width * 140) / lengthOf(text));
  const plate = plateOf({ text, left: 0, top: 0, width, ground, ink });
  return rasterOf(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${plate}</svg>`);
}

/** A plate of two lines: two characters above five; `lorry` 440 × 220 mm, `motorcycle` 220 × 140 mm. */
export interface StackedLook {
  readonly ground: string;
  readonly ink: string;
  readonly shape: 'lorry' | 'motorcycle';
}

const LORRY: StackedLook = { ground: '#f0b41e', ink: '#111', shape: 'lorry' };

/** A picture cut to a plate of two lines; a yellow one of a lorry unless told. */
export async function drawStackedCrop(text: string, width: number, look: StackedLook = LORRY): Promise<Raster> {
  const { ground, ink } = look;
  const [length, tall] = look.shape === 'lorry' ? [440, 220] : [220, 140];
  // In shares of the length and the height: centre of the first, step to the next, centre of the line, size.
  const line = (characters: readonly string[], first: number, step: number, y: number, width: number, height: number) =>
    characters.map((c, i) => glyph(c, (first + i * step) * length, y * tall, width * length, height * tall));
  const upper = line([...text].slice(0, 2), 0.32, 0.36, 0.2, 0.18, 0.27);
  const lower = line([...text].slice(2), 0.136, 0.182, 0.66, 0.15, 0.5);
  const dot = `<circle cx="${length / 2}" cy="${tall * 0.2}" r="${length / 88}"/>`;
  return rasterOf(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${(width * tall) / length}" viewBox="0 0 ${length} ${tall}">
    <rect width="${length}" height="${tall}" fill="${ground}"/><g fill="${ink}">${[...upper, dot, ...lower].join('')}</g></svg>`);
}

function lengthOf(text: string): number {
  return [...text].length === 8 ? 480 : 440;
}

function bodyOf({ left, top, width }: PlateDrawing): string {
  return `<rect x="${left - 1.5 * width}" y="${top - 1.8 * width}" width="${4 * width}" height="${2.3 * width}" rx="9" fill="#8d2f2a"/>`;
}

/** Character boxes of GA 36: 45 × 90 mm, 57 apart, the gap with the dot after the second. */
function plateOf(plate: PlateDrawing): string {
  const length = lengthOf(plate.text);
  const scale = plate.width / length;
  const step = length === 480 ? 54 : 57;
  const first = 38;
  const glyphs = [...plate.text].map((c, i) => glyph(c, first + i * step + (i > 1 ? 22 : 0), 70, 45, 90)).join('');
  const dot = length === 440 ? `<circle cx="134" cy="70" r="5"/>` : '';
  const turn = `rotate(${plate.turn ?? 0} ${length / 2} 70)`;
  return `<g transform="translate(${plate.left} ${plate.top}) scale(${scale}) ${turn}">
    <rect width="${length}" height="140" rx="8" fill="${plate.ground}"/><g fill="${plate.ink}">${glyphs}${dot}</g></g>`;
}

/** One character, centred on (x, y) and squeezed to its box: latin capitals are 0.73 em high, ideographs 0.95 em square. */
function glyph(character: string, x: number, y: number, width: number, height: number): string {
  const latin = /[A-Z0-9]/.test(character);
  const size = latin ? height / 0.73 : height / 0.95;
  const squeeze = width / (latin ? 0.62 * size : size);
  const base = latin ? 0.365 * size : 0.38 * size;
  return `<text transform="translate(${x} ${y + base}) scale(${squeeze} 1)" font-family="${FONT}" font-weight="500" font-size="${size}" text-anchor="middle">${character}</text>`;
}

/** A little blur, as any lens has it: razor-sharp edges are the one thing a camera never shows. */
async function rasterOf(svg: string): Promise<Raster> {
  const picture = sharp(Buffer.from(svg)).flatten().blur(0.6).toColourspace('srgb').raw();
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data) };
}
