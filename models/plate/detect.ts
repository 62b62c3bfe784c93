/**
 * Finds where a plate may be in a picture. PP-OCR's text detector answers "core of a line of text" per pixel (DB: Liao et al.,
 * "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020); this keeps the lines shaped like plates.
 * It proposes far more than plates: the reader's grammar is the second gate.
 */
import type { Quad } from '../../gateway/contracts/picture.ts';
import type { ModelFile } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import { openNetwork, type Network } from '../session.ts';
import { boxesOf, type TextBox } from './boxes.ts';
import { boxAt, cornersOf } from './geometry.ts';
import { fillCanvas, letterboxOf } from './raster.ts';

export interface TextCandidate {
  /** Pixels of the picture. */
  readonly corners: Quad;
  /** Mean probability of the text core, 0..1. */
  readonly probability: number;
  /** Two lines, one above the other, put together: to be read as two lines only. */
  readonly stacked: boolean;
}

/** Serves one call at a time: it reuses its canvas. */
export interface TextDetector {
  readonly session: Network;
  canvas: Float32Array;
}

/** Of the canvas, in pixels. */
const LONG_SIDE = 960;
/** Width over height of what may be a plate: 440 × 220 mm two-line plates seen from the side, up to boxes that miss a bit of height. */
const MIN_ASPECT = 1.5;
const MAX_ASPECT = 7.5;
/** Narrower plates cannot be read: 25 pixels are 3 a character. */
const MIN_WIDTH = 24;

export async function openTextDetector(model: ModelFile): Promise<TextDetector> {
  return { session: await openNetwork(model), canvas: new Float32Array(0) };
}

/** Candidates in the picture, the most probable text first. */
export async function detectText(detector: TextDetector, picture: Raster): Promise<TextCandidate[]> {
  const box = letterboxOf(picture, LONG_SIDE);
  const size = 3 * box.width * box.height;
  // Frames of a camera have one size, so the canvas is made once.
  if (detector.canvas.length !== size) detector.canvas = new Float32Array(size);
  fillCanvas(picture, box, detector.canvas);
  const { data } = await detector.session.runOne(detector.canvas, [1, 3, box.height, box.width]);
  const lines = boxesOf(data, box.width, box.height).map((line) => enlarge(line, 1 / box.scale));
  const singles = lines
    .filter((l) => isPlateShaped(l.width, l.height))
    .map((line) => candidate(line, line.probability, false));
  return [...singles, ...stacks(lines)].sort((a, b) => b.probability - a.probability);
}

function candidate(box: Parameters<typeof cornersOf>[0], probability: number, stacked: boolean): TextCandidate {
  return { corners: cornersOf(box), probability, stacked };
}

function enlarge(box: TextBox, by: number): TextBox {
  return { ...box, x: box.x * by, y: box.y * by, width: box.width * by, height: box.height * by };
}

function isPlateShaped(width: number, height: number): boolean {
  return width > MIN_WIDTH && width / height > MIN_ASPECT && width / height < MAX_ASPECT;
}

/**
 * The two lines of a two-line plate are often found apart. Above the wide lower line (five characters) stands a shorter one
 * (two characters), over its middle and close to it; GA 36-2018 gives 65 × 110 mm characters below and 80 × 60 mm above.
 */
function stacks(lines: readonly TextBox[]): TextCandidate[] {
  return lines.flatMap((lower) =>
    lines
      .filter((upper) => upper !== lower && standsOn(upper, lower))
      .flatMap((upper) => {
        const both = boxAt([...cornersOf(upper), ...cornersOf(lower)], lower.angle);
        if (!isPlateShaped(both.width, both.height)) return [];
        return [candidate(both, Math.min(upper.probability, lower.probability), true)];
      }),
  );
}

function standsOn(upper: TextBox, lower: TextBox): boolean {
  const c = Math.cos(lower.angle);
  const s = Math.sin(lower.angle);
  const along = (upper.x - lower.x) * c + (upper.y - lower.y) * s;
  const above = (lower.y - upper.y) * c + (upper.x - lower.x) * s;
  const heights = (upper.height + lower.height) / 2;
  return (
    Math.abs(along) < 0.2 * lower.width &&
    above > 0.6 * heights &&
    above < 1.3 * heights &&
    upper.width < lower.width &&
    upper.width > 0.3 * lower.width &&
    upper.height > 0.35 * lower.height &&
    upper.height < 1.1 * lower.height &&
    lower.width < 4.5 * lower.height
  );
}
