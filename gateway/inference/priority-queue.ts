/**
 * Urgent jobs go before frames of the road: a visitor or a camera waits, and a road camera has another frame in a moment.
 * Its length needs no limit: a gate lane asks for one job at a time, and pushed pictures wait in bounded queues before.
 */
import type { Transferable } from 'node:worker_threads';
import type { InferenceJob, InferenceResults } from './jobs.ts';
import type { Pool } from './pool.ts';

export type PriorityQueue = ReturnType<typeof openPriorityQueue>;

export function openPriorityQueue(pool: Pool<InferenceJob, InferenceResults>, deadlineMs: number) {
  const waiting = new Set<() => void>();
  return {
    /** Whether the road may take a thread now. */
    free: () => waiting.size === 0 && pool.free(),
    /** Runs the job as soon as a thread is free. Rejects as `Pool.run` does, and with the signal's reason when that aborts before it runs. */
    run: <J extends InferenceJob>(job: J, transfer: readonly Transferable[], signal: AbortSignal) =>
      new Promise<InferenceResults[J['kind']]>((resolve, reject) => {
        signal.throwIfAborted();
        const leave = (): void => {
          waiting.delete(start);
          signal.removeEventListener('abort', give);
        };
        // Takes the thread before this returns, so that no other caller can.
        const start = (): void => {
          leave();
          resolve(pool.run<J>(job, transfer, deadlineMs));
        };
        const give = (): void => {
          leave();
          reject(signal.reason as Error);
        };
        if (waiting.size === 0 && pool.free()) return start();
        waiting.add(start);
        signal.addEventListener('abort', give, { once: true });
      }),
    /** A thread became free. */
    pump(): void {
      for (const start of waiting) {
        if (!pool.free()) return;
        start();
      }
    },
  };
}
