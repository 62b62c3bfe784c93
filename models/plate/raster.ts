/** From RGB pixels to the tensors of the two plate models: both take BGR, plane by plane. */
import type { Raster } from '../raster.ts';
import type { Projection } from './geometry.ts';

/** How a picture was put on the detector's canvas: canvas pixel = picture pixel × scale, from the top left corner. */
type Letterbox = Readonly<ReturnType<typeof letterboxOf>>;

/** Scales the long side down to at most `longest` pixels (never up) and rounds the canvas up to multiples of 32. */
export function letterboxOf(picture: { width: number; height: number }, longest: number) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const up = (pixels: number) => Math.max(32, Math.ceil((pixels * scale) / 32 - 1e-9) * 32);
  return { width: up(picture.width), height: up(picture.height), scale };
}

/** ImageNet statistics in the order the detector was trained with, applied to B, G, R. */
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;

/**
 * Writes the letterboxed picture into `canvas` (3 × height × width), each canvas pixel the mean of the picture's area under it.
 * What the picture does not cover stays at the mean of ImageNet.
 */
export function fillCanvas(picture: Raster, box: Letterbox, canvas: Float32Array): void {
  const plane = box.width * box.height;
  const columns = Math.min(box.width, Math.floor(picture.width * box.scale + 1e-6));
  const rows = Math.min(box.height, Math.floor(picture.height * box.scale + 1e-6));
  const spread = columnsOf(picture.width, box.scale, columns);
  const line = new Float32Array(3 * (columns + 1));
  canvas.fill(0);
  for (let j = 0; j < picture.height; j++) {
    shrinkLine(picture, j, box.scale, spread, line);
    const y = Math.floor(j * box.scale);
    const share = Math.min(box.scale, y + 1 - j * box.scale);
    addLine(line, share, columns, canvas, plane, y < rows ? y * box.width : -1);
    if (share < box.scale)
      addLine(line, box.scale - share, columns, canvas, plane, y + 1 < rows ? (y + 1) * box.width : -1);
  }
  for (let c = 0; c < 3; c++) {
    const gain = 1 / (255 * STD[c]!);
    const offset = MEAN[c]! / STD[c]!;
    for (let y = 0; y < rows; y++) {
      const from = c * plane + y * box.width;
      for (let i = from; i < from + columns; i++) canvas[i] = canvas[i]! * gain - offset;
    }
  }
}

/** For each picture column the canvas column it begins in, and how much of a canvas pixel lies there; the rest is the next one's. */
function columnsOf(width: number, scale: number, count: number) {
  const at = Int32Array.from({ length: width }, (_, i) => Math.floor(i * scale));
  const share = Float64Array.from(at, (x, i) => Math.min(scale, x + 1 - i * scale));
  return { at, share, count };
}

/** One picture row, shrunk to the canvas's columns. */
function shrinkLine(
  { rgb, width }: Raster,
  row: number,
  scale: number,
  { at, share, count }: ReturnType<typeof columnsOf>,
  line: Float32Array,
): void {
  line.fill(0);
  for (let i = 0, p = row * width * 3; i < width && at[i]! < count; i++, p += 3) {
    const to = at[i]! * 3;
    const here = share[i]!;
    const next = scale - here;
    const r = rgb[p]!;
    const g = rgb[p + 1]!;
    const b = rgb[p + 2]!;
    line[to] = line[to]! + r * here;
    line[to + 1] = line[to + 1]! + g * here;
    line[to + 2] = line[to + 2]! + b * here;
    if (next === 0) continue;
    line[to + 3] = line[to + 3]! + r * next;
    line[to + 4] = line[to + 4]! + g * next;
    line[to + 5] = line[to + 5]! + b * next;
  }
}

function addLine(
  line: Float32Array,
  share: number,
  columns: number,
  canvas: Float32Array,
  plane: number,
  at: number,
): void {
  if (at < 0) return;
  for (let x = 0; x < columns; x++) {
    const p = x * 3;
    canvas[at + x]! += line[p + 2]! * share;
    canvas[plane + at + x]! += line[p + 1]! * share;
    canvas[2 * plane + at + x]! += line[p]! * share;
  }
}

/** A part of the plate in its own coordinates (0..1; beyond them lies what surrounds it). */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Its left and right sides lean: so much further to the right at the plate's bottom than at its top. */
  readonly lean: number;
}

/** Height of the reader's strip in pixels. */
export const STRIP_HEIGHT = 48;

/** The reader's input, 3 × 48 × `width`. */
export interface Strip {
  readonly data: Float32Array;
  readonly width: number;
}

/**
 * Writes one window of the plate into columns `at` to `at + columns` of the strip, unwarped. Each strip pixel is the mean of
 * `samples` × `samples` bilinear samples, so that a plate larger than the strip keeps its thin strokes; beyond the picture
 * its edge is repeated.
 */
export function fillStrip(
  picture: Raster,
  plate: Projection,
  window: Window,
  strip: Strip,
  at: number,
  columns: number,
  samples: number,
): void {
  const { a, b, c, d, e, f, g, h } = plate;
  const plane = STRIP_HEIGHT * strip.width;
  const bgr = new Float64Array(3);
  const gain = 1 / (samples * samples * 127.5);
  for (let y = 0; y < STRIP_HEIGHT; y++) {
    for (let x = 0; x < columns; x++) {
      bgr[0] = bgr[1] = bgr[2] = 0;
      for (let j = 0; j < samples; j++) {
        const v = window.top + ((y + (j + 0.5) / samples) / STRIP_HEIGHT) * (window.bottom - window.top);
        const left = window.left + window.lean * (v - 0.5);
        for (let i = 0; i < samples; i++) {
          const u = left + ((x + (i + 0.5) / samples) / columns) * (window.right - window.left);
          const w = g * u + h * v + 1;
          addSample(picture, (a * u + b * v + c) / w, (d * u + e * v + f) / w, bgr);
        }
      }
      const to = y * strip.width + at + x;
      strip.data[to] = bgr[0] * gain - 1;
      strip.data[to + plane] = bgr[1] * gain - 1;
      strip.data[to + 2 * plane] = bgr[2] * gain - 1;
    }
  }
}

/** Adds the picture's colour at a point, blue first. A point that is no number counts as the left or upper edge. */
function addSample({ rgb, width, height }: Raster, px: number, py: number, bgr: Float64Array): void {
  const fx = px > 0.5 ? Math.min(width - 1, px - 0.5) : 0;
  const fy = py > 0.5 ? Math.min(height - 1, py - 0.5) : 0;
  // A whole number, as `Math.floor` of what is not negative, but known to the compiler as one.
  const x0 = fx | 0;
  const y0 = fy | 0;
  const a = fx - x0;
  const b = fy - y0;
  const p = (y0 * width + x0) * 3;
  const q = p + (x0 + 1 < width ? 3 : 0);
  const down = y0 + 1 < height ? width * 3 : 0;
  const lowerP = p + down;
  const lowerQ = q + down;
  const pp = (1 - a) * (1 - b);
  const qp = a * (1 - b);
  const pq = (1 - a) * b;
  const qq = a * b;
  bgr[0]! += rgb[p + 2]! * pp + rgb[q + 2]! * qp + rgb[lowerP + 2]! * pq + rgb[lowerQ + 2]! * qq;
  bgr[1]! += rgb[p + 1]! * pp + rgb[q + 1]! * qp + rgb[lowerP + 1]! * pq + rgb[lowerQ + 1]! * qq;
  bgr[2]! += rgb[p]! * pp + rgb[q]! * qp + rgb[lowerP]! * pq + rgb[lowerQ]! * qq;
}

/** Where every sixth column has an edge without any blur, which is about what a plate's strokes would be. */
const SHARPEST = 4 / 3;
/** Rows whose mean is looked at, so that noise counts less; strokes are mostly upright. */
const BAND = 4;

/**
 * How steep the edges of the first `columns` columns of a strip are for their contrast, 0..1: the mean square of the differences
 * two pixels apart, over the variance. Both come from means of four rows of the green plane.
 */
export function sharpnessOf({ data, width }: Strip, columns: number): number {
  const plane = STRIP_HEIGHT * width;
  let [sum, squares, steps] = [0, 0, 0];
  for (let y = 0; y < STRIP_HEIGHT; y += BAND) {
    let [before, last] = [NaN, NaN];
    for (let x = 0; x < columns; x++) {
      let value = 0;
      for (let j = 0; j < BAND; j++) value += data[plane + (y + j) * width + x]!;
      value /= BAND;
      sum += value;
      squares += value * value;
      if (x > 1) steps += (value - before) ** 2;
      [before, last] = [last, value];
    }
  }
  const n = columns * (STRIP_HEIGHT / BAND);
  const variance = squares / n - (sum / n) ** 2;
  return variance < 1e-6 ? 0 : Math.min(1, steps / n / variance / SHARPEST);
}
