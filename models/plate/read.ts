/**
 * Reads plates whose corners are known: unwarps each into the reader's strip and decodes by the grammar. A box that is too
 * tight loses the province, one that is too wide brings in the frame, and a two-line plate has to be laid out in one line;
 * so a plate that is not sure at once is read again with other windows.
 */
import type { PlateColour, PlateRead } from '../../gateway/contracts/plate.ts';
import type { Quad } from '../../gateway/contracts/picture.ts';
import type { ModelFile } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import { openNetwork, type Network } from '../session.ts';
import { colourOf, isGrey } from './colour.ts';
import { type PlateDecoder, openPlateDecoder } from './decode.ts';
import { type Projection, projectionOf, sizeOf } from './geometry.ts';
import { fillStrip, sharpnessOf, STRIP_HEIGHT, type Strip, type Window } from './raster.ts';
import { isHopeless, isSure, fuseReads, type WindowRead } from './read-fusion.ts';

/** Serves one call at a time: it reuses its strips. */
export interface StripReader {
  readonly session: Pick<Network, 'runOne'>;
  readonly decode: PlateDecoder;
  readonly strips: Float32Array;
}

/** What the finder knows of a plate before it is read. */
export interface PlateShape {
  /** Pixels of the picture. */
  readonly corners: Quad;
  readonly lines: 1 | 2 | 'either';
  /**
   * `found`: the plate's own four corners, a few per cent off; `drawn`: a box around its text, give or take; `cut`: the picture ends
   * there.
   */
  readonly edge: 'found' | 'drawn' | 'cut';
  /** One of many pictures of the vehicle: far plates are not worth several windows. */
  readonly stream?: boolean;
}

/**
 * Width of the network's input. One line takes 158 to 168 columns of it, and the network reads worse without empty ones behind:
 * of 400 real crops 98.8 % at 256 and at 320, 98.5 % at 224, 97.3 % at 192. Its time is in proportion.
 */
const STRIP_WIDTH = 256;
/** Windows of one run. More gain nothing (the time per window is the same for 1 to 4 and grows by a quarter at 8), and the answer has 0.8 MB each. */
const BATCH = 4;

/** Below this ratio of width to height a plate may have two lines. */
const STACKED_ASPECT = 2.4;
/** In a stream a plate smaller in both ways is read with one window only: soon the vehicle is nearer, or it has gone. */
const MIN_STREAM = { width: 64, height: 24 };

/** The parts of the plate that are laid side by side into the strip, each over a number of columns. */
interface Layout {
  readonly lines: 1 | 2;
  readonly parts: readonly { readonly window: Window; readonly columns: number }[];
}

/**
 * A plate has 440 × 140 or 480 × 140 mm, whatever its box looks like in the picture. Laid out in these proportions it is read
 * better than in the box's own, above all when it is seen from the side.
 */
const single = (x: number, y: number, lean: number, aspect: number): Layout => ({
  lines: 1,
  parts: [
    { window: { left: -x, top: -y, right: 1 + x, bottom: 1 + y, lean }, columns: Math.round(STRIP_HEIGHT * aspect) },
  ],
});

/** Upper line from the top to 5/12, lower one from 1/3 down: they overlap, because the gap's place depends on the box. */
const stacked = (by: number): Layout => {
  const [left, right, size] = [-by, 1 + by, 1 + 2 * by];
  return {
    lines: 2,
    parts: [
      { window: { left: 0.14, right: 0.86, top: -by, bottom: (5 / 12) * size - by, lean: 0 }, columns: 100 },
      { window: { left, right, top: size / 3 - by, bottom: 1 + by, lean: 0 }, columns: 132 },
    ],
  };
};

/** The first window is right most often; the others are tried where it is not sure. */
const STACKED: readonly Layout[] = [stacked(0.04), stacked(0.1), stacked(-0.03)];
const SINGLE: Readonly<Record<PlateShape['edge'], readonly Layout[]>> = {
  found: [
    single(0.015, 0.03, 0, 3.4),
    single(-0.015, -0.03, 0, 3.4),
    single(0.04, 0.08, 0, 3.4),
    single(0.1, 0.12, 0, 3.5),
  ],
  // With a small margin, tight, leaning either way, and wide for a province that was cut off.
  drawn: [
    single(0.03, 0.06, 0, 3.5),
    single(0, 0.02, 0, 3.5),
    single(0.03, 0.06, 0.12, 3.5),
    single(0.03, 0.06, -0.12, 3.5),
    single(0.1, 0.12, 0, 3.5),
  ],
  // Beyond it there is nothing to see.
  cut: [single(0, 0, 0, 3.3), single(-0.015, -0.03, 0, 3.5), single(0, 0, 0, 3.9), single(0.03, 0.06, 0, 3.3)],
};

/** A sample is the mean of two pixels; larger plates are sampled more densely, up to this many times each way. */
const MAX_SAMPLES = 4;

/** A plate being read. */
interface Plate extends PlateWindows {
  readonly projection: Projection;
  readonly samples: number;
  /** To be tried first, and where those are not enough. */
  readonly first: readonly Layout[];
  readonly further: readonly Layout[];
  readonly reads: Read[];
}

/** A plate and what its windows gave, at least one. */
export interface PlateWindows {
  readonly shape: PlateShape;
  /** Pixels of the picture. */
  readonly width: number;
  readonly colour: PlateColour;
  readonly reads: readonly Read[];
}

interface Read extends WindowRead {
  readonly sharpness: number;
}

export async function openStripReader(model: ModelFile, dictionary: ModelFile): Promise<StripReader> {
  const keys = new TextDecoder().decode(dictionary.bytes).replace(/\r/g, '').replace(/\n$/, '').split('\n');
  return {
    session: await openNetwork(model),
    decode: openPlateDecoder(keys),
    strips: new Float32Array(BATCH * 3 * STRIP_HEIGHT * STRIP_WIDTH),
  };
}

/**
 * The best read of each plate, in the order of `shapes`. Any part of a picture gives one; its band says what it is worth.
 * A plate that is read well at once costs one window, so one run of the network serves up to BATCH of them.
 */
export async function readAll(
  reader: StripReader,
  picture: Raster,
  shapes: readonly PlateShape[],
): Promise<PlateRead[]> {
  const plates = await readWindows(reader, picture, shapes);
  return plates.map(({ shape, reads, colour }) => ({
    ...fuseReads(reads, colour),
    colour,
    corners: shape.corners,
    sharpness: reads[0]!.sharpness,
  }));
}

/** As a read of the plate would give it, without reading: a tenth of a read's time. */
export function sharpnessIn(reader: StripReader, picture: Raster, shape: PlateShape): number {
  const { height } = sizeOf(shape.corners);
  const [[layout] = []] = layoutsFor(shape);
  const view = { projection: projectionOf(shape.corners), samples: samplesFor(height) };
  return sharpnessOf(layOut(picture, view, layout!, stripOf(reader, 0)), layout!.parts[0]!.columns);
}

/** What `readAll` judges by; for fitting the confidence. */
export async function readWindows(
  reader: StripReader,
  picture: Raster,
  shapes: readonly PlateShape[],
): Promise<PlateWindows[]> {
  if (shapes.length === 0) return [];
  const grey = isGrey(picture);
  const plates = shapes.map((shape) => plateOf(picture, shape, grey));
  await readLayouts(reader, picture, plates, (p) => p.first);
  await readLayouts(reader, picture, plates, (p) => (isSure(p.reads) ? [] : p.further.filter((l) => isWorth(p, l))));
  return plates;
}

function plateOf(picture: Raster, shape: PlateShape, grey: boolean): Plate {
  const { width, height } = sizeOf(shape.corners);
  const projection = projectionOf(shape.corners);
  const small = shape.stream === true && width < MIN_STREAM.width && height < MIN_STREAM.height;
  const wanted = layoutsFor(shape);
  return {
    shape,
    width,
    projection,
    samples: samplesFor(height),
    colour: colourOf(picture, projection, grey),
    first: wanted.map((layouts) => layouts[0]!),
    further: small ? [] : wanted.flatMap((layouts) => layouts.slice(1)),
    reads: [],
  };
}

/** Of one line, of two, or both; each the likeliest first. */
function layoutsFor({ corners, lines, edge }: PlateShape): (readonly Layout[])[] {
  const { width, height } = sizeOf(corners);
  const mayBeTwo = lines === 2 || (lines === 'either' && width < STACKED_ASPECT * height);
  return [...(lines === 2 ? [] : [SINGLE[edge]]), ...(mayBeTwo ? [STACKED] : [])];
}

/** Corners that are no numbers give a height that is none. */
function samplesFor(height: number): number {
  return Math.min(MAX_SAMPLES, Math.max(1, Math.ceil(height / STRIP_HEIGHT / 2) || 1));
}

/** Where the first window shows no text at all, another one shows none either. */
function isWorth(plate: Plate, layout: Layout): boolean {
  return plate.reads.some((r) => r.lines === layout.lines && !isHopeless(r));
}

async function readLayouts(
  reader: StripReader,
  picture: Raster,
  plates: readonly Plate[],
  layoutsOf: (plate: Plate) => readonly Layout[],
): Promise<void> {
  const jobs = plates.flatMap((plate) => layoutsOf(plate).map((layout) => ({ plate, layout })));
  for (let at = 0; at < jobs.length; at += BATCH) {
    const batch = jobs.slice(at, at + BATCH);
    const strips = batch.map(({ plate, layout }, i) => layOut(picture, plate, layout, stripOf(reader, i)));
    const input = reader.strips.subarray(0, batch.length * 3 * STRIP_HEIGHT * STRIP_WIDTH);
    const { data, dims } = await reader.session.runOne(input, [batch.length, 3, STRIP_HEIGHT, STRIP_WIDTH]);
    const [steps, classes] = [dims[1]!, dims[2]!];
    for (const [i, { plate, layout }] of batch.entries()) {
      const answer = data.subarray(i * steps * classes, (i + 1) * steps * classes);
      const sharpness = sharpnessOf(strips[i]!, layout.parts[0]!.columns);
      plate.reads.push({ ...reader.decode(answer, steps, classes, plate.colour), lines: layout.lines, sharpness });
    }
  }
}

function stripOf({ strips }: StripReader, i: number): Strip {
  const size = 3 * STRIP_HEIGHT * STRIP_WIDTH;
  return { data: strips.subarray(i * size, (i + 1) * size), width: STRIP_WIDTH };
}

/** Columns without a part stay grey. */
function layOut(picture: Raster, plate: Pick<Plate, 'projection' | 'samples'>, layout: Layout, strip: Strip): Strip {
  strip.data.fill(0);
  let at = 0;
  for (const { window, columns } of layout.parts) {
    fillStrip(picture, plate.projection, window, strip, at, columns, plate.samples);
    at += columns;
  }
  return strip;
}
