import { expect, test } from 'vitest';
import type { Raster } from '../raster.ts';
import { drawView, type CanvasView } from './find-canvas.ts';

/** Every byte another than its neighbours'; before the picture lie bytes of others, behind it is the end of the buffer. */
function patterned(width: number, height: number): Raster {
  const length = 3 * width * height;
  const rgb = new Uint8Array(7 + length).fill(255).subarray(7);
  for (let i = 0; i < length; i++) rgb[i] = (i * 97 + (i >> 5) * 31) & 0xff;
  return { width, height, rgb };
}

/** Byte by byte: what the canvas should hold of one colour (0 red, 1 green, 2 blue) at one place. */
function expectedAt({ rgb, width, height }: Raster, view: CanvasView, colour: number, x: number, y: number): number {
  const [px, py] = [view.left + x / view.scale, view.top + y / view.scale];
  if (px < 0 || py < 0 || px >= width || py >= height) return 0;
  const near = (from: number, share: number, most: number) => Math.min(most - 1, Math.floor(from + share / view.scale));
  const shares = [0.25, 0.75];
  const taps = shares.flatMap((v) =>
    shares.map((u) => rgb[3 * (near(py, v, height) * width + near(px, u, width)) + colour]!),
  );
  return taps.reduce((sum, tap) => sum + tap, 0) / 4;
}

test.each<[string, number, number, CanvasView]>([
  ['a third', 96, 48, { left: 0, top: 0, width: 32, height: 16, scale: 1 / 3 }],
  ['as it is, black below', 20, 10, { left: 0, top: 0, width: 20, height: 16, scale: 1 }],
  ['black to the right', 20, 16, { left: 0, top: 0, width: 32, height: 16, scale: 1 }],
  ['twice as large', 13, 7, { left: 0, top: 0, width: 32, height: 16, scale: 2 }],
  ['a part', 200, 100, { left: 31, top: 17, width: 48, height: 32, scale: 0.7 }],
  ['black all around', 30, 20, { left: -16, top: -8, width: 64, height: 48, scale: 1 }],
  ['the last corner, black beyond', 33, 21, { left: 25, top: 15, width: 48, height: 32, scale: 1.5 }],
  ['one pixel', 1, 1, { left: 0, top: 0, width: 16, height: 16, scale: 2 }],
  ['one row', 50, 1, { left: 0, top: 0, width: 64, height: 16, scale: 1.25 }],
  ['nothing of it', 5, 5, { left: 40, top: 40, width: 16, height: 16, scale: 1 }],
])('shows the means of four pixels: %s', (_, width, height, view) => {
  const picture = patterned(width, height);
  const canvas = new Float32Array(3 * view.width * view.height).fill(NaN);
  drawView(picture, view, canvas);
  const expected = canvas.map((_, i) => {
    const [colour, at] = [Math.floor(i / (view.width * view.height)), i % (view.width * view.height)];
    return expectedAt(picture, view, colour, at % view.width, Math.floor(at / view.width));
  });
  expect(canvas).toEqual(expected);
});
