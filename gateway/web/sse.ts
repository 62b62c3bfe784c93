/** Sends the views of a lane as server-sent events (WHATWG HTML, section 9.2). */
import type { ServerResponse } from 'node:http';
import type { LaneFeed, LaneView, SosFeed } from '../contracts/display.ts';
import type { LaneFacts } from '../contracts/lane-facts.ts';

/**
 * Interval of the beats by which a display notices a pulled cable before the next visitor comes; otherwise it would go on showing the last
 * outcome. A beat is an event, because browsers hide comments from the page.
 */
export const BEAT_MS = 5_000;
/** How long an EventSource waits before it connects again. */
const RETRY_MS = 2_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Against proxies that buffer events.
  'x-accel-buffering': 'no',
};

/** Begins a stream that goes on for as long as the client reads it. */
export function startStream(response: ServerResponse): void {
  response.socket?.setTimeout(0);
  response.writeHead(200, HEADERS);
  response.write(`retry: ${RETRY_MS}\n`);
}

export interface LaneEventsOptions {
  /** Version of the page. */
  readonly page: string;
  readonly sos: SosFeed | undefined;
  /** Whether the store keeps what is shown. */
  readonly keeps: () => boolean;
  /** Whether who asked may still see it. */
  readonly mayGoOn: () => boolean;
}

/**
 * Sends facts and view of `feed` at once, then each new view, and the facts every BEAT_MS. For a slow client only the newest view waits; one
 * that reads nothing for two beats is disconnected. Calls for help are sent with the facts and at each change. Ends at the first beat at which it may
 * not go on. `ended` is called once, when the connection is closed.
 */
export function sendEvents(
  feed: LaneFeed,
  { page, sos, keeps, mayGoOn }: LaneEventsOptions,
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
  startStream(response);
  beat();
  show(feed.view());
  const unsubscribe = feed.subscribe(show);
  // A slow display gets it with the next beat, or is disconnected and connects again.
  const unsubscribeSos = sos?.subscribe(() => response.writableNeedDrain || calls());
  const timer = setInterval(() => {
    if (!mayGoOn()) response.end();
    else if (!response.writableNeedDrain) beat();
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
