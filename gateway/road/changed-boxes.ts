/** Which parts of a thumbnail have changed: boxes around cells that belong together, with a margin. Pure. */
import type { Thumbnail } from '../contracts/thumbnail.ts';

/** Cells, the right and lower edge not included. */
export interface CellBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Around what has changed, in cells: a vehicle is larger than what changes of it, and the finder sees more with something around. */
const MARGIN = 4;
/** Beyond it, the nearest are taken together: each costs a run of the network. */
const MAX_BOXES = 3;

/**
 * Boxes around the cells that have moved, and `wanted` ones; none overlaps another. A cell that has moved counts where a neighbour has moved the same way: one
 * alone is noise.
 */
export function changedBoxes(
  { sums, columns, rows }: Thumbnail,
  before: ArrayLike<number>,
  isMoved: (cell: number, step: number) => boolean,
  wanted: readonly CellBox[] = [],
): readonly CellBox[] {
  const moved = new Int8Array(sums.length);
  let boxes = wanted.reduce<CellBox[]>(joined, []);
  for (let i = 0; i < sums.length; i++) {
    const step = sums[i]! - before[i]!;
    if (!isMoved(i, Math.abs(step))) continue;
    moved[i] = step > 0 ? 1 : -1;
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const beside = column > 0 && moved[i - 1] === moved[i];
    const above = row > 0 && moved[i - columns] === moved[i];
    if (!beside && !above) continue;
    const cells = {
      left: Math.max(0, column - Number(beside) - MARGIN),
      top: Math.max(0, row - Number(above) - MARGIN),
      right: Math.min(columns, column + 1 + MARGIN),
      bottom: Math.min(rows, row + 1 + MARGIN),
    };
    boxes = joined(boxes, cells);
  }
  return fewer(boxes);
}

/** With `box`, and all that overlap it made one. */
function joined(boxes: readonly CellBox[], box: CellBox): CellBox[] {
  const apart = boxes.filter((b) => !overlap(b, box));
  if (apart.length === boxes.length) return [...boxes, box];
  const union = boxes.filter((b) => overlap(b, box)).reduce(around, box);
  // What it has grown by may reach others.
  return joined(apart, union);
}

/** Of too many the two are made one that cost least more so. */
function fewer(boxes: readonly CellBox[]): readonly CellBox[] {
  if (boxes.length <= MAX_BOXES) return boxes;
  let best = { added: Infinity, pair: [boxes[0]!, boxes[1]!] as const };
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      const added = cellsIn(around(a, b)) - cellsIn(a) - cellsIn(b);
      if (added < best.added) best = { added, pair: [a, b] };
    }
  }
  const [a, b] = best.pair;
  return fewer(
    joined(
      boxes.filter((box) => box !== a && box !== b),
      around(a, b),
    ),
  );
}

export function cellsIn({ left, top, right, bottom }: CellBox): number {
  return (right - left) * (bottom - top);
}

function around(a: CellBox, b: CellBox): CellBox {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

function overlap(a: CellBox, b: CellBox): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
