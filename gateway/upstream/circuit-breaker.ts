/**
 * Judges from successes and failures whether the line to one relay is up, and how much may be tried on it. Pure but for the clock given.
 * After two failures in a row the line is suspected: it is tried with one row at a time, after pauses that double from `firstMs` to
 * `mostMs`; an event that has only just happened may try it sooner, once per `firstMs`. So one bad row delays only itself, and a line
 * that is down is neither hammered nor found up again late.
 */
export interface LineOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly mono: () => number;
  readonly random: () => number;
}

export interface Line {
  /** The other side stored, or refused for good: either way it is there. */
  answered(): void;
  /** `busyMs` is what the other side asked for itself, 0 if it did not. */
  failed(busyMs: number): void;
  tried(): void;
  /** Of the `places` that the window has beside what is under way, how many may be used now, and whether only by events that have just happened. */
  allowance(underWay: number, places: number): { readonly rows: number; readonly onlyLive: boolean };
  /** Somebody else got through: the pause is over, and one row may be tried. */
  endPause(): void;
  /** True once after each pause began: what is waiting by then has become backlog. */
  takeMark(): boolean;
  /** The `nth` pause in a row, with ±20 % of jitter so that many boxes do not knock in step; `longer`: up to so many times the longest. */
  pauseMs(nth: number, longer?: number): number;
}

const SUSPECT_AFTER = 2;
/** A room that asks for more patience than this is asked again all the same. */
const MOST_BUSY_MS = 3_600_000;
/** It may be the maintenance page of a proxy that asks: one event is tried so often meanwhile, calls for help and hits first. */
const MIN_BUSY_PAUSE_MS = 60_000;

export function openLine({ firstMs, mostMs, mono, random }: LineOptions): Line {
  let strikes = 0;
  let rounds = 0;
  let pausedUntil = -Infinity;
  let busyUntil = -Infinity;
  let triedAt = -Infinity;
  /** When the other side asked for patience, or was tried all the same. */
  let askedAt = -Infinity;
  let probing = false;
  let mark = false;
  const pauseMs = (nth: number, longer = 1): number =>
    Math.min(mostMs * longer, firstMs * 2 ** Math.min(nth - 1, 20) * (0.8 + 0.4 * random()));
  const suspected = (): boolean => strikes >= SUSPECT_AFTER;
  return {
    pauseMs,
    answered() {
      strikes = 0;
      rounds = 0;
      pausedUntil = -Infinity;
      // Others that were sent before it asked for patience say nothing of that.
      if (probing) busyUntil = -Infinity;
      probing = false;
    },
    failed(busyMs) {
      strikes++;
      const now = mono();
      probing = false;
      if (busyMs > 0) {
        busyUntil = Math.max(busyUntil, now + Math.min(busyMs, MOST_BUSY_MS));
        askedAt = now;
      }
      // Sends that were under way together fail together: they are one round, not many.
      if (!suspected() || now < pausedUntil) return;
      rounds++;
      pausedUntil = now + pauseMs(rounds);
      mark = true;
    },
    tried() {
      triedAt = mono();
      probing = triedAt < busyUntil;
      if (probing) askedAt = triedAt;
    },
    allowance(underWay, places) {
      const now = mono();
      if (now < busyUntil) {
        const mayAsk = underWay === 0 && now >= askedAt + MIN_BUSY_PAUSE_MS;
        return { rows: mayAsk ? Math.min(1, places) : 0, onlyLive: false };
      }
      if (!suspected()) return { rows: places, onlyLive: false };
      const onlyLive = now < pausedUntil;
      const tooSoon = onlyLive && now < triedAt + firstMs;
      return { rows: tooSoon || underWay > 0 ? 0 : Math.min(1, places), onlyLive };
    },
    endPause: () => void (pausedUntil = -Infinity),
    takeMark() {
      const was = mark;
      mark = false;
      return was;
    },
  };
}
