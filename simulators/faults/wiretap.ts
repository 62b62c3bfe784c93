/** A line between the gateway and the command room that keeps every byte which goes up. */
import { connect } from 'node:net';
import { serveTcp } from '../product/loopback.ts';

export type Wiretap = Awaited<ReturnType<typeof startWiretap>>;

/** `url`: the address for the gateway. */
export async function startWiretap(roomUrl: string) {
  const connections: Buffer[][] = [];
  const { port, close } = await serveTcp((box) => {
    const chunks: Buffer[] = [];
    connections.push(chunks);
    const room = connect(Number(new URL(roomUrl).port), '127.0.0.1');
    box.on('data', (chunk) => void chunks.push(chunk));
    box.pipe(room).pipe(box);
    box.once('close', () => room.destroy());
    room.on('error', () => box.destroy());
  });
  return {
    url: `http://127.0.0.1:${port}`,
    /** What went up so far; connections one after the other. */
    bytes: () => Buffer.concat(connections.map((c) => Buffer.concat(c))),
    close,
  };
}
