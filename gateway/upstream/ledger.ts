/** What became of the rows that were sent, until it is on disk. */
import { causeOf } from '../contracts/errors.ts';
import type { Outcome, Queue } from '../store/outbox/queue.ts';
import type { Log } from '../contracts/base.ts';

export interface LedgerParts {
  readonly queue: Pick<Queue, 'settle'>;
  readonly relayName: string;
  readonly log: Log;
  readonly mono: () => number;
  /** A row's outcome is on disk: the next of its stream may go. */
  readonly written: (seq: number) => void;
}

export interface Ledger {
  note(outcome: Outcome): void;
  /** Writes what is noted, once it is due. False while the store refuses. */
  write(): boolean;
  /** The same, due or not. */
  flush(): boolean;
  /** Until something is due; undefined where nothing is noted. */
  dueInMs(): number | undefined;
  error(): string | undefined;
  /** Whether more rows may be sent, whose outcomes are remembered until the store takes them. */
  hasRoom(): boolean;
}

/**
 * Each transaction waits for the disk, and so does the event loop: acknowledgements that come within these times are written together. A
 * crash before that only sends again what the room then drops.
 */
const GROUP_MS = 10;
/** At most a fifth of the time is spent on a slow disk. */
const TIMES_LAST_WRITE = 4;
const MAX_NOTED = 256;

/** Of one relay, while the store refuses; a row of each is in memory, and none of their streams goes on. */
const MAX_REMEMBERED = 1_000;

/** A full disk refuses even deletions: what became of the rows is then remembered, so that none is sent twice, until it can be written. */
export function openLedger({ queue, relayName, log, mono, written }: LedgerParts): Ledger {
  const noted: Outcome[] = [];
  let error: string | undefined;
  let lastAt = -Infinity;
  let lastTookMs = 0;
  const dueInMs = (): number | undefined => {
    if (noted.length === 0) return undefined;
    if (noted.length >= MAX_NOTED) return 0;
    return Math.max(0, lastAt + Math.max(GROUP_MS, TIMES_LAST_WRITE * lastTookMs) - mono());
  };
  const flush = (): boolean => {
    if (noted.length === 0) return true;
    const startedAt = mono();
    try {
      queue.settle(noted);
      for (const { seq } of noted) written(seq);
      noted.length = 0;
      error = undefined;
      return true;
    } catch (e) {
      const why = causeOf(e);
      if (error === undefined) log.error({ relay: relayName, why }, 'the store does not take acknowledgements');
      error = why;
      return false;
    } finally {
      lastAt = mono();
      lastTookMs = lastAt - startedAt;
    }
  };
  return {
    note: (outcome) => void noted.push(outcome),
    write: () => (error === undefined && dueInMs() !== 0 ? true : flush()),
    flush,
    dueInMs,
    error: () => error,
    hasRoom: () => noted.length < MAX_REMEMBERED,
  };
}
