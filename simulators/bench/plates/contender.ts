/** What reads plates in the bench, each asked the same way, and the product's own chain as one of them. */
import type { InferenceSession } from 'onnxruntime-node';
import { openPlateReader, type PlateReads } from '../../../models/plate/index.ts';
import type { Raster } from '../../../models/raster.ts';

/** A picture as the file that it came in, and decoded. */
export interface TestPicture {
  readonly file: string;
  readonly raster: Raster;
}

export interface PlateAnswer {
  /** Plates, without separators; of a crop only the first counts. */
  readonly texts: readonly string[];
  /** Those that would raise a hit by themselves, where the contender tells them from the others. */
  readonly accepted?: readonly string[];
  /** Net of decoding the file. */
  readonly ms: number;
  /** Of these, finding the plates. */
  readonly detectMs?: number;
  /** What was taken off for decoding, where the contender decodes by itself. */
  readonly decodeMs?: number;
}

/** One thread, one call at a time. */
export interface Contender {
  readonly name: string;
  /** The picture is a whole one; absent where the contender has no detector. */
  readonly frame?: (picture: TestPicture) => Promise<PlateAnswer>;
  /** The picture is one plate, cut out; absent where it makes no difference how the contender is asked. */
  readonly crop?: (picture: TestPicture) => Promise<PlateAnswer>;
}

/** The same for every contender; the product's own sessions (models/session.ts) say the same. */
export const ONE_THREAD: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
};

export const OURS = 'sitebox';
/** As a road lane asks: more pictures of the vehicle follow, so no second look is worth its time. */
export const OURS_STREAM = 'sitebox in a stream';

export async function openOurs(): Promise<Contender[]> {
  const reader = await openPlateReader();
  const timed = async (read: () => Promise<PlateReads>): Promise<PlateAnswer> => {
    const startedAt = performance.now();
    const { reads, detectMs } = await read();
    const ms = performance.now() - startedAt;
    const accepted = reads.filter((r) => r.band === 'accept');
    return { texts: reads.map((r) => r.text), accepted: accepted.map((r) => r.text), ms, detectMs };
  };
  return [
    {
      name: OURS,
      frame: ({ raster }) => timed(() => reader.plates(raster)),
      crop: ({ raster }) => timed(() => reader.crop(raster)),
    },
    { name: OURS_STREAM, frame: ({ raster }) => timed(() => reader.plates(raster, { stream: true })) },
  ];
}
