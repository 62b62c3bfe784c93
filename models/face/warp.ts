/** Cuts turned and scaled pieces out of a picture. */
import type { Raster } from '../raster.ts';
import { scaleOf, type Similarity } from './geometry.ts';

/** More taps a pixel cost more than what is left of the aliasing. */
const MAX_TAPS = 8;

interface WarpOptions {
  /** Grey, 0..255, of what lies outside the picture. */
  readonly background?: number;
  /** For detectors: pixels may be off by half a pixel of the picture where the piece shrinks to half, at a quarter of the time. */
  readonly rough?: boolean;
}

/**
 * Fills `chip` (`side` × `side` × 3 bytes) with the piece of the picture that `toPicture` maps its pixels to. A piece that shrinks is
 * sampled about once per pixel of the picture and averaged, because single samples would alias.
 */
export function warp(
  picture: Raster,
  toPicture: Similarity,
  side: number,
  chip: Uint8Array,
  { background = 0, rough = false }: WarpOptions = {},
): void {
  const taps = Math.max(1, Math.min(MAX_TAPS, Math.round(scaleOf(toPicture))));
  const fill = taps < (rough ? 2 : 3) ? smooth : average;
  fill(picture, toPicture, side, background, chip, taps);
}

/** `taps` × `taps` bilinear samples a pixel. */
function smooth(
  { width: w, height: h, rgb }: Raster,
  { a, b, x: x0, y: y0 }: Similarity,
  side: number,
  background: number,
  chip: Uint8Array,
  taps: number,
): void {
  const share = 1 / (taps * taps);
  for (let v = 0, o = 0; v < side; v++) {
    for (let u = 0; u < side; u++, o += 3) {
      let red = 0.5;
      let green = 0.5;
      let blue = 0.5;
      for (let t = 0; t < taps * taps; t++) {
        const tu = u + ((t % taps) + 0.5) / taps;
        const tv = v + (((t / taps) | 0) + 0.5) / taps;
        const sx = a * tu - b * tv + x0 - 0.5;
        const sy = b * tu + a * tv + y0 - 0.5;
        if (sx < -1 || sy < -1 || sx > w || sy > h) {
          red += background * share;
          green += background * share;
          blue += background * share;
          continue;
        }
        const left = Math.floor(sx);
        const top = Math.floor(sy);
        const fx = sx - left;
        const fy = sy - top;
        const l = left < 0 ? 0 : left >= w ? w - 1 : left;
        const r = left + 1 >= w ? w - 1 : left + 1;
        const upper = (top < 0 ? 0 : top >= h ? h - 1 : top) * w;
        const lower = (top + 1 >= h ? h - 1 : top + 1) * w;
        const i = (upper + l) * 3;
        const j = (upper + r) * 3;
        const k = (lower + l) * 3;
        const m = (lower + r) * 3;
        const wi = (1 - fx) * (1 - fy) * share;
        const wj = fx * (1 - fy) * share;
        const wk = (1 - fx) * fy * share;
        const wm = fx * fy * share;
        red += rgb[i]! * wi + rgb[j]! * wj + rgb[k]! * wk + rgb[m]! * wm;
        green += rgb[i + 1]! * wi + rgb[j + 1]! * wj + rgb[k + 1]! * wk + rgb[m + 1]! * wm;
        blue += rgb[i + 2]! * wi + rgb[j + 2]! * wj + rgb[k + 2]! * wk + rgb[m + 2]! * wm;
      }
      chip[o] = red;
      chip[o + 1] = green;
      chip[o + 2] = blue;
    }
  }
}

/** `taps` × `taps` nearest samples a pixel: about one for each pixel of the picture, so their mean is the mean of the area. */
function average(
  { width: w, height: h, rgb }: Raster,
  { a, b, x: x0, y: y0 }: Similarity,
  side: number,
  background: number,
  chip: Uint8Array,
  taps: number,
): void {
  const count = taps * taps;
  const da = a / taps;
  const db = b / taps;
  const first = (1 - taps) / 2;
  // A pixel whose middle is further outside than this has no sample inside.
  const reach = Math.hypot(a, b);
  for (let v = 0, o = 0; v < side; v++) {
    for (let u = 0; u < side; u++, o += 3) {
      const mx = a * (u + 0.5) - b * (v + 0.5) + x0;
      const my = b * (u + 0.5) + a * (v + 0.5) + y0;
      if (mx < -reach || my < -reach || mx > w + reach || my > h + reach) {
        chip.fill(background, o, o + 3);
        continue;
      }
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = 0; j < taps; j++) {
        let x = mx + da * first - db * (first + j);
        let y = my + db * first + da * (first + j);
        for (let i = 0; i < taps; i++, x += da, y += db) {
          if (x < 0 || y < 0 || x >= w || y >= h) {
            red += background;
            green += background;
            blue += background;
            continue;
          }
          const p = ((y | 0) * w + (x | 0)) * 3;
          red += rgb[p]!;
          green += rgb[p + 1]!;
          blue += rgb[p + 2]!;
        }
      }
      chip[o] = red / count + 0.5;
      chip[o + 1] = green / count + 0.5;
      chip[o + 2] = blue / count + 0.5;
    }
  }
}
