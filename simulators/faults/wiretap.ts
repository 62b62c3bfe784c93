/** A line between the gateway and the command room that keeps every byte which goes up. */
import net from 'node:net';

export interface Wiretap {
  /** Address for the gateway. */
  readonly url: string;
  /** What went up so far; connections one after the other. */
  bytes(): Buffer;
  close(): Promise<void>;
}

export async function startWiretap(roomUrl: string): Promise<Wiretap> {
  const connections: Buffer[][] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((box) => {
    const taken: Buffer[] = [];
    connections.push(taken);
    const room = net.connect(Number(new URL(roomUrl).port), '127.0.0.1');
    box.on('data', (chunk) => void taken.push(chunk));
    box.pipe(room).pipe(box);
    for (const socket of [box, room]) {
      sockets.add(socket);
      socket.on('error', () => [box, room].forEach((s) => s.destroy()));
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    bytes: () => Buffer.concat(connections.map((c) => Buffer.concat(c))),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
