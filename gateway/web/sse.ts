/** A lane's views as server-sent events (WHATWG HTML, section 9.2). */
import type { ServerResponse } from 'node:http';
import type { LaneFeed, LaneView, SosFeed } from '../contracts/display.ts';
import type { LaneFacts } from '../contracts/lane-facts.ts';

/**
 * A sign of life this often. Browsers hide comments from the page, so the sign is an event: without it a pulled cable would leave the
 * last outcome standing, and a display has to notice before the next visitor comes.
 */
export const BEAT_MS = 5_000;
/** How long an EventSource waits before it connects again. */
const RETRY_MS = 2_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // For proxies that would collect events before they pass them on.
  'x-accel-buffering': 'no',
};

/**
 * Sends `feed` to `response`: facts and view at once, each new view, and the facts every BEAT_MS. While the client does not keep up, only
 * the newest view waits for it; one that takes nothing for two beats is cut off. Calls for help go with the facts and at each change.
 * Calls `ended` once, when the connection is gone.
 */
export function sendEvents(
  feed: LaneFeed,
  { page, sos, keeps }: { readonly page: string; readonly sos: SosFeed | undefined; readonly keeps: () => boolean },
  response: ServerResponse,
  ended: () => void,
): void {
  let waiting: LaneView | undefined;
  let slow = false;
  const facts = (): LaneFacts => ({
    compares: feed.compares,
    ...(feed.sign === undefined ? {} : { sign: feed.sign }),
    page,
    now: Date.now(),
    ...(keeps() ? {} : { notKept: true as const }),
  });
  const send = (text: string): void => void response.write(`${text}\n\n`);
  const calls = (): void => send(`event: sos\ndata: ${JSON.stringify(sos?.open() ?? [])}`);
  const beat = (): void => {
    send(`: alive\nevent: lane\ndata: ${JSON.stringify(facts())}`);
    if (sos) calls();
  };
  const show = (view: LaneView): void => {
    if (response.writableNeedDrain) waiting = view;
    else send(`id: ${view.version}\ndata: ${JSON.stringify(view)}`);
  };
  response.on('drain', () => {
    slow = false;
    const newest = waiting;
    waiting = undefined;
    if (newest) show(newest);
  });
  response.socket?.setTimeout(0);
  response.writeHead(200, HEADERS);
  response.write(`retry: ${RETRY_MS}\n`);
  beat();
  show(feed.view());
  const unsubscribe = feed.subscribe(show);
  // A display that does not keep up hears of it with its next beat, or is cut off and connects again.
  const unsubscribeSos = sos?.subscribe(() => response.writableNeedDrain || calls());
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) beat();
    else if (slow) response.destroy();
    else slow = true;
  }, BEAT_MS);
  response.once('close', () => {
    clearInterval(timer);
    unsubscribe();
    unsubscribeSos?.();
    ended();
  });
}
