/**
 * Checkpoints the write-ahead log of a running store off the event loop: a list of 100,000 entries is thousands of pages there, and copying and
 * syncing them blocked the loop for 100 ms. Writers and readers go on meanwhile (sqlite.org/wal.html, 2.2).
 */
import { Worker } from 'node:worker_threads';
import type { WalNeeds } from './wal-worker.ts';

const WORKER = new URL('./wal-worker.ts', import.meta.url);
/** Enough for thousands of pages on a slow disk. */
const MAX_CLOSE_MS = 10_000;

/** Starts the thread with the first checkpoint, which most test runs never need. Calls `ended` after each; a failed one may be partly done. */
export function openWalCheckpoint(path: string, ended: (whole: boolean) => void) {
  let thread: Worker | undefined;
  let underWay = false;
  let failed = false;
  /** Set by the thread once its connection is closed. */
  const closed = new Int32Array(new SharedArrayBuffer(4));

  const end = (whole: boolean): void => {
    if (!underWay) return;
    underWay = false;
    failed ||= !whole;
    ended(whole);
  };
  const start = (): Worker => {
    const worker = new Worker(WORKER, { workerData: { path, closed } satisfies WalNeeds, execArgv: [] });
    worker.unref();
    worker.on('message', end);
    // The event loop then runs the checkpoint and reports the cause; without a listener the error would end the box.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (thread === worker) thread = undefined;
      end(false);
    });
    return worker;
  };
  return {
    /** Starts a checkpoint unless one is running. False if the last one failed: the caller then runs it itself and gets the error. */
    begin(): boolean {
      const may = !failed;
      failed = false;
      if (!may || underWay) return may;
      thread ??= start();
      underWay = true;
      thread.postMessage('checkpoint');
      return true;
    },
    isUnderWay: () => underWay,
    /** Ends the thread: at once, or when the running checkpoint is done. */
    close(): void {
      if (!thread) return;
      thread.postMessage('close');
      // The last connection of a store cleans up its helper files: that must be the event loop's, so it waits for this one.
      Atomics.wait(closed, 0, 0, MAX_CLOSE_MS);
      thread = undefined;
    },
  };
}
