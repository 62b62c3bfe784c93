/** Pictures in memory: row by row, from the top left corner. */
import sharp, { type Sharp } from 'sharp';

export interface Rgb {
  readonly width: number;
  readonly height: number;
  /** 3 bytes a pixel. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The picture for sharp to work on. */
export const sharpOf = ({ width, height, data }: Rgb): Sharp => sharp(data, { raw: { width, height, channels: 3 } });

/** A drawing with transparency. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array<ArrayBuffer>;
}

/** A drawing, and its halves, quarters and so on (each half as wide as the one before). */
export interface Sprite {
  readonly levels: readonly Rgba[];
}

/** Bytes in a buffer of their own; sharp's may lie in a shared one. */
export function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Draws SVG at its own size, without transparency. */
export async function drawSvg(svg: string): Promise<Rgb> {
  const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: own(data) };
}

/**
 * Lays pictures over an SVG drawing and makes a sprite of it. `x` and `y` are whole pixels. The smallest level is less than `smallest` pixels
 * wide; Infinity leaves the drawing alone, for one that will be shown at its own size.
 */
export async function drawSprite(
  svg: string,
  overlays: readonly { readonly picture: Rgb; readonly x: number; readonly y: number }[],
  smallest = 48,
): Promise<Sprite> {
  const { data, info } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const full = { width: info.width, height: info.height, rgba: own(data) };
  for (const { picture, x, y } of overlays) {
    for (let i = 0; i < picture.width * picture.height; i++) {
      const o = ((y + Math.floor(i / picture.width)) * full.width + x + (i % picture.width)) * 4;
      full.rgba.set(picture.data.subarray(i * 3, i * 3 + 3), o);
      full.rgba[o + 3] = 255;
    }
  }
  const levels: Rgba[] = [full];
  while (levels.at(-1)!.width >= smallest) levels.push(halve(levels.at(-1)!));
  return { levels };
}

/** Half as wide and high: each pixel the mean of four, weighted by how opaque they are. */
function halve(from: Rgba): Rgba {
  const [width, height] = [from.width >> 1, from.height >> 1];
  const out = new Uint8Array(width * height * 4);
  const { rgba } = from;
  const line = from.width * 4;
  for (let i = 0; i < width * height; i++) {
    const a = Math.floor(i / width) * 2 * line + (i % width) * 8;
    const [wa, wb, wc, wd] = [rgba[a + 3]!, rgba[a + 7]!, rgba[a + line + 3]!, rgba[a + line + 7]!];
    const opaque = wa + wb + wc + wd;
    if (opaque === 0) continue;
    for (let k = a; k < a + 3; k++) {
      const sum = rgba[k]! * wa + rgba[k + 4]! * wb + rgba[k + line]! * wc + rgba[k + line + 4]! * wd;
      out[i * 4 + k - a] = sum / opaque;
    }
    out[i * 4 + 3] = opaque / 4;
  }
  return { width, height, rgba: out };
}

/** Lays `sprite` over `picture`, scaled to `width` × `height` pixels with its top left corner at `x`, `y` (all may be broken). */
export function blit(picture: Rgb, sprite: Sprite, x: number, y: number, width: number, height: number): void {
  // The smallest level that is not enlarged, so that each pixel is mixed from its nearest four without holes.
  const level = sprite.levels.findLast((l) => l.width >= width) ?? sprite.levels[0]!;
  const { rgba } = level;
  const out = picture.data;
  const stepX = level.width / width;
  const stepY = level.height / height;
  const fromX = Math.max(0, Math.ceil(x));
  const toX = Math.min(picture.width, Math.floor(x + width));
  const toY = Math.min(picture.height, Math.floor(y + height));
  for (let py = Math.max(0, Math.ceil(y)); py < toY; py++) {
    const sy = Math.max(0, Math.min(level.height - 1.001, (py + 0.5 - y) * stepY - 0.5));
    const row = Math.floor(sy);
    const fy = sy - row;
    for (let px = fromX; px < toX; px++) {
      const sx = Math.max(0, Math.min(level.width - 1.001, (px + 0.5 - x) * stepX - 0.5));
      const column = Math.floor(sx);
      const fx = sx - column;
      const a = (row * level.width + column) * 4;
      const c = a + level.width * 4;
      const wa = (1 - fx) * (1 - fy);
      const wb = fx * (1 - fy);
      const wc = (1 - fx) * fy;
      const wd = fx * fy;
      const alpha = (rgba[a + 3]! * wa + rgba[a + 7]! * wb + rgba[c + 3]! * wc + rgba[c + 7]! * wd) / 255;
      if (alpha < 0.004) continue;
      const o = (py * picture.width + px) * 3;
      for (let k = 0; k < 3; k++) {
        const value = rgba[a + k]! * wa + rgba[a + 4 + k]! * wb + rgba[c + k]! * wc + rgba[c + 4 + k]! * wd;
        out[o + k] = out[o + k]! + (value - out[o + k]!) * alpha;
      }
    }
  }
}

/** Adds noise with standard deviation `sigma` (grey levels), the same to all colours of a pixel. */
export function addNoise(picture: Rgb, sigma: number, random: () => number): void {
  if (sigma <= 0) return;
  const table = Int8Array.from({ length: 4093 }, () => {
    // The sum of four uniform numbers is near enough to a bell.
    const bell = random() + random() + random() + random() - 2;
    return Math.round(bell * Math.sqrt(3) * sigma);
  });
  const out = new Uint8ClampedArray(picture.data.buffer);
  for (let y = 0; y < picture.height; y++) {
    let at = Math.floor(random() * table.length);
    for (let o = y * picture.width * 3, end = o + picture.width * 3; o < end; o += 3) {
      const n = table[at]!;
      at = at + 1 === table.length ? 0 : at + 1;
      out[o] = out[o]! + n;
      out[o + 1] = out[o + 1]! + n;
      out[o + 2] = out[o + 2]! + n;
    }
  }
}
