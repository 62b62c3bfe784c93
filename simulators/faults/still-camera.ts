/** A snapshot camera (HTTP) that keeps the gateway waiting until there is somebody to show, so that no picture is decoded for nothing. */
import http from 'node:http';
import { serveHttp } from '../product/loopback.ts';

export type StillCamera = Awaited<ReturnType<typeof startStillCamera>>;

/** The gateway gives a request five seconds; before that it gets the empty lane. */
const EMPTY_MS = 3_000;
/** Somebody who could not be compared is shown once more after this. */
const AGAIN_MS = 500;

export async function startStillCamera(empty: Uint8Array) {
  let shown: Uint8Array | undefined;
  let fresh = false;
  let waiting: http.ServerResponse | undefined;
  let timer: NodeJS.Timeout | undefined;
  const answer = (): void => {
    clearTimeout(timer);
    const response = waiting;
    waiting = undefined;
    if (response === undefined) return;
    fresh = false;
    response.writeHead(200, { 'cache-control': 'no-store' }).end(shown ?? empty);
  };
  const server = http.createServer((_, response) => {
    waiting?.destroy();
    waiting = response;
    clearTimeout(timer);
    if (fresh) answer();
    else timer = setTimeout(answer, shown ? AGAIN_MS : EMPTY_MS);
  });
  const { port, close } = await serveHttp(server);
  return {
    url: `http://127.0.0.1:${port}/snapshot`,
    /** Sends this picture at once, and again while it is shown; `undefined`: nobody is there. */
    show(picture: Uint8Array | undefined): void {
      shown = picture;
      fresh = picture !== undefined;
      if (fresh) answer();
    },
    async close(): Promise<void> {
      clearTimeout(timer);
      await close();
    },
  };
}
