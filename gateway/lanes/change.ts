/**
 * Does a frame show anything that the last analysed frame of its camera did not? A thumbnail of means is compared cell by cell; what
 * is the same is not searched for plates again. Compared with the last *analysed* frame, not with the last seen one, so that what changes
 * slowly adds up until it is noticed.
 */
import type { Frame, Instant, Point } from '../types.ts';

export interface Change {
  /** False for a frame that is to be analysed; the frames after it are compared with that one. About 0.2 ms for 1920 × 1080. */
  unchanged(frame: Frame): boolean;
  /** The next frame is analysed whatever it shows. */
  forget(): void;
}

/** An unchanged frame is analysed all the same after this long: what the thumbnail cannot tell apart is found then. */
export const LONGEST_SKIP_MS = 2_000;

/** Of the thumbnail. A cell is 20 pixels wide in 1920: half a plate of 40 pixels, an eighth of the vehicle that carries it. */
const COLUMNS = 96;
const ROWS = 54;
/** Sampled pixels along each side of a cell: the noise of a mean of 16 is a quarter of that of a pixel. */
const SAMPLES = 4;
/**
 * A cell has changed when its mean has moved by 8 of 255, and a picture when two neighbouring cells have moved the same way. Noise of
 * sigma 6 a pixel moves a mean of 16 by sigma 2.1 between two frames, so that one cell of 7,000 reaches 8 by chance, and two neighbours
 * in one frame of thousands.
 */
const LEAST_STEP = 8 * SAMPLES * SAMPLES;

/** Where to look in pictures of one size. */
interface Grid {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Byte offset in a row of pixels for each sample column, `SAMPLES` for each cell. */
  readonly xs: Int32Array;
  /** Row of pixels for each sample row. */
  readonly ys: Int32Array;
  /** 1 for each cell that has a part in the region. */
  readonly inside: Uint8Array;
}

/** `region` in fractions of the picture; absent = all of it. */
export function openChange(region?: readonly Point[]): Change {
  let grid: Grid | undefined;
  let reference: { readonly at: Instant; readonly sums: Uint16Array } | undefined;
  return {
    unchanged(frame) {
      if (grid?.width !== frame.width || grid.height !== frame.height) {
        grid = gridFor(frame.width, frame.height, region);
        reference = undefined;
      }
      const sums = sumsOf(frame.rgb, grid);
      // Either way: a clock that was set back must not stop the analysis.
      const due = !reference || Math.abs(frame.at - reference.at) >= LONGEST_SKIP_MS;
      if (reference && !due && !differs(reference.sums, sums, grid)) return true;
      reference = { at: frame.at, sums };
      return false;
    },
    forget() {
      reference = undefined;
    },
  };
}

function gridFor(width: number, height: number, region: readonly Point[] | undefined): Grid {
  const columns = Math.min(COLUMNS, Math.max(1, Math.floor(width / SAMPLES)));
  const rows = Math.min(ROWS, Math.max(1, Math.floor(height / SAMPLES)));
  const inside = new Uint8Array(columns * rows).fill(1);
  if (region) for (let i = 0; i < inside.length; i++) inside[i] = Number(touches(region, i, columns, rows));
  return {
    ...{ width, height, columns, inside },
    xs: places(columns, width).map((x) => x * 3),
    ys: places(rows, height),
  };
}

/** Evenly spread pixels along a side, each in the middle of its part. */
function places(cells: number, pixels: number): Int32Array {
  const n = cells * SAMPLES;
  return Int32Array.from({ length: n }, (_, i) => Math.min(pixels - 1, Math.floor(((i + 0.5) * pixels) / n)));
}

/** Whether the middle or a corner of a cell lies in the polygon: a plate counts by its middle, and its middle may lie in a cut cell. */
function touches(region: readonly Point[], cell: number, columns: number, rows: number): boolean {
  const [column, row] = [cell % columns, Math.floor(cell / columns)];
  const spots: readonly Point[] = [
    [0.5, 0.5],
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  return spots.some(([dx, dy]) => contains(region, (column + dx) / columns, (row + dy) / rows));
}

/** By the even-odd rule. */
function contains(region: readonly Point[], x: number, y: number): boolean {
  let within = false;
  for (let i = 0, j = region.length - 1; i < region.length; j = i++) {
    const [[ax, ay], [bx, by]] = [region[i]!, region[j]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}

/** For each cell the sum of green over its samples: most of what is bright is green, and reading it alone takes half the time. */
function sumsOf(rgb: Uint8Array, { width, columns, xs, ys }: Grid): Uint16Array {
  const sums = new Uint16Array((ys.length / SAMPLES) * columns);
  for (let y = 0; y < ys.length; y++) {
    const row = ys[y]! * width * 3 + 1;
    const first = Math.floor(y / SAMPLES) * columns;
    for (let cell = 0; cell < columns; cell++) {
      const x = cell * SAMPLES;
      // Written out, because an inner loop doubles the time.
      const four = rgb[row + xs[x]!]! + rgb[row + xs[x + 1]!]! + rgb[row + xs[x + 2]!]! + rgb[row + xs[x + 3]!]!;
      sums[first + cell] = sums[first + cell]! + four;
    }
  }
  return sums;
}

function differs(before: Uint16Array, now: Uint16Array, { columns, inside }: Grid): boolean {
  const moved = new Int8Array(now.length);
  for (let i = 0; i < now.length; i++) {
    const step = now[i]! - before[i]!;
    if (inside[i] === 0 || Math.abs(step) < LEAST_STEP) continue;
    const way = step > 0 ? 1 : -1;
    if ((i % columns > 0 && moved[i - 1] === way) || (i >= columns && moved[i - columns] === way)) return true;
    moved[i] = way;
  }
  return false;
}
