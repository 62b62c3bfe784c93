/** The thread of wal-checkpoint.ts: a connection of its own that writes nothing but what others have committed. */
import { parentPort, workerData } from 'node:worker_threads';
import { openForCheckpoints } from '../db.ts';

export interface WalNeeds {
  /** Of the store. */
  readonly path: string;
  /** Becomes 1 once the connection is closed. */
  readonly closed: Int32Array<SharedArrayBuffer>;
}

export type WalAnswer = 'done' | 'failed';

const { path, closed } = workerData as WalNeeds;
const port = parentPort!;
const file = openForCheckpoints(path);

const checkpoint = (): WalAnswer => {
  try {
    file.checkpoint();
    return 'done';
  } catch {
    // Who asked tries itself, and says why.
    return 'failed';
  }
};
port.on('message', (what: 'checkpoint' | 'close') => {
  if (what === 'checkpoint') return port.postMessage(checkpoint());
  file.close();
  Atomics.store(closed, 0, 1);
  Atomics.notify(closed, 0);
  port.close();
});
