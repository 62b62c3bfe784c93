/** A TCP line in front of a server on loopback that carries so many bytes per millisecond upwards, shared by all connections through it. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveTcp } from '../product/loopback.ts';

export async function openNarrowLine(to: string, bytesPerMs: number) {
  let carried: Promise<void> = Promise.resolve();
  const { port, close } = await serveTcp((near) => {
    const far = connect(Number(new URL(to).port), '127.0.0.1');
    far.on('error', () => undefined);
    // One piece after another, whichever connection it is of: a queue, as a modem has.
    near.on('data', (piece) => {
      carried = carried.then(async () => {
        await sleep(piece.length / bytesPerMs);
        if (!far.destroyed) far.write(piece);
      });
    });
    near.once('close', () => far.destroy());
    far.pipe(near);
  });
  return { url: `http://127.0.0.1:${port}`, close };
}
