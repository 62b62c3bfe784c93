/** A snapshot camera (HTTP) that shows its next picture when the gateway has done with the one before, so that none is dropped. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_FACTOR } from '../patience.ts';
import { serveHttp } from '../product/loopback.ts';

interface SnapshotOptions {
  /** The next picture to show. */
  readonly next: () => Promise<Uint8Array>;
  /** How many pictures of this camera the gateway has analysed, found unchanged or dropped. */
  readonly done: () => Promise<number>;
}

/** The gateway gives a request five seconds; before that the last picture is shown once more. */
const PATIENCE_MS = 3_000 * PATIENCE_FACTOR;
const LOOK_EVERY_MS = 40;

export async function startSnapshots({ next, done }: SnapshotOptions) {
  let shown = 0;
  let last: Uint8Array | undefined;
  const answer = async (res: http.ServerResponse): Promise<void> => {
    const until = performance.now() + PATIENCE_MS;
    // One at a time: a second might wait for a thread that reads for another camera, and a third would push it out.
    let mayGoOn = shown === 0;
    while (!mayGoOn && performance.now() < until) {
      mayGoOn = shown <= (await done());
      if (!mayGoOn) await sleep(LOOK_EVERY_MS);
    }
    if (mayGoOn || last === undefined) last = await next();
    shown++;
    res.writeHead(200, { 'content-type': 'image/jpeg' }).end(last);
  };
  const server = http.createServer((_, res) => {
    answer(res).catch(() => res.destroy());
  });
  const { port, close } = await serveHttp(server);
  return { url: `http://127.0.0.1:${port}/snapshot.jpg`, close };
}
