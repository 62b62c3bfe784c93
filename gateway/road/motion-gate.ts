/**
 * Where does a frame show anything that was not searched for plates yet? A thumbnail of means is compared cell by cell with what each cell
 * showed when it was last *searched*, not last seen, so that what changes slowly adds up until it is noticed, beside a road full of traffic too.
 */
import type { Instant } from '../contracts/base.ts';
import { isInside, type Frame, type Point } from '../contracts/picture.ts';
import type { FramePart } from '../inference/jobs.ts';
import { MIN_STEP, openThumbnails, type Thumbnail } from '../contracts/thumbnail.ts';
import { cellsIn, changedBoxes, type CellBox } from './changed-boxes.ts';

export type MotionGate = ReturnType<typeof openMotionGate>;

/** `whole`: of the regions. */
export type SearchArea = 'nothing' | 'whole' | readonly FramePart[];

/** An unchanged frame is searched all the same after this long: what the thumbnail cannot tell apart is found then. */
export const LONGEST_SKIP_MS = 2_000;
/** Of a camera that sleeps: the sizes of all its pictures are watched too. */
export const LONGEST_SKIP_ASLEEP_MS = 10_000;
/** While something happens, so does the rest of the picture: a vehicle without lamps by night, beside one that has them. */
export const WHOLE_EVERY_MS = 1_000;
/** Of the regions: to search more than this in parts saves nothing. */
const MAX_SHARE = 0.6;

interface Reference {
  readonly width: number;
  readonly height: number;
  /** When all of it was last searched. */
  readonly wholeAt: Instant;
  /** Of each cell, what it showed when it was last searched. */
  readonly sums: Uint16Array;
  /** Some of it was searched since. */
  readonly partly: boolean;
}

/** `regions` in fractions of the picture; absent = all of it. */
export function openMotionGate(regions?: readonly (readonly Point[])[]) {
  const thumbnails = openThumbnails();
  /** 1 for each cell that has a part in a region, and how many these are. */
  let inside = new Uint8Array(0);
  let insideCells = 0;
  let reference: Reference | undefined;
  return {
    /**
     * What of the frame is to be searched; the frames after it are compared with that. `must` is searched whether it has changed or not, `also`
     * where anything is searched. About 0.2 ms for 1920 × 1080.
     */
    area(
      frame: Frame,
      must: readonly FramePart[] = [],
      also: readonly FramePart[] = [],
      longestSkipMs = LONGEST_SKIP_MS,
    ): SearchArea {
      const now = thumbnails(frame);
      const { at, width, height } = frame;
      if (reference?.width !== width || reference.height !== height) {
        inside = insideOf(regions, now);
        insideCells = inside.reduce((sum, cell) => sum + cell, 0);
        reference = undefined;
      }
      const boxes = reference && !isDue(reference, at, longestSkipMs) ? boxesOf(now, reference, must, also) : undefined;
      if (boxes?.length === 0) return 'nothing';
      if (!reference || !boxes || boxes.reduce((sum, box) => sum + cellsIn(box), 0) > MAX_SHARE * insideCells) {
        reference = { width, height, wholeAt: at, sums: now.sums, partly: false };
        return 'whole';
      }
      for (const box of boxes) copyCells(now, reference.sums, box);
      reference = { ...reference, partly: true };
      return boxes.map((box) => pixelsOf(box, now, frame));
    },
    /** The next frame is searched whatever it shows. */
    forget(): void {
      reference = undefined;
    },
  };

  function boxesOf(
    now: Thumbnail,
    { sums, width, height }: Reference,
    must: readonly FramePart[],
    also: readonly FramePart[],
  ) {
    const isMoved = (cell: number, step: number): boolean => inside[cell] === 1 && step >= MIN_STEP;
    const cells = (boxes: readonly FramePart[]): CellBox[] => boxes.flatMap((box) => cellsOf(box, now, width, height));
    // What is expected outside of the picture may be anywhere in it, or gone: the whole says which.
    if (cells(must).length < must.length) return undefined;
    const changed = changedBoxes(now, sums, isMoved, cells(must));
    if (changed.length === 0 || also.length === 0) return changed;
    return changedBoxes(now, sums, isMoved, cells([...must, ...also]));
  }
}

/** Either way: a clock that was set back must not stop the search. */
function isDue({ wholeAt, partly }: Reference, at: Instant, longestSkipMs: number): boolean {
  return Math.abs(at - wholeAt) >= (partly ? WHOLE_EVERY_MS : longestSkipMs);
}

/** None where it lies outside of the picture. */
function cellsOf(box: FramePart, { columns, rows }: Thumbnail, width: number, height: number): CellBox[] {
  const [x, y] = [columns / width, rows / height];
  const left = Math.max(0, Math.floor(box.left * x));
  const top = Math.max(0, Math.floor(box.top * y));
  const right = Math.min(columns, Math.ceil((box.left + box.width) * x));
  const bottom = Math.min(rows, Math.ceil((box.top + box.height) * y));
  return left < right && top < bottom ? [{ left, top, right, bottom }] : [];
}

function pixelsOf({ left, top, right, bottom }: CellBox, { columns, rows }: Thumbnail, frame: Frame): FramePart {
  const [x, y] = [frame.width / columns, frame.height / rows];
  return { left: left * x, top: top * y, width: (right - left) * x, height: (bottom - top) * y };
}

function copyCells({ sums, columns }: Thumbnail, to: Uint16Array, { left, top, right, bottom }: CellBox): void {
  for (let row = top; row < bottom; row++) {
    const [from, until] = [row * columns + left, row * columns + right];
    to.set(sums.subarray(from, until), from);
  }
}

function insideOf(
  regions: readonly (readonly Point[])[] | undefined,
  { columns, rows, sums }: Thumbnail,
): Uint8Array<ArrayBuffer> {
  if (!regions) return new Uint8Array(sums.length).fill(1);
  return Uint8Array.from(sums, (_, i) => Number(regions.some((region) => touches(region, i, columns, rows))));
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
  return spots.some(([dx, dy]) => isInside(region, [(column + dx) / columns, (row + dy) / rows]));
}
