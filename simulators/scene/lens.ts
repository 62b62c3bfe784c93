/** What lenses, shutters and a camera's coder do to pictures. */
import sharp from 'sharp';
import type { Point } from '../../gateway/contracts/picture.ts';
import { own, sharpOf, type Rgb } from './raster.ts';

/** Towards one grey level: mist, or stray light in the lens. */
export function veil({ data }: Rgb, part: number, grey: number): void {
  for (let i = 0; i < data.length; i++) data[i] = data[i]! + (grey - data[i]!) * part;
}

/** Light that the lens scatters: a part of the picture comes again, spread over `sigma` pixels. */
export async function bloom(picture: Rgb, sigma: number, part: number): Promise<Rgb> {
  const spread = await soften(picture, sigma);
  const out = new Uint8Array(picture.data.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.min(255, picture.data[i]! * (1 - part / 2) + spread.data[i]! * part);
  }
  return { ...picture, data: out };
}

/** A round light: towards `colour` by `part` at its centre, less as a bell of this radius. */
export function addLight(
  { width, height, data }: Rgb,
  [cx, cy]: Point,
  radius: number,
  colour: readonly number[],
  part: number,
): void {
  const reach = radius * 2.5;
  const [fromY, toY] = [Math.max(0, Math.floor(cy - reach)), Math.min(height, Math.ceil(cy + reach))];
  const [fromX, toX] = [Math.max(0, Math.floor(cx - reach)), Math.min(width, Math.ceil(cx + reach))];
  for (let y = fromY; y < toY; y++) {
    for (let x = fromX; x < toX; x++) {
      const bell = part * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / radius ** 2);
      const o = (y * width + x) * 3;
      for (let k = 0; k < 3; k++) data[o + k] = data[o + k]! + Math.max(0, colour[k]! - data[o + k]!) * bell;
    }
  }
}

/** Each pixel becomes the mean of `px` pixels of its row, itself in the middle. */
export function smear(picture: Rgb, px: number): Rgb {
  const { width, height, data } = picture;
  const out = new Uint8Array(data.length);
  const before = px >> 1;
  const at = (row: number, x: number, k: number): number => data[row + Math.max(0, Math.min(width - 1, x)) * 3 + k]!;
  for (let y = 0; y < height; y++) {
    const row = y * width * 3;
    for (let k = 0; k < 3; k++) {
      let sum = 0;
      for (let x = -before; x < px - before; x++) sum += at(row, x, k);
      for (let x = 0; x < width; x++) {
        out[row + x * 3 + k] = sum / px;
        sum += at(row, x + px - before, k) - at(row, x - before, k);
      }
    }
  }
  return { ...picture, data: out };
}

/** Gaussian, standard deviation `sigma` pixels. */
export async function soften(picture: Rgb, sigma: number): Promise<Rgb> {
  // Below this libvips refuses; it could not be seen anyway.
  if (sigma < 0.3) return picture;
  const data = await sharpOf(picture).blur(sigma).raw().toBuffer();
  return { ...picture, data: own(data) };
}

/** What network cameras send. */
const JPEG_QUALITY = 82;

/** Coded and decoded again. */
export async function throughJpeg(picture: Rgb): Promise<Rgb> {
  const file = await sharpOf(picture).jpeg({ quality: JPEG_QUALITY }).toBuffer();
  return { ...picture, data: own(await sharp(file).raw().toBuffer()) };
}
