/**
 * Moves the write-ahead log of a running store into its file, beside the event loop: a list of 100,000 entries is thousands of pages there, and
 * copying and syncing them held it up for 100 ms. Writers and readers go on meanwhile (sqlite.org/wal.html, 2.2).
 */
import { Worker } from 'node:worker_threads';
import type { WalAnswer, WalNeeds } from './wal-worker.ts';

export interface WalCheckpoint {
  /** Begins where none is under way. False where the last one failed: then the caller does it itself, and hears why. */
  begin(): boolean;
  isUnderWay(): boolean;
  /** Ends the thread: at once, or as soon as what is under way is done. */
  close(): void;
}

const WORKER = new URL('./wal-worker.ts', import.meta.url);
/** Thousands of pages on a slow disk. */
const MAX_CLOSE_MS = 10_000;

/** The thread begins with the first checkpoint: most runs of a test never need one. `ended` is called after each; one that failed may have moved a part. */
export function openWalCheckpoint(path: string, ended: (whole: boolean) => void): WalCheckpoint {
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
    worker.on('message', (answer: WalAnswer) => end(answer === 'done'));
    // Named where the event loop then does it; without a listener it would end the box.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (thread === worker) thread = undefined;
      end(false);
    });
    return worker;
  };
  return {
    begin() {
      const may = !failed;
      failed = false;
      if (!may || underWay) return may;
      thread ??= start();
      underWay = true;
      thread.postMessage('checkpoint');
      return true;
    },
    isUnderWay: () => underWay,
    close() {
      if (!thread) return;
      thread.postMessage('close');
      // The last connection of a store tidies up: that is the one of the event loop, which waits for this one.
      Atomics.wait(closed, 0, 0, MAX_CLOSE_MS);
      thread = undefined;
    },
  };
}
