/**
 * Pictures that plate cameras push are decoded on a thread of their own: a picture that takes too long costs that thread, and no lane its
 * reader. The reading threads get decoded pictures only, none larger than a frame.
 */
import { causeOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/base.ts';
import { openBoundedQueue } from './bounded-queue.ts';
import type { DecodeJob, DecodeResult, PicturePair } from './jobs.ts';
import { openPool } from './pool.ts';
import { english } from '../contracts/words/words.ts';

export type PictureDecoder = ReturnType<typeof openPictureDecoder>;

/** The camera waits for its answer. */
const PATIENCE_MS = 2_000;
/** Longer than the decoder's own limit: a job that takes longer hangs. */
const DEADLINE_MS = 8_000;
const MAX_WAITING = 8;

/** `threads`: 0 where no camera pushes. */
export function openPictureDecoder(threads: 0 | 1, program: URL, log: Log) {
  const pool = openPool<DecodeJob, { decode: DecodeResult }>({ threads, workerUrl: program, log });
  const pump = (): void => {
    while (pool.free()) {
      const start = waiting.take();
      if (!start) return;
      // `run` rejects with the failure.
      start().catch(() => undefined);
    }
  };
  const waiting = openBoundedQueue(MAX_WAITING, pump);
  pool.onFree(pump);
  return {
    /** Never rejects: `refused` names what could not be decoded, or not in time. The files are copied. */
    async decode(files: PicturePair<Uint8Array>): Promise<DecodeResult> {
      const run = () => {
        // The copies are transferred. Transferring a view would take the camera's whole message along.
        const pictures = Object.fromEntries(
          Object.entries(files).map(([which, bytes]: [string, Uint8Array]) => [which, new Uint8Array(bytes)] as const),
        );
        const transfer = Object.values(pictures).map((bytes) => bytes.buffer);
        return pool.run({ kind: 'decode', pictures }, transfer, DEADLINE_MS);
      };
      try {
        return await waiting.run(run, PATIENCE_MS);
      } catch (error) {
        const why = english('thread-not-in-time', { cause: causeOf(error) });
        return { pictures: {}, refused: Object.fromEntries(Object.keys(files).map((which) => [which, why])) };
      }
    },
    async close() {
      waiting.close();
      await pool.close();
    },
  };
}
