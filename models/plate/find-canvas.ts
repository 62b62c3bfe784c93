/** Draws the input of the plate finder's network: a part of a picture, shrunk or enlarged. */
import type { PixelBox, Raster } from '../raster.ts';

/** The canvas and what it shows: canvas pixel (x, y) is picture pixel (left + x / scale, top + y / scale). */
export interface CanvasView extends PixelBox {
  /** Picture to canvas. */
  readonly scale: number;
}

/** Of a pixel's four bytes, the lowest first: red and blue, and green. A sum of four such still fits. */
const RED_AND_BLUE = 0xff00ff;
const GREEN = 0xff00;

/**
 * Writes red, green and blue planes (0..255) of `view.width` × `view.height`. Each canvas pixel is the mean of four pixels of the picture
 * spread over the area it covers: a full mean reads every byte of the frame and would cost as much as the network. Beyond the picture
 * the canvas is black.
 */
export function drawView(picture: Raster, view: CanvasView, canvas: Float32Array): void {
  const plane = view.width * view.height;
  const rowAt = rowsOf(picture);
  // Of canvas columns and rows, those that lie in the picture.
  const [x0, x1] = partOf(view.left, view.scale, view.width, picture.width);
  const [y0, y1] = partOf(view.top, view.scale, view.height, picture.height);
  const left = tapsOf(view.left, view.scale, 0.25, x1, picture.width).map((x) => 3 * x);
  const right = tapsOf(view.left, view.scale, 0.75, x1, picture.width).map((x) => 3 * x);
  const above = tapsOf(view.top, view.scale, 0.25, y1, picture.height);
  const below = tapsOf(view.top, view.scale, 0.75, y1, picture.height);
  if (x1 - x0 < view.width || y1 - y0 < view.height) canvas.fill(0);
  for (let y = y0; y < y1; y++) {
    const upper = rowAt(above[y]!);
    const lower = rowAt(below[y]!);
    for (let x = x0, to = y * view.width + x0; x < x1; x++, to++) {
      const a = upper.getInt32(left[x]!, true);
      const b = upper.getInt32(right[x]!, true);
      const c = lower.getInt32(left[x]!, true);
      const d = lower.getInt32(right[x]!, true);
      const redAndBlue = (a & RED_AND_BLUE) + (b & RED_AND_BLUE) + (c & RED_AND_BLUE) + (d & RED_AND_BLUE);
      const green = (a & GREEN) + (b & GREEN) + (c & GREEN) + (d & GREEN);
      canvas[to] = (redAndBlue & 0xffff) / 4;
      canvas[plane + to] = green / (4 * 0x100);
      canvas[2 * plane + to] = (redAndBlue >>> 16) / 4;
    }
  }
}

/**
 * Rows of a picture from which a pixel can be read as four bytes at once, one more than it has: that takes a third off the time.
 * Behind the last row the buffer ends, so that one is a copy.
 */
function rowsOf({ rgb, width, height }: Raster): (row: number) => DataView {
  const length = 3 * width;
  const last = new Uint8Array(length + 1);
  last.set(rgb.subarray((height - 1) * length));
  const end = new DataView(last.buffer);
  return (row) => (row < height - 1 ? new DataView(rgb.buffer, rgb.byteOffset + row * length, length + 1) : end);
}

/** First canvas pixel in the picture along one side, and the one after the last. */
function partOf(from: number, scale: number, canvas: number, picture: number): [number, number] {
  const clamp = (x: number) => Math.min(canvas, Math.max(0, Math.ceil(x)));
  return [clamp(-from * scale), clamp((picture - from) * scale)];
}

/** For each canvas pixel along one side the picture's pixel at `share` of what it covers. */
function tapsOf(from: number, scale: number, share: number, canvas: number, picture: number): Int32Array {
  const taps = new Int32Array(canvas);
  for (let i = 0; i < canvas; i++) {
    taps[i] = Math.min(picture - 1, Math.max(0, Math.floor(from + (i + share) / scale)));
  }
  return taps;
}
