/** Sends one row of the outbox, turns what the relay did into an outcome, and logs when delivery stops and when it goes on. */
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../contracts/base.ts';
import { Busy, causeOf, Rejected, TurnedAway } from '../contracts/errors.ts';
import type { Envelope, Relay } from '../contracts/relay.ts';
import { isDamage } from '../store/db.ts';
import type { DeliveryOutcome, QueuedRow } from '../store/outbox/queue.ts';
import { sendWithin } from './deadline.ts';
import type { PriorityBreakers } from './priority-breakers.ts';
import type { SendUnderWay } from './window.ts';
import { english } from '../contracts/words/words.ts';

export interface RowSenderOptions {
  readonly relayName: string;
  readonly relay: Relay;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
  readonly breaker: CircuitBreaker;
  readonly priorities: PriorityBreakers;
}

/** What is turned away waits up to this many times longer than what fails: ten minutes. */
const TURNED_AWAY_FACTOR = 10;

export class RowSender {
  readonly #options: RowSenderOptions;
  readonly #count = { stored: 0, rejected: 0, failed: 0 };
  #error: string | undefined;

  constructor(options: RowSenderOptions) {
    this.#options = options;
  }

  state() {
    return { ...this.#count, error: this.#error };
  }

  /** Never rejects. Undefined when `signal` aborted meanwhile: the row stays as it is. */
  async send(
    row: QueuedRow,
    { end, limitMs }: SendUnderWay & { readonly limitMs: number },
    signal: AbortSignal,
  ): Promise<DeliveryOutcome | undefined> {
    let envelope: Envelope;
    try {
      ({ envelope } = row);
    } catch (e) {
      end('given up');
      if (e instanceof Rejected || isDamage(e))
        return this.#rejected(row, causeOf(e), 'an event in the outbox cannot be read any more; it is kept and shown');
      // A disk or a lock in the way is the fault of neither the row nor the line.
      return this.#retry(row, english('outbox-event-unread', { cause: causeOf(e) }));
    }
    try {
      await sendWithin(this.#options.relay, envelope, limitMs, signal);
      end('answered');
      return this.#stored(row);
    } catch (e) {
      if (!signal.aborted) return this.#failed(row, e, end);
      end('given up');
      return undefined;
    }
  }

  #stored(row: QueuedRow): DeliveryOutcome {
    const { breaker, priorities, log, relayName } = this.#options;
    breaker.answered();
    priorities.settled(row);
    this.#count.stored++;
    if (this.#error !== undefined) log.info({ relay: relayName }, 'delivering again');
    this.#error = undefined;
    return { seq: row.seq, kind: 'stored' };
  }

  #failed(row: QueuedRow, error: unknown, end: SendUnderWay['end']): DeliveryOutcome {
    const { breaker, priorities } = this.#options;
    const why = causeOf(error);
    if (error instanceof Rejected || error instanceof TurnedAway) {
      end('answered');
      breaker.answered();
      if (error instanceof TurnedAway) {
        priorities.turnedAway(row, why);
        return this.#retry(row, why, TURNED_AWAY_FACTOR);
      }
      priorities.settled(row);
      return this.#rejected(row, why, 'the command room refused an event; it is kept and shown');
    }
    end('failed');
    breaker.failed(error instanceof Busy ? Math.max(error.afterMs, breaker.pauseMs(1)) : 0);
    return this.#retry(row, why);
  }

  #rejected({ seq, id }: QueuedRow, why: string, message: string): DeliveryOutcome {
    this.#count.rejected++;
    this.#options.log.error({ relay: this.#options.relayName, event: id, why }, message);
    return { seq, kind: 'rejected', why };
  }

  #retry({ seq, tries }: QueuedRow, why: string, factor = 1): DeliveryOutcome {
    const { breaker, clock, log, relayName } = this.#options;
    if (this.#error === undefined) log.warn({ relay: relayName, why }, 'cannot deliver; events wait in the outbox');
    this.#error = why;
    this.#count.failed++;
    return { seq, kind: 'retry', why, dueMs: Math.round(clock.now() + breaker.pauseMs(tries + 1, factor)) };
  }
}
