/**
 * Where in a picture plates stand: our own network, which answers with four corners per plate, so that the reader sees it straight.
 * `find.md` says how it was made and how well it works. After Zhou et al., "Objects as Points", 2019: every cell of 8 × 8 pixels says
 * how sure it is that a plate's centre lies there, and where the corners would be.
 */
import type { Point, Quad } from '../../gateway/types.ts';
import type { ModelFile } from '../manifest.ts';
import { type Box, clampBox, type Raster } from '../picture.ts';
import { openSession, type Output, type Session } from '../session.ts';
import { centreOf, sizeOf } from './geometry.ts';

export interface Found {
  /** Pixels of the whole picture; they may lie a little outside of it. */
  readonly corners: Quad;
  /** That a plate is there, 0..1. */
  readonly probability: number;
  readonly lines: 1 | 2;
}

/** Serves one call at a time: it keeps its canvases. */
export interface Finder {
  readonly session: Session;
  readonly model: ModelFile;
  /** For the whole picture, and for the second look at one candidate. */
  canvas: Float32Array;
  readonly close: Float32Array;
}

/** Of the canvas, in pixels. A wider one finds smaller plates and costs by its area. */
const LONG_SIDE = 640;
/** Small pictures are enlarged at most so far: beyond, there is nothing more to see in them. */
const MOST_ENLARGED = 2;
/** The deepest layers work on cells of so many pixels, so both sides of the canvas are multiples of it. */
const STEP = 16;
/** Of the canvas for the second look, and how wide the plate is on it. */
const CLOSE = { width: 160, height: 96 };
const CLOSE_WIDTH = 96;
/** Side of a cell of the answer, pixels of the canvas. */
const CELL = 8;
/** Heat, eight offsets, two lines. */
const VALUES = 10;
/** The network gives offsets in units of so many cells. */
const OFFSET_CELLS = 4;
/** In either look. The network is cautious: hardly any plate that can be read stays below. */
const LEAST_PROBABILITY = 0.3;
/** A picture full of plates must not hold the thread for ever: the least probable are left out. */
const MOST_FOUND = 12;
/** A neighbouring cell joins in saying where the corners are when it is at least so hot, as a share of the hottest. */
const VOICE = 0.3;
/** Two centres nearer than this share of the wider plate's width are one place. */
const ONE_PLACE = 0.5;
/** The second look means another plate when its centre is further away, as a share of the candidate's width. */
const ASIDE = 0.35;

/** Throws, naming the model, when the file is not ONNX or its tensors are not those of a plate finder. */
export async function openFinder(model: ModelFile): Promise<Finder> {
  const finder = {
    session: await openSession(model),
    model,
    canvas: new Float32Array(0),
    close: new Float32Array(3 * CLOSE.width * CLOSE.height),
  };
  const side = 4 * STEP;
  await run(finder, { left: 0, top: 0, width: side, height: side, scale: 1 }, new Float32Array(3 * side * side));
  return finder;
}

/**
 * The plates of a picture, or of the part of it inside `box` (pixels), most probable first; at most 12, one per place. Each is looked at
 * twice: on the whole canvas, and from near, which places the corners better and sees through most of what only resembles a plate.
 */
export async function find(finder: Finder, picture: Raster, box?: Box): Promise<Found[]> {
  const view = viewOf(clampBox(box ?? { left: 0, top: 0, width: picture.width, height: picture.height }, picture));
  const size = 3 * view.width * view.height;
  // Frames of a camera have one size, so the canvas is made once.
  if (finder.canvas.length !== size) finder.canvas = new Float32Array(size);
  const found: Found[] = [];
  for (const candidate of await look(finder, picture, view, finder.canvas)) {
    const closer = await lookCloser(finder, picture, candidate);
    if (closer !== undefined && closer.probability >= LEAST_PROBABILITY) found.push(closer);
  }
  return onePerPlace(found.sort(byProbability));
}

/** Candidates on a canvas, the most probable first. */
async function look(finder: Finder, picture: Raster, view: View, canvas: Float32Array): Promise<Found[]> {
  fillCanvas(picture, view, canvas);
  const found = peaksOf(await run(finder, view, canvas), view);
  return onePerPlace(found.sort(byProbability)).slice(0, MOST_FOUND);
}

/**
 * The second look costs a twentieth of the first. It shows the candidate at the width at which the network places corners best, out of all
 * the pixels that the picture has of it. The probability is the geometric mean of both: either look may doubt.
 */
async function lookCloser(finder: Finder, picture: Raster, candidate: Found): Promise<Found | undefined> {
  const { width } = sizeOf(candidate.corners);
  const [x, y] = centreOf(candidate.corners);
  const scale = Math.min(MOST_ENLARGED, CLOSE_WIDTH / width);
  const [left, top] = [Math.round(x - CLOSE.width / scale / 2), Math.round(y - CLOSE.height / scale / 2)];
  const found = await look(finder, picture, { ...CLOSE, left, top, scale }, finder.close);
  const here = found.find((f) => distance(centreOf(f.corners), [x, y]) < ASIDE * width);
  return here && { ...here, probability: Math.sqrt(here.probability * candidate.probability) };
}

/** The canvas and what it shows: canvas pixel (x, y) is picture pixel (left + x / scale, top + y / scale). */
interface View extends Box {
  /** Picture to canvas. */
  readonly scale: number;
}

/** Of the part of the picture; `width` and `height` of the answer are the canvas's. */
function viewOf(part: Box): View {
  const scale = Math.min(MOST_ENLARGED, LONG_SIDE / Math.max(part.width, part.height));
  const sideOf = (pixels: number) => Math.max(STEP, Math.ceil((pixels * scale) / STEP - 1e-9) * STEP);
  return { left: part.left, top: part.top, width: sideOf(part.width), height: sideOf(part.height), scale };
}

/**
 * Writes red, green and blue planes (0..255). Each canvas pixel is the mean of four pixels of the picture spread over the area it
 * covers: a full mean reads every byte of the frame and would cost as much as the network. Beyond the picture the canvas is black.
 */
function fillCanvas({ rgb, width, height }: Raster, view: View, canvas: Float32Array): void {
  const plane = view.width * view.height;
  // Of canvas columns and rows, those that lie in the picture.
  const [x0, x1] = partOf(view.left, view.scale, view.width, width);
  const [y0, y1] = partOf(view.top, view.scale, view.height, height);
  const at = (from: number, i: number, most: number) =>
    Math.min(most - 1, Math.max(0, Math.floor(from + i / view.scale)));
  const first = Int32Array.from({ length: x1 }, (_, x) => 3 * at(view.left, x + 0.25, width));
  const second = Int32Array.from({ length: x1 }, (_, x) => 3 * at(view.left, x + 0.75, width));
  if (x1 - x0 < view.width || y1 - y0 < view.height) canvas.fill(0);
  for (let y = y0; y < y1; y++) {
    const upper = at(view.top, y + 0.25, height) * width * 3;
    const lower = at(view.top, y + 0.75, height) * width * 3;
    for (let x = x0, to = y * view.width + x0; x < x1; x++, to++) {
      const a = upper + first[x]!;
      const b = upper + second[x]!;
      const c = lower + first[x]!;
      const d = lower + second[x]!;
      canvas[to] = (rgb[a]! + rgb[b]! + rgb[c]! + rgb[d]!) / 4;
      canvas[plane + to] = (rgb[a + 1]! + rgb[b + 1]! + rgb[c + 1]! + rgb[d + 1]!) / 4;
      canvas[2 * plane + to] = (rgb[a + 2]! + rgb[b + 2]! + rgb[c + 2]! + rgb[d + 2]!) / 4;
    }
  }
}

/** First canvas pixel in the picture along one side, and the one after the last. */
function partOf(from: number, scale: number, canvas: number, picture: number): [number, number] {
  const clamp = (x: number) => Math.min(canvas, Math.max(0, Math.ceil(x)));
  return [clamp(-from * scale), clamp((picture - from) * scale)];
}

/** Grid of the network's answer: `data` holds VALUES planes of rows × columns. */
interface Cells {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

async function run({ session, model }: Finder, view: View, canvas: Float32Array): Promise<Cells> {
  const input = [1, 3, view.height, view.width];
  const rows = view.height / CELL;
  const columns = view.width / CELL;
  const wrong = (what: string, cause?: unknown) =>
    new Error(
      `model ${model.name} ${what} [${input.join(', ')}]; a plate finder answers with [1, ${VALUES}, ${rows}, ${columns}]`,
      { cause },
    );
  let answer: Output;
  try {
    answer = await session.run(canvas, input);
  } catch (cause) {
    throw wrong('does not take an input of', cause);
  }
  const dims = answer.dims.join(', ');
  if (dims !== `1, ${VALUES}, ${rows}, ${columns}`) throw wrong(`answers with [${dims}] to an input of`);
  return { data: answer.data, rows, columns };
}

/** The hottest cell of each neighbourhood is a candidate. */
function peaksOf(cells: Cells, view: View): Found[] {
  const least = Math.log(LEAST_PROBABILITY / (1 - LEAST_PROBABILITY));
  const { data, rows, columns } = cells;
  const found: Found[] = [];
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

/** The cells about the peak that are hot too say together where the corners are: their errors partly cancel out. */
function plateAt(cells: Cells, row: number, column: number, view: View): Found {
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
function onePerPlace(found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const one of found) {
    const { width } = sizeOf(one.corners);
    const isNear = (other: Found) =>
      distance(centreOf(one.corners), centreOf(other.corners)) <
      ONE_PLACE * Math.max(width, sizeOf(other.corners).width);
    if (!kept.some(isNear)) kept.push(one);
  }
  return kept;
}

function byProbability(a: Found, b: Found): number {
  return b.probability - a.probability;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
