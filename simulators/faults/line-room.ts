/**
 * A command room that does as little as one can beside the protocol: each request is answered after a given time, whatever else is under
 * way. It is run in the process of whoever measures, so that the box has its own to itself. What it was given is checked for order and repeats.
 */
import http from 'node:http';
import { encodeAck } from '../../adapters/upstream/codec.ts';
import { serveHttp } from '../product/loopback.ts';

interface LineEvent {
  readonly id: string;
  readonly sequence: string;
  readonly data: {
    readonly id?: string;
    readonly stream?: string;
    readonly evidence?: readonly { readonly sha256: string }[];
  };
}

/** `answerMs`: from the end of a request to its answer. `acknowledged` is called once an event is. */
export async function startLineRoom(answerMs: number, acknowledged: (id: string) => void) {
  const seen = new Set<string>();
  const pictures = new Set<string>();
  const newest = new Map<string, string>();
  const faults: string[] = [];
  let [atOnce, most] = [0, 0];
  const take = (event: LineEvent): void => {
    const { id, data, sequence } = event;
    const { evidence = [] } = data;
    const stream = data.stream ?? data.id ?? id;
    if (!evidence.every((e) => pictures.has(e.sha256))) faults.push(`${id} came before its pictures`);
    if (seen.has(id)) faults.push(`${id} came twice`);
    if ((newest.get(stream) ?? '') > sequence) faults.push(`${id} came after a later one of its stream`);
    seen.add(id);
    newest.set(stream, sequence);
  };
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = [];
    most = Math.max(most, ++atOnce);
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const id = String(req.headers['webhook-id']);
      if (req.method === 'POST') take(JSON.parse(Buffer.concat(chunks).toString()) as LineEvent);
      setTimeout(() => {
        atOnce--;
        res.end(encodeAck(id));
        if (req.method === 'PUT') pictures.add(id);
        else acknowledged(id);
      }, answerMs);
    });
  });
  server.keepAliveTimeout = 60_000;
  const { port, close } = await serveHttp(server);
  return {
    url: `http://127.0.0.1:${port}`,
    /** What was wrong with what came: an event twice, before its pictures, or before an earlier one of its stream. */
    faults,
    /** Requests that were under way at one time, at most. */
    maxAtOnce: () => most,
    close,
  };
}
