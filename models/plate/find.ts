/**
 * Finds the plates of a picture with our own network, which answers with four corners per plate, so that the reader sees it straight.
 * `find.md` says how it was made and how well it works. After Zhou et al., "Objects as Points", 2019: for every cell of 8 × 8 pixels
 * the network tells how probable it is that a plate's centre lies there, and where its corners would be.
 */
import type { Point, Quad } from '../../gateway/contracts/picture.ts';
import type { ModelFile } from '../manifest.ts';
import { clampBox } from '../picture.ts';
import type { PixelBox, Raster } from '../raster.ts';
import { openNetwork, type ModelOutput, type Network } from '../session.ts';
import { drawView, type CanvasView } from './find-canvas.ts';
import { centreOf, sizeOf } from './geometry.ts';

export interface PlateProposal {
  /** Pixels of the whole picture; they may lie a little outside of it. */
  readonly corners: Quad;
  /** That a plate is there, 0..1. */
  readonly probability: number;
  readonly lines: 1 | 2;
}

/** Serves one call at a time: it reuses its canvas, which holds the whole picture or all the second looks. */
export interface PlateFinder {
  readonly session: Network;
  readonly model: ModelFile;
  readonly canvas: Float32Array;
}

/** Of the canvas, in pixels. A wider one finds smaller plates and costs by its area. */
const LONG_SIDE = 640;
/** Small pictures are enlarged at most this far: more shows nothing new. */
const MAX_ENLARGED = 2;
/** The deepest layers work on cells of so many pixels, so both sides of the canvas are multiples of it. */
const STEP = 16;
/** Parts of a canvas begin and end at multiples of it. */
const PART_STEP = 2 * STEP;
/** Of the canvas for the second look, and how wide the plate is on it. */
const CLOSE = { width: 160, height: 96 };
const CLOSE_WIDTH = 96;
/** Side of a cell of the answer, pixels of the canvas. */
const CELL = 8;
/** Heat, eight offsets, two lines. */
const VALUES = 10;
/** The network gives offsets in units of so many cells. */
const OFFSET_CELLS = 4;
/** In either look. The network is cautious: hardly any readable plate stays below. */
const MIN_PROBABILITY = 0.3;
/** A picture full of plates must not occupy the thread for ever: the least probable are left out. */
const MAX_FOUND = 12;
/** A neighbouring cell has a part in placing the corners when its heat is at least this share of the hottest. */
const VOICE = 0.3;
/** Two centres nearer than this share of the wider plate's width are one plate. */
const ONE_PLACE = 0.5;
/** Beyond this distance, as a share of the candidate's width, the second look has found another plate. */
const ASIDE = 0.35;

/** Throws, naming the model, when the file is not ONNX or its tensors are not those of a plate finder. */
export async function openPlateFinder(model: ModelFile): Promise<PlateFinder> {
  const finder = { session: await openNetwork(model), model, canvas: new Float32Array(3 * LONG_SIDE * LONG_SIDE) };
  await run(finder, 1, { width: 4 * STEP, height: 4 * STEP });
  return finder;
}

/** Where plates are looked for, in pixels. */
export interface FindArea {
  /** All of the picture unless told. */
  readonly box?: PixelBox;
  /** Only these parts of it, on the scale on which all of it would be looked at. */
  readonly parts?: readonly PixelBox[];
}

/**
 * The plates of a picture, most probable first; at most 12, one per place. Each is looked at twice: on the whole canvas, and from near, which
 * places the corners better and sees through most of what only resembles a plate.
 */
export async function findPlates(
  finder: PlateFinder,
  picture: Raster,
  { box, parts }: FindArea = {},
): Promise<PlateProposal[]> {
  const all = viewOf(clampBox(box ?? { left: 0, top: 0, width: picture.width, height: picture.height }, picture));
  const proposals: PlateProposal[] = [];
  for (const view of parts?.flatMap((part) => partOf(all, part)) ?? [all])
    proposals.push(...(await look(finder, picture, [view]))[0]!);
  const candidates = onePerPlace(proposals.sort(byProbability)).slice(0, MAX_FOUND);
  const closer = await look(finder, picture, candidates.map(closeViewOf));
  const found = candidates.flatMap((candidate, i) => confirmed(candidate, closer[i]!));
  return onePerPlace(found.sort(byProbability));
}

/** The proposals in each of the views, which have one size: most probable first, one per place. */
async function look(finder: PlateFinder, picture: Raster, views: readonly CanvasView[]): Promise<PlateProposal[][]> {
  const [first] = views;
  if (first === undefined) return [];
  const size = 3 * first.width * first.height;
  views.forEach((view, i) => drawView(picture, view, finder.canvas.subarray(i * size, (i + 1) * size)));
  const answers = await run(finder, views.length, first);
  return views.map((view, i) => onePerPlace(peaksOf(answers[i]!, view).sort(byProbability)));
}

/**
 * The second look costs a twentieth of the first. It shows the candidate at the width at which the network places corners best, out of all
 * the pixels that the picture has of it.
 */
function closeViewOf({ corners }: PlateProposal): CanvasView {
  const scale = Math.min(MAX_ENLARGED, CLOSE_WIDTH / sizeOf(corners).width);
  const [x, y] = centreOf(corners);
  const [left, top] = [Math.round(x - CLOSE.width / scale / 2), Math.round(y - CLOSE.height / scale / 2)];
  return { ...CLOSE, left, top, scale };
}

/** The candidate as the second look places it, or nothing. The probability is the geometric mean of both looks. */
function confirmed(candidate: PlateProposal, closer: readonly PlateProposal[]): PlateProposal[] {
  const { width } = sizeOf(candidate.corners);
  const centre = centreOf(candidate.corners);
  const here = closer.find((f) => distance(centreOf(f.corners), centre) < ASIDE * width);
  if (here === undefined) return [];
  const probability = Math.sqrt(here.probability * candidate.probability);
  return probability >= MIN_PROBABILITY ? [{ ...here, probability }] : [];
}

/** Of the part of the picture; `width` and `height` of the answer are the canvas's. */
function viewOf(part: PixelBox): CanvasView {
  const scale = Math.min(MAX_ENLARGED, LONG_SIDE / Math.max(part.width, part.height));
  const sideOf = (pixels: number) => Math.max(STEP, Math.ceil((pixels * scale) / STEP - 1e-9) * STEP);
  return { left: part.left, top: part.top, width: sideOf(part.width), height: sideOf(part.height), scale };
}

/**
 * The part of a view, on a grid of coarse cells of its canvas: there the network sees the same cells as in the whole, but for the edges, and few
 * sizes are ever asked of it. None where the part lies outside.
 */
function partOf(view: CanvasView, part: PixelBox): CanvasView[] {
  const { left, top, scale } = view;
  const clamp = (cells: number, most: number) => Math.min(most, Math.max(0, cells * PART_STEP));
  const x0 = clamp(Math.floor(((part.left - left) * scale) / PART_STEP), view.width);
  const x1 = clamp(Math.ceil(((part.left + part.width - left) * scale) / PART_STEP), view.width);
  const y0 = clamp(Math.floor(((part.top - top) * scale) / PART_STEP), view.height);
  const y1 = clamp(Math.ceil(((part.top + part.height - top) * scale) / PART_STEP), view.height);
  if (x1 <= x0 || y1 <= y0) return [];
  return [{ left: left + x0 / scale, top: top + y0 / scale, width: x1 - x0, height: y1 - y0, scale }];
}

/** Grid of the network's answer: `data` holds VALUES planes of rows × columns. */
interface Cells {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Of the first `count` pictures on the canvas. Throws, naming the model, when it is no plate finder. */
async function run(
  { session, model, canvas }: PlateFinder,
  count: number,
  size: Pick<CanvasView, 'width' | 'height'>,
): Promise<Cells[]> {
  const input = [count, 3, size.height, size.width];
  const rows = size.height / CELL;
  const columns = size.width / CELL;
  const expected = [count, VALUES, rows, columns].join(', ');
  const wrong = (what: string, cause?: unknown) =>
    new Error(`model ${model.name} ${what} [${input.join(', ')}]; a plate finder answers with [${expected}]`, {
      cause,
    });
  let answer: ModelOutput;
  try {
    answer = await session.runOne(canvas.subarray(0, count * 3 * size.height * size.width), input);
  } catch (cause) {
    throw wrong('does not take an input of', cause);
  }
  const dims = answer.dims.join(', ');
  if (dims !== expected) throw wrong(`answers with [${dims}] to an input of`);
  const length = VALUES * rows * columns;
  return Array.from({ length: count }, (_, i) => {
    return { data: answer.data.subarray(i * length, (i + 1) * length), rows, columns };
  });
}

/** The hottest cell of each neighbourhood is a candidate. */
function peaksOf(cells: Cells, view: CanvasView): PlateProposal[] {
  const least = Math.log(MIN_PROBABILITY / (1 - MIN_PROBABILITY));
  const { data, rows, columns } = cells;
  const found: PlateProposal[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const heat = data[row * columns + column]!;
      if (heat >= least && isPeak(cells, row, column, heat)) found.push(plateAt(cells, row, column, view));
    }
  }
  return found;
}

/** Of equal neighbours the first in reading order is the peak. */
function isPeak({ data, rows, columns }: Cells, row: number, column: number, heat: number): boolean {
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
      const other = data[r * columns + c]!;
      const earlier = r < row || (r === row && c < column);
      if (other > heat || (earlier && other === heat)) return false;
    }
  }
  return true;
}

/** Averages the corners over the hot cells around the peak: their errors partly cancel out. */
function plateAt(cells: Cells, row: number, column: number, view: CanvasView): PlateProposal {
  const { data, rows, columns } = cells;
  const plane = rows * columns;
  const peak = sigmoid(data[row * columns + column]!);
  const sum = new Float64Array(VALUES);
  let total = 0;
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
      const at = r * columns + c;
      const weight = sigmoid(data[at]!);
      if (weight < VOICE * peak) continue;
      total += weight;
      for (let k = 0; k < 4; k++) {
        sum[2 * k]! += weight * (c + 0.5 + OFFSET_CELLS * data[(1 + 2 * k) * plane + at]!);
        sum[2 * k + 1]! += weight * (r + 0.5 + OFFSET_CELLS * data[(2 + 2 * k) * plane + at]!);
      }
      sum[8]! += weight * data[9 * plane + at]!;
    }
  }
  const corner = (k: number): Point => [
    view.left + ((sum[2 * k]! / total) * CELL) / view.scale,
    view.top + ((sum[2 * k + 1]! / total) * CELL) / view.scale,
  ];
  return { corners: [corner(0), corner(1), corner(2), corner(3)], probability: peak, lines: sum[8]! > 0 ? 2 : 1 };
}

/** Most probable first in, and out. */
function onePerPlace(found: readonly PlateProposal[]): PlateProposal[] {
  const kept: PlateProposal[] = [];
  for (const one of found) {
    const { width } = sizeOf(one.corners);
    const isNear = (other: PlateProposal) =>
      distance(centreOf(one.corners), centreOf(other.corners)) <
      ONE_PLACE * Math.max(width, sizeOf(other.corners).width);
    if (!kept.some(isNear)) kept.push(one);
  }
  return kept;
}

function byProbability(a: PlateProposal, b: PlateProposal): number {
  return b.probability - a.probability;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
