/** A lane whose view the tests set by hand, and a server that shows it. */
import type { LaneFeed, LaneView, ShownSos, SosFeed } from '../contracts/display.ts';
import { openServer, type WebServer } from './server.ts';

export interface Stand {
  readonly feed: LaneFeed;
  /** Changes the view and tells those who follow it; returns its version. */
  show(change: Partial<LaneView>): number;
  /** Shows an outcome that came `agoMs` ago, with the document on the reader. */
  outcome(last: Partial<NonNullable<LaneView['last']>>, agoMs?: number): number;
  listeners(): number;
  declines(): number;
}

export const SIGN =
  '本通道将您的面部与证件照片比对一次，不保存。 Your face is compared once with the photo on your document; nothing is kept.';

export function openStand(lane: string, compares = true): Stand {
  let view: LaneView = {
    lane,
    version: 1,
    away: [],
    noReader: false,
    presented: false,
    last: undefined,
    declined: false,
  };
  let declines = 0;
  const followers = new Set<(view: LaneView) => void>();
  const show = (change: Partial<LaneView>): number => {
    view = { ...view, ...change, version: view.version + 1 };
    for (const changed of followers) changed(view);
    return view.version;
  };
  return {
    feed: {
      compares,
      sign: compares ? SIGN : undefined,
      view: () => view,
      subscribe(changed) {
        followers.add(changed);
        return () => void followers.delete(changed);
      },
      decline() {
        declines++;
        show({ declined: true });
      },
    },
    show,
    outcome: (last, agoMs = 0) =>
      show({ presented: true, last: { outcome: 'clear', at: Date.now() - agoMs, reasons: [], ...last } }),
    listeners: () => followers.size,
    declines: () => declines,
  };
}

/** Calls for help that the tests set by hand. */
export function openCalls(): SosFeed & { set(calls: readonly ShownSos[]): void } {
  let calls: readonly ShownSos[] = [];
  const followers = new Set<() => void>();
  return {
    open: () => calls,
    subscribe(changed) {
      followers.add(changed);
      return () => void followers.delete(changed);
    },
    set(next) {
      calls = next;
      for (const changed of followers) changed();
    },
  };
}

/** `port` 0 takes any free one. */
export function serve(stands: readonly Stand[], port = 0, sos?: SosFeed): Promise<WebServer> {
  return openServer(
    { host: '127.0.0.1', port },
    {
      health: () => ({ status: 'ok' }),
      metrics: async () => ({ contentType: 'text/plain', text: '' }),
      lanes: new Map(stands.map(({ feed }) => [feed.view().lane, feed])),
      ...(sos ? { sos } : {}),
    },
  );
}
