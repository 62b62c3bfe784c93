/** What one gate lane shows: the view, who watches it, and the two things in it that go away by themselves. */
import type { LaneView } from '../contracts/display.ts';

/** How long the end of a number, or a ticket, stays on the screen. */
const SHOWN_MS = 10_000;

/** One outcome, whatever becomes known of it. Two visitors may have theirs in the same millisecond. */
export type ShownOutcome = symbol;

export interface Display {
  view(): LaneView;
  subscribe(changed: (view: LaneView) => void): () => void;
  /** Changes the view and tells who watches. */
  show(change: Partial<Omit<LaneView, 'lane' | 'version' | 'last' | 'ticket'>>): void;
  /** A new outcome takes the place of the one before. Returns which one it is, for `amend`. */
  outcome(last: NonNullable<LaneView['last']>): ShownOutcome;
  /** Which outcome is shown; undefined before the first. */
  shown(): ShownOutcome | undefined;
  /** More is known of an outcome. Of one that is not shown any more, nothing is said: the screen is about another visitor. */
  amend(outcome: ShownOutcome, more: Partial<NonNullable<LaneView['last']>>): void;
  ticket(token: string): void;
  /** Nothing is shown or forgotten by the clock any more. */
  close(): void;
}

export function openDisplay(lane: string): Display {
  let view: LaneView = {
    lane,
    version: 0,
    away: [],
    noReader: false,
    presented: false,
    last: undefined,
    declined: false,
  };
  let shown: ShownOutcome | undefined;
  const watchers = new Set<(view: LaneView) => void>();
  const timers: { number?: NodeJS.Timeout; ticket?: NodeJS.Timeout } = {};
  const change = (next: LaneView): void => {
    view = { ...next, version: view.version + 1 };
    for (const changed of watchers) changed(view);
  };
  const forgetNumber = (): void => {
    if (!view.last) return;
    const { lastFour: _, ...rest } = view.last;
    change({ ...view, last: rest });
  };
  return {
    view: () => view,
    subscribe(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    show: (part) => change({ ...view, ...part }),
    outcome(last) {
      clearTimeout(timers.number);
      const outcome = Symbol(last.outcome);
      shown = outcome;
      if (last.lastFour !== undefined) timers.number = setTimeout(forgetNumber, SHOWN_MS);
      change({ ...view, last });
      return outcome;
    },
    shown: () => shown,
    amend(outcome, more) {
      if (view.last && outcome === shown) change({ ...view, last: { ...view.last, ...more } });
    },
    ticket(token) {
      clearTimeout(timers.ticket);
      change({ ...view, ticket: token });
      timers.ticket = setTimeout(() => {
        const { ticket: _, ...rest } = view;
        change(rest);
      }, SHOWN_MS);
    },
    close() {
      clearTimeout(timers.number);
      clearTimeout(timers.ticket);
      watchers.clear();
    },
  };
}
