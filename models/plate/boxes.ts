/** From the text detector's probability map to one rotated box per line of text. */
import type { Point } from '../../gateway/contracts/picture.ts';
import { type RotatedBox, smallestBox } from './geometry.ts';

export interface TextBox extends RotatedBox {
  /** Mean over the core, 0..1. */
  readonly probability: number;
}

/** A pixel at or above belongs to a core. */
const CORE = 0.3;
/** A core with a lower mean is noise. */
const MIN_MEAN = 0.5;
const MIN_PIXELS = 12;
/** The model marks the shrunken core of a line; the line is this much larger (PP-OCR's `unclip_ratio`, DB paper section 3.5). */
const UNCLIP = 1.6;

/** Boxes in pixels of the map (`width` × `height` probabilities, row by row). */
export function boxesOf(map: Float32Array, width: number, height: number): TextBox[] {
  const seen = new Uint8Array(width * height);
  const boxes: TextBox[] = [];
  for (let i = 0; i < map.length; i++) {
    if (seen[i] || map[i]! < CORE) continue;
    const { edge, pixels, mean } = collect(map, width, height, seen, i);
    if (pixels < MIN_PIXELS || mean < MIN_MEAN) continue;
    const core = smallestBox(edge);
    if (core) boxes.push(unclip(core, mean));
  }
  return boxes;
}

/** All pixels connected to `start` (eight neighbours). Of them the ones on the edge are kept, in map coordinates. */
function collect(map: Float32Array, width: number, height: number, seen: Uint8Array, start: number) {
  const stack = [start];
  const edge: Point[] = [];
  let pixels = 0;
  let sum = 0;
  seen[start] = 1;
  while (stack.length > 0) {
    const at = stack.pop()!;
    const x = at % width;
    const y = (at - x) / width;
    let neighbours = 0;
    pixels++;
    sum += map[at]!;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const n = ny * width + nx;
        if (map[n]! < CORE) continue;
        neighbours++;
        if (seen[n]) continue;
        seen[n] = 1;
        stack.push(n);
      }
    }
    if (neighbours < 9) edge.push([x + 0.5, y + 0.5]);
  }
  return { edge, pixels, mean: sum / pixels };
}

/** Pixel centres span one pixel less than the pixels do; then the line grows by area × ratio / perimeter on every side. */
function unclip(core: RotatedBox, probability: number): TextBox {
  const width = core.width + 1;
  const height = core.height + 1;
  const by = (width * height * UNCLIP) / (2 * (width + height));
  return { ...core, width: width + 2 * by, height: height + 2 * by, probability };
}
