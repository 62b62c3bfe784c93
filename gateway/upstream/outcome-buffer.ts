/**
 * Outcomes of rows that were sent, until they are on disk. A full disk refuses even deletions: outcomes are remembered until it takes them,
 * so that no row is sent twice.
 */
import { causeOf } from '../contracts/errors.ts';
import type { DeliveryOutcome, Queue } from '../store/outbox/queue.ts';
import type { Log } from '../contracts/base.ts';

export interface OutcomeBufferOptions {
  readonly queue: Pick<Queue, 'settle'>;
  readonly relayName: string;
  readonly log: Log;
  readonly mono: () => number;
  /** The outcome of a row is on disk: the next row of its stream may go. */
  readonly written: (seq: number) => void;
}

/**
 * Each transaction waits for the disk, and so does the event loop: outcomes that come within these times are written together. After a
 * crash before that, rows are sent again, and the command room drops them.
 */
const GROUP_MS = 10;
/** At most a fifth of the time is spent on a slow disk. */
const TIMES_LAST_WRITE = 4;
const MAX_GROUP = 256;

/** Of one relay, while the store refuses; a row of each is in memory, and its stream does not go on. */
const MAX_REMEMBERED = 1_000;

export class OutcomeBuffer {
  readonly #options: OutcomeBufferOptions;
  readonly #outcomes: DeliveryOutcome[] = [];
  #error: string | undefined;
  #lastAt = -Infinity;
  #lastTookMs = 0;

  constructor(options: OutcomeBufferOptions) {
    this.#options = options;
  }

  add(outcome: DeliveryOutcome): void {
    this.#outcomes.push(outcome);
  }

  /** Writes what is due; after an error it tries at each call. */
  write(): void {
    if (this.#error !== undefined || this.dueInMs() === 0) this.flush();
  }

  /** Writes everything, due or not. */
  flush(): void {
    if (this.#outcomes.length === 0) return;
    const { queue, relayName, log, mono, written } = this.#options;
    const startedAt = mono();
    try {
      queue.settle(this.#outcomes);
      for (const { seq } of this.#outcomes) written(seq);
      this.#outcomes.length = 0;
      this.#error = undefined;
    } catch (e) {
      const why = causeOf(e);
      if (this.#error === undefined) log.error({ relay: relayName, why }, 'the store does not take acknowledgements');
      this.#error = why;
    } finally {
      this.#lastAt = mono();
      this.#lastTookMs = this.#lastAt - startedAt;
    }
  }

  /** Undefined where there is nothing to write. */
  dueInMs(): number | undefined {
    if (this.#outcomes.length === 0) return undefined;
    if (this.#outcomes.length >= MAX_GROUP) return 0;
    const pauseMs = Math.max(GROUP_MS, TIMES_LAST_WRITE * this.#lastTookMs);
    return Math.max(0, this.#lastAt + pauseMs - this.#options.mono());
  }

  /** Why the store took nothing at the last try. */
  error(): string | undefined {
    return this.#error;
  }

  /** Whether the outcomes of more rows can be remembered. */
  hasRoom(): boolean {
    return this.#outcomes.length < MAX_REMEMBERED;
  }
}
