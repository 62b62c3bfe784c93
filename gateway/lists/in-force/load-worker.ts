/**
 * The thread of followed-lists.ts: reads the store once, posts the lists and ends. It keeps the normal priority: at a lower one it holds the lock
 * of the memory map, which all threads share, while it waits for a core, and blocks the event loop (519 ms measured).
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openDbReader } from '../../store/db.ts';
import { buffersOfStore, loadStore, type LoadOptions } from './load-store.ts';

export interface LoadRequest extends LoadOptions {
  /** Of the store. */
  readonly folder: string;
  /** Read instead of that file: the store of a box that runs without it. */
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
