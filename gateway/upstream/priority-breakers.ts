/**
 * A circuit breaker for each priority whose events are turned away: something on the way does not take them (hits with pictures that a proxy
 * finds too large), and it may take the others. Such a priority is tried one event at a time, beside the others.
 */
import { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
import { PRIORITIES } from '../store/outbox/outbox.ts';
import type { QueuedRow } from '../store/outbox/queue.ts';

/** How many rows of which priorities may be sent. */
export interface Share {
  readonly priorities: readonly number[];
  readonly rows: number;
  readonly onlyLive: boolean;
}

const MAX_TURNED_AWAY = 100;

export class PriorityBreakers {
  readonly #options: CircuitBreakerOptions;
  readonly #breakers = new Map<number, CircuitBreaker>();
  /** Why, by row number: rows that were turned away more than once. */
  readonly #turnedAway = new Map<number, string>();

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  turnedAway({ seq, priority, tries }: QueuedRow, why: string): void {
    const breaker = this.#breakers.get(priority) ?? new CircuitBreaker(this.#options);
    this.#breakers.set(priority, breaker);
    breaker.failed(0);
    const rows = this.#turnedAway;
    if (tries === 0 || (!rows.has(seq) && rows.size >= MAX_TURNED_AWAY)) return;
    rows.delete(seq);
    rows.set(seq, why);
  }

  /** Stored, or refused for good. */
  settled({ seq, priority }: QueuedRow): void {
    this.#turnedAway.delete(seq);
    // What was in the way of this priority was perhaps in the way of the others too.
    if (this.#breakers.delete(priority)) for (const breaker of this.#breakers.values()) breaker.endPause();
  }

  tried({ priority }: QueuedRow): void {
    this.#breakers.get(priority)?.tried();
  }

  /** `underWay`: rows of a priority that were sent. */
  shares(rows: number, onlyLive: boolean, underWay: (priority: number) => number): Share[] {
    const others = { priorities: PRIORITIES.filter((p) => !this.#breakers.has(p)), rows, onlyLive };
    const own = [...this.#breakers].map(([priority, breaker]) => {
      const allowed = breaker.allowance(underWay(priority), rows);
      return { priorities: [priority], rows: allowed.rows, onlyLive: onlyLive || allowed.onlyLive };
    });
    return [others, ...own].sort((a, b) => (a.priorities[0] ?? Infinity) - (b.priorities[0] ?? Infinity));
  }

  /** True once after a pause of some priority began. */
  takePauseBegan(): boolean {
    return [...this.#breakers.values()].map((breaker) => breaker.takePauseBegan()).includes(true);
  }

  /** Rows that were turned away more than once and still wait, MAX_TURNED_AWAY at most, and why the last one was. */
  state(waits: (seq: number) => boolean): { readonly rows: number; readonly why: string | undefined } {
    for (const seq of this.#turnedAway.keys()) if (!waits(seq)) this.#turnedAway.delete(seq);
    return { rows: this.#turnedAway.size, why: [...this.#turnedAway.values()].at(-1) };
  }
}
