/** Number plates: pictures in, reads out. The only part of this folder that others use. */
import type { PlateRead, Point, Quad, Sha256 } from '../../gateway/types.ts';
import { loadModel } from '../manifest.ts';
import type { Raster } from '../picture.ts';
import { detect, openDetector } from './detect.ts';
import { centreOf, isInside, sizeOf } from './geometry.ts';
import { openReader, read } from './read.ts';

export interface PlatesOptions {
  /** Polygon in pixels of the picture; candidates with their centre outside are not read. */
  readonly region?: readonly Point[];
  /** The picture is one of a stream: more of the vehicle follow, so far plates get less effort. */
  readonly stream?: boolean;
  /** Keep reads of the band `ignore` too. */
  readonly ignored?: boolean;
}

/** Reads and where the time went. */
export interface Plates {
  readonly reads: PlateRead[];
  readonly detectMs: number;
  readonly readMs: number;
}

/** Serves one call at a time: it keeps its scratch memory. */
export interface PlateReader {
  /** All plates of a picture, best first; of reads at one place only the best. */
  plates(picture: Raster, options?: PlatesOptions): Promise<Plates>;
  /** The picture is one plate, cut out: its one read, whatever its band. */
  crop(picture: Raster): Promise<Plates>;
  /** Of the model files in use, for the evidence. */
  readonly sha256s: readonly Sha256[];
}

/** A picture full of text must not hold the thread for ever: more candidates are left out, the least probable first. */
const MOST_CANDIDATES = 12;

/** Loads and checks the models. Throws when a file is missing or not the one it should be. */
export async function openPlateReader(): Promise<PlateReader> {
  const files = {
    detect: loadModel('plate/detect'),
    read: loadModel('plate/read'),
    keys: loadModel('plate/dictionary'),
  };
  const detector = await openDetector(files.detect);
  const reader = await openReader(files.read, files.keys);
  return {
    sha256s: [files.detect.sha256, files.read.sha256],
    async plates(picture, { region, stream = false, ignored = false } = {}) {
      checkSize(picture);
      const startedAt = performance.now();
      const found = await detect(detector, picture, stream ? 'stream' : 'still');
      const wanted = found.filter((c) => region === undefined || isInside(region, centreOf(c.corners)));
      const detectedAt = performance.now();
      const reads: PlateRead[] = [];
      for (const c of wanted.slice(0, MOST_CANDIDATES))
        reads.push(
          await read(reader, picture, {
            corners: c.corners,
            lines: c.stacked ? 'two' : 'either',
            edge: 'drawn',
            stream,
          }),
        );
      const kept = onePerPlace(reads).filter((r) => ignored || r.band !== 'ignore');
      return { reads: kept, detectMs: detectedAt - startedAt, readMs: performance.now() - detectedAt };
    },
    async crop(picture) {
      checkSize(picture);
      const startedAt = performance.now();
      const reads = [await read(reader, picture, { corners: wholeOf(picture), lines: 'either', edge: 'cut' })];
      return { reads, detectMs: 0, readMs: performance.now() - startedAt };
    },
  };
}

function checkSize({ width, height, rgb }: Raster): void {
  if (rgb.length === width * height * 3 && rgb.length > 0) return;
  throw new Error(`a picture of ${width} × ${height} pixels has ${rgb.length} bytes of RGB, not ${width * height * 3}`);
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
