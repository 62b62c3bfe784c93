/** The thread's side of the pool: says that it is ready, then answers one job at a time. */
import { parentPort, type Transferable } from 'node:worker_threads';

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

/** In place of a job: the thread ends when it has done what it is doing. */
export const NO_MORE_JOBS = null;

/**
 * Call it last in a worker's main file, when everything is loaded. `handle` throws for a job it cannot do; the thread lives on.
 * `release` is called when the last job is done.
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
      // Native code is given back while the thread still lives: what is left to its end is taken down under it.
      current
        .then(release)
        .finally(() => port.close())
        .catch(() => undefined);
      return;
    }
    current = handle(job)
      .then(({ result, transfer }) => say({ type: 'result', result }, transfer))
      // Also where the result cannot be sent: the pool waits for one word or the other.
      .catch((e: unknown) => say({ type: 'failed', message: e instanceof Error ? e.message : String(e) }));
  });
  say({ type: 'ready', about });
}
