/** The thread of wal-checkpoint.ts: its own connection writes only what others have committed. */
import { parentPort, workerData } from 'node:worker_threads';
import { openForCheckpoints } from '../db.ts';

export interface WalNeeds {
  /** Path of the store. */
  readonly path: string;
  /** Becomes 1 once the connection is closed. */
  readonly closed: Int32Array<SharedArrayBuffer>;
}

const { path, closed } = workerData as WalNeeds;
const port = parentPort!;
const file = openForCheckpoints(path);

/** False if it failed. */
const checkpoint = (): boolean => {
  try {
    file.checkpoint();
    return true;
  } catch {
    // The caller then runs it itself and reports the cause.
    return false;
  }
};
port.on('message', (what: 'checkpoint' | 'close') => {
  if (what === 'checkpoint') return port.postMessage(checkpoint());
  file.close();
  Atomics.store(closed, 0, 1);
  Atomics.notify(closed, 0);
  port.close();
});
