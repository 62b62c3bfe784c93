/** Pieces of a picture as tensors, sampled as OpenCV's `resize` and `warpPerspective` do: bilinear, one sample a pixel. */
import type { Quad } from '../../../gateway/contracts/picture.ts';
import type { Raster } from '../../../models/raster.ts';
import { mapOf } from '../../../models/plate/geometry.ts';
import { rectangle } from '../../scene/warp.ts';

/** 3 planes of height × width. */
export interface Planes {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly order: 'rgb' | 'bgr';
  /** From 0..255 to what the model takes. */
  scale(value: number): number;
}

/** What is written where, in whole pixels of the planes. */
interface PixelRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A part of the unit square that `map` leads into the picture. */
interface VerticalBand {
  readonly top: number;
  readonly bottom: number;
}

const WHOLE: VerticalBand = { top: 0, bottom: 1 };

export const wholeOf = ({ width, height }: Raster): Quad => rectangle(0, 0, width, height);

/** Fills `place` with the piece of the picture between `corners`, or with a horizontal part of that piece. */
export function fill(picture: Raster, corners: Quad, planes: Planes, place: PixelRect, part = WHOLE): void {
  const map = mapOf(corners);
  for (let y = 0; y < place.height; y++) {
    const v = part.top + ((y + 0.5) / place.height) * (part.bottom - part.top);
    const row = (place.top + y) * planes.width + place.left;
    for (let x = 0; x < place.width; x++) {
      const [px, py] = map((x + 0.5) / place.width, v);
      writeSample(picture, px, py, planes, row + x);
    }
  }
}

/** Pixel centres lie at halves; beyond the picture its edge is repeated. */
function writeSample({ rgb, width, height }: Raster, px: number, py: number, planes: Planes, to: number): void {
  const fx = Math.min(width - 1, Math.max(0, px - 0.5));
  const fy = Math.min(height - 1, Math.max(0, py - 0.5));
  const x = Math.floor(fx);
  const y = Math.floor(fy);
  const a = fx - x;
  const b = fy - y;
  const right = x + 1 < width ? 3 : 0;
  const down = y + 1 < height ? width * 3 : 0;
  const plane = planes.width * planes.height;
  for (let c = 0; c < 3; c++) {
    const at = (y * width + x) * 3 + c;
    const upper = rgb[at]! * (1 - a) + rgb[at + right]! * a;
    const lower = rgb[at + down]! * (1 - a) + rgb[at + down + right]! * a;
    const k = planes.order === 'rgb' ? c : 2 - c;
    planes.data[k * plane + to] = planes.scale(upper * (1 - b) + lower * b);
  }
}
