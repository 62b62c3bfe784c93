/** The thread's side of the pool: reports that it is ready, then does one job at a time. */
import { parentPort, type Transferable } from 'node:worker_threads';
import { causeOf } from '../contracts/errors.ts';

/** From a thread to its pool. */
export type WorkerMessage =
  | { readonly type: 'ready'; readonly about: unknown }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failed'; readonly message: string };

export interface JobResult {
  readonly result: unknown;
  /** Buffers of the result to hand over instead of copying. */
  readonly transfer: readonly Transferable[];
}

/** Sent in place of a job: the thread finishes its current job and ends. */
export const NO_MORE_JOBS = null;

/**
 * Call it last in a worker's main file, when everything is loaded. Where `handle` throws, the job fails and the thread lives on.
 * `release` is called after the last job.
 */
export function serveJobs<Job>(
  about: unknown,
  handle: (job: Job) => Promise<JobResult>,
  release: () => Promise<void> = async () => undefined,
): void {
  const port = parentPort;
  if (port === null) throw new Error('serveJobs is for worker threads');
  const say = (message: WorkerMessage, transfer: readonly Transferable[] = []) => port.postMessage(message, transfer);
  let current: Promise<unknown> = Promise.resolve();
  port.on('message', (job: Job | typeof NO_MORE_JOBS) => {
    if (job === NO_MORE_JOBS) {
      // Native memory is released while the thread still runs; left to its end, it would be torn down in the middle of native code.
      current
        .then(release)
        .finally(() => port.close())
        .catch(() => undefined);
      return;
    }
    current = handle(job)
      .then(({ result, transfer }) => say({ type: 'result', result }, transfer))
      // Also where the result cannot be posted: the pool waits for a result or a failure.
      .catch((e: unknown) => say({ type: 'failed', message: causeOf(e) }));
  });
  say({ type: 'ready', about });
}
