/** Inference threads of a verb: it keeps no log, and gives up where a box would try again. */
import { SILENT_LOG } from '../contracts/base.ts';
import type { LoadedModels, InferenceJob, ModelSelection, InferenceResults } from '../inference/jobs.ts';
import { openPool, type Pool, untilFree } from '../inference/pool.ts';
import { english } from '../contracts/words/words.ts';

export type Threads = Pool<InferenceJob, InferenceResults>;

/** One picture on a slow box takes some seconds at most; longer means that the thread hangs. */
export const DEADLINE_MS = 60_000;

/** `worker`: the program of the threads. Resolves when the first thread is ready. Rejects when it cannot start: it would not start a second time either. */
export async function openThreads(worker: URL, needs: ModelSelection, threads = 1): Promise<Threads> {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  const pool: Threads = openPool({ threads, workerUrl: worker, workerData: needs, log: SILENT_LOG, lost: lost.reject });
  try {
    await Promise.race([untilFree(pool), lost.promise]);
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** As openThreads, with what the threads say of their face models; rejects where these cannot be loaded. */
export async function openFaceThreads(
  worker: URL,
  faces: NonNullable<ModelSelection['faces']>,
  threads = 1,
): Promise<{ readonly pool: Threads; readonly threshold: number }> {
  const pool = await openThreads(worker, { plates: false, faces }, threads);
  const { faces: loaded } = pool.about() as LoadedModels;
  if (loaded && 'threshold' in loaded) return { pool, threshold: loaded.threshold };
  await pool.close();
  throw new Error(loaded?.problem ?? english('faces-no-models'));
}
