/** The thread of follow.ts: reads the store once, hands over what it found, and ends. It loads no models. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDbReader } from '../store/db.ts';
import { giveWay } from '../store/give-way.ts';
import { buffersOfStore, loadStore, type LoadOptions } from './load.ts';

export interface LoadRequest extends LoadOptions {
  /** Of the store. */
  readonly folder: string;
}

giveWay();
const request = workerData as LoadRequest;
const db = openDbReader(request.folder);
try {
  const loaded = loadStore(db, request);
  parentPort!.postMessage(loaded, buffersOfStore(loaded));
} finally {
  db.close();
}
