/** The display of one gate lane: its view and who watches it. The end of a number and a ticket disappear from it after a while. */
import type { LaneView } from '../contracts/display.ts';

const VISIBLE_MS = 10_000;

/** Names one outcome. Two visitors may have theirs in the same millisecond. */
export type OutcomeId = symbol;

type LastOutcome = NonNullable<LaneView['last']>;

export class LaneDisplay {
  #view: LaneView;
  #shownId: OutcomeId | undefined;
  readonly #watchers = new Set<(view: LaneView) => void>();
  #numberTimer: NodeJS.Timeout | undefined;
  #ticketTimer: NodeJS.Timeout | undefined;

  constructor(lane: string) {
    this.#view = {
      lane,
      version: 0,
      away: [],
      noReader: false,
      presented: false,
      last: undefined,
      declined: false,
    };
  }

  view(): LaneView {
    return this.#view;
  }

  /** Calls `changed` with each new view. Returns how to stop that. */
  subscribe(changed: (view: LaneView) => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  show(change: Partial<Omit<LaneView, 'lane' | 'version' | 'last' | 'ticket'>>): void {
    this.#replace({ ...this.#view, ...change });
  }

  /** Replaces the outcome that is shown. */
  showOutcome(last: LastOutcome): OutcomeId {
    clearTimeout(this.#numberTimer);
    this.#shownId = Symbol(last.outcome);
    if (last.lastFour !== undefined) this.#numberTimer = setTimeout(() => this.#hideNumber(), VISIBLE_MS);
    this.#replace({ ...this.#view, last });
    return this.#shownId;
  }

  /** The outcome that is shown; undefined before the first. */
  shownOutcome(): OutcomeId | undefined {
    return this.#shownId;
  }

  /** Adds to an outcome. Does nothing when another visitor's outcome has replaced it. */
  amendOutcome(id: OutcomeId, more: Partial<LastOutcome>): void {
    const { last } = this.#view;
    if (last && id === this.#shownId) this.#replace({ ...this.#view, last: { ...last, ...more } });
  }

  showTicket(token: string): void {
    clearTimeout(this.#ticketTimer);
    this.#replace({ ...this.#view, ticket: token });
    this.#ticketTimer = setTimeout(() => {
      const { ticket: _, ...rest } = this.#view;
      this.#replace(rest);
    }, VISIBLE_MS);
  }

  close(): void {
    clearTimeout(this.#numberTimer);
    clearTimeout(this.#ticketTimer);
    this.#watchers.clear();
  }

  #hideNumber(): void {
    if (!this.#view.last) return;
    const { lastFour: _, ...last } = this.#view.last;
    this.#replace({ ...this.#view, last });
  }

  #replace(next: LaneView): void {
    this.#view = { ...next, version: this.#view.version + 1 };
    for (const changed of this.#watchers) changed(this.#view);
  }
}
