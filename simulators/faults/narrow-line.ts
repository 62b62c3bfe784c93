/** A TCP line in front of a server on loopback that carries so many bytes per millisecond upwards, shared by all connections through it. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface NarrowLine {
  readonly url: string;
  close(): Promise<void>;
}

export async function openNarrowLine(to: string, bytesPerMs: number): Promise<NarrowLine> {
  const port = Number(new URL(to).port);
  const sockets = new Set<Socket>();
  let carried: Promise<void> = Promise.resolve();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    }
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
