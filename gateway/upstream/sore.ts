/**
 * Priorities of which one event after another is turned away: something on the way does not take them (hits with pictures that a proxy finds
 * too large), and it may take the others. Each has a circuit breaker of its own (`circuit-breaker.ts`), so that it is tried one at a time beside them.
 */
import type { Line } from './circuit-breaker.ts';
import { openLine, type LineOptions } from './circuit-breaker.ts';
import { PRIORITIES } from '../store/outbox/outbox.ts';
import type { QueuedRow } from '../store/outbox/queue.ts';

/** How many rows of which priorities may be sent. */
export interface Share {
  readonly priorities: readonly number[];
  readonly rows: number;
  readonly onlyLive: boolean;
}

export interface Sore {
  turnedAway(row: QueuedRow, why: string): void;
  /** Stored, or refused for good. */
  settled(row: QueuedRow): void;
  tried(row: QueuedRow): void;
  /** `underWay`: rows of a priority that were sent. */
  shares(rows: number, onlyLive: boolean, underWay: (priority: number) => number): Share[];
  /** True once after a pause of some priority began. */
  takeMark(): boolean;
  /** Rows that were turned away more than once and still wait, MAX_KNOWN at most, and what came for the last one. */
  state(waits: (seq: number) => boolean): { readonly rows: number; readonly why: string | undefined };
}

const MAX_KNOWN = 100;

export function openSore(options: LineOptions): Sore {
  const lines = new Map<number, Line>();
  const known = new Map<number, string>();
  return {
    turnedAway({ seq, priority, tries }, why) {
      if (!lines.has(priority)) lines.set(priority, openLine(options));
      lines.get(priority)!.failed(0);
      if (tries === 0 || (!known.has(seq) && known.size >= MAX_KNOWN)) return;
      known.delete(seq);
      known.set(seq, why);
    },
    settled({ seq, priority }) {
      known.delete(seq);
      // What stood in the way of several is gone for all of them, perhaps.
      if (lines.delete(priority)) for (const line of lines.values()) line.endPause();
    },
    tried: ({ priority }) => lines.get(priority)?.tried(),
    shares(rows, onlyLive, underWay) {
      const others = { priorities: PRIORITIES.filter((p) => !lines.has(p)), rows, onlyLive };
      const own = [...lines].map(([priority, line]) => {
        const allowed = line.allowance(underWay(priority), rows);
        return { priorities: [priority], rows: allowed.rows, onlyLive: onlyLive || allowed.onlyLive };
      });
      return [others, ...own].sort((a, b) => (a.priorities[0] ?? Infinity) - (b.priorities[0] ?? Infinity));
    },
    takeMark: () => [...lines.values()].map((line) => line.takeMark()).includes(true),
    state(waits) {
      for (const seq of known.keys()) if (!waits(seq)) known.delete(seq);
      return { rows: known.size, why: [...known.values()].at(-1) };
    },
  };
}
