/** Number plates: pictures in, reads out. The way into this folder. */
import type { PlateRead } from '../../gateway/contracts/plate.ts';
import type { PlateSighting, SurePlate } from '../../gateway/inference/jobs.ts';
import { isInside, type Point, type Quad } from '../../gateway/contracts/picture.ts';
import { loadModel } from '../manifest.ts';
import { checkSize } from '../picture.ts';
import type { PixelBox, Raster } from '../raster.ts';
import { detectText, type TextDetector, openTextDetector } from './detect.ts';
import { findPlates, type PlateFinder, openPlateFinder } from './find.ts';
import { boxAt, centreOf, sizeOf } from './geometry.ts';
import { openStripReader, readAll, sharpnessIn, type StripReader, type PlateShape } from './read.ts';
import { setSureAside } from './sure-plates.ts';

export interface PlateReadOptions {
  /** Polygons in pixels of the picture; candidates with their centre outside of all of them are not read. */
  readonly regions?: readonly (readonly Point[])[];
  /** The picture is one of a stream: more of the vehicle follow, so the text detector's second look is spared. */
  readonly stream?: boolean;
  /** Keep reads of the band `reject` too. */
  readonly rejected?: boolean;
  /** Only these parts of them are searched, in pixels of the picture. */
  readonly parts?: readonly PixelBox[];
  /** Of vehicles that are surely read; see sure-plates.ts. */
  readonly sure?: readonly SurePlate[];
}

export interface PlateReads {
  readonly reads: PlateRead[];
  /** Sure plates that were found and not read. */
  readonly sightings: readonly PlateSighting[];
  /** How many went to the reader. */
  readonly attempts: number;
  /** How long finding the plates took. */
  readonly detectMs: number;
}

/** Serves one call at a time: it keeps its scratch memory. */
export type PlateReader = Awaited<ReturnType<typeof openPlateReader>>;

/** A picture full of text must not occupy the thread for ever: the least probable candidates are left out. */
const MAX_CANDIDATES = 12;
/** In a stream, reading less probable proposals costs more than it finds: a vehicle that comes nearer is soon surer. */
const MIN_STREAM = 0.4;
/** Narrower plates cannot be read: 24 pixels are 3 a character. */
const MIN_WIDTH = 24;

const NOTHING: PlateReads = { reads: [], sightings: [], attempts: 0, detectMs: 0 };

interface PlateModels {
  readonly finder: PlateFinder;
  readonly detector: TextDetector;
  readonly reader: StripReader;
}

/** Loads and checks the models. Throws when a file is missing or not the one it should be. */
export async function openPlateReader() {
  const files = {
    find: loadModel('plate/find'),
    detect: loadModel('plate/detect'),
    read: loadModel('plate/read'),
    keys: loadModel('plate/dictionary'),
  };
  const chain: PlateModels = {
    finder: await openPlateFinder(files.find),
    detector: await openTextDetector(files.detect),
    reader: await openStripReader(files.read, files.keys),
  };
  return {
    /** Of the model files in use, for the evidence. */
    sha256s: [files.find.sha256, files.detect.sha256, files.read.sha256],
    /** All plates of a picture, best first; of reads at one place only the best. */
    async plates(picture: Raster, options: PlateReadOptions = {}): Promise<PlateReads> {
      checkSize(picture);
      const first = await readFound(chain.reader, picture, options, firstLook(chain, picture, options));
      const second = isEnough(first.reads, options)
        ? NOTHING
        : await readFound(chain.reader, picture, options, secondLook(chain, picture));
      const reads = onePerPlace([...first.reads, ...second.reads]);
      return {
        reads: reads.filter((r) => options.rejected || r.band !== 'reject'),
        sightings: first.sightings,
        attempts: first.attempts + second.attempts,
        detectMs: first.detectMs + second.detectMs,
      };
    },
    /** The picture is one plate, cut out: its one read, whatever its band. */
    async crop(picture: Raster): Promise<PlateReads> {
      checkSize(picture);
      const reads = await readAll(chain.reader, picture, [{ corners: wholeOf(picture), lines: 'either', edge: 'cut' }]);
      return { ...NOTHING, reads, attempts: 1 };
    },
  };
}

/** Reads what was found in the region. */
async function readFound(
  reader: StripReader,
  picture: Raster,
  { regions, sure = [] }: PlateReadOptions,
  finding: Promise<readonly PlateShape[]>,
): Promise<PlateReads> {
  const startedAt = performance.now();
  const found = await finding;
  const detectMs = performance.now() - startedAt;
  const shapes = found.filter((shape) => isWanted(shape.corners, regions)).slice(0, MAX_CANDIDATES);
  const { sightings, rest } = setSureAside(shapes, sure, (shape) => sharpnessIn(reader, picture, shape));
  return { reads: await readAll(reader, picture, rest), sightings, attempts: rest.length, detectMs };
}

/** With our own plate finder. */
async function firstLook(
  { finder }: PlateModels,
  picture: Raster,
  { regions, parts, stream = false }: PlateReadOptions,
): Promise<PlateShape[]> {
  const area = { ...(regions ? { box: boxOf(regions.flat()) } : {}), ...(parts ? { parts } : {}) };
  const found = await findPlates(finder, picture, area);
  return found
    .filter((f) => sizeOf(f.corners).width >= MIN_WIDTH && (!stream || f.probability >= MIN_STREAM))
    .map(({ corners, lines }) => ({ corners, lines, edge: 'found', stream }));
}

/** With the text detector, which costs ten times as much and finds lines of writing of any kind. */
async function secondLook({ detector }: PlateModels, picture: Raster): Promise<PlateShape[]> {
  const found = await detectText(detector, picture);
  return found.map(({ corners, stacked }) => ({ corners, lines: stacked ? 2 : 'either', edge: 'drawn' }));
}

/** A single picture without a sure read is worth a second look; of a stream the next frame is. */
function isEnough(reads: readonly PlateRead[], { stream = false }: PlateReadOptions): boolean {
  return stream || reads.some((r) => r.band === 'accept');
}

function isWanted(corners: Quad, regions: PlateReadOptions['regions']): boolean {
  return regions === undefined || regions.some((region) => isInside(region, centreOf(corners)));
}

function boxOf(region: readonly Point[]): PixelBox {
  const { x, y, width, height } = boxAt(region, 0);
  return { left: x - width / 2, top: y - height / 2, width, height };
}

function wholeOf({ width, height }: Raster): Quad {
  return [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
}

/** Best first; a read whose centre lies within half a plate's width of a better one is the same plate. */
function onePerPlace(reads: readonly PlateRead[]): PlateRead[] {
  const kept: PlateRead[] = [];
  for (const r of [...reads].sort((a, b) => b.probability - a.probability)) {
    const [x, y] = centreOf(r.corners);
    const near = (k: PlateRead) => {
      const [kx, ky] = centreOf(k.corners);
      return Math.hypot(kx - x, ky - y) <= 0.5 * sizeOf(r.corners).width;
    };
    if (!kept.some(near)) kept.push(r);
  }
  return kept;
}
