/**
 * The thread of follow.ts: reads the store once, hands over what it found, and ends. It loads no models. It is as urgent as the event loop: one
 * of lower priority holds the lock of the memory map that all threads share while it waits for a core, and the event loop waits for it
 * (519 ms measured).
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openDbReader } from '../../store/db.ts';
import { buffersOfStore, loadStore, type LoadOptions } from './load-store.ts';

export interface LoadRequest extends LoadOptions {
  /** Of the store. */
  readonly folder: string;
  /** What is read instead of the file there: the store of a box that goes on without it. */
  readonly inMemory?: Uint8Array | undefined;
}

const request = workerData as LoadRequest;
const db = openDbReader(request.folder, request.inMemory);
try {
  const loaded = loadStore(db, request);
  parentPort!.postMessage(loaded, buffersOfStore(loaded));
} finally {
  db.close();
}
