/**
 * Judges from successes and failures whether a relay can be reached, and how much may be sent to it now. Two failures in a row open the
 * breaker: one row at a time is tried then, after pauses that double from `firstMs` to `maxMs`; an event that has only just happened may be
 * tried sooner, once per `firstMs`. So one bad row delays only itself, and a relay that is down is neither hammered nor found again late.
 */
export interface CircuitBreakerOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly mono: () => number;
  readonly random: () => number;
}

const OPENS_AFTER = 2;
/** A command room that asks for more patience than this is tried again all the same. */
const MAX_BUSY_MS = 3_600_000;
/** The maintenance page of a proxy may ask for patience too: one event is tried this often meanwhile, calls for help and hits first. */
const MIN_BUSY_PAUSE_MS = 60_000;

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #failuresInARow = 0;
  #pausesInARow = 0;
  #pausedUntil = -Infinity;
  #busyUntil = -Infinity;
  #triedAt = -Infinity;
  /** When the other side asked for patience, or was tried during it. */
  #busyTriedAt = -Infinity;
  #triesWhileBusy = false;
  #pauseBegan = false;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** The other side stored the event or refused it for good: either way it can be reached. */
  answered(): void {
    this.#failuresInARow = 0;
    this.#pausesInARow = 0;
    this.#pausedUntil = -Infinity;
    // An answer to what was sent before the other side asked for patience does not end the patience.
    if (this.#triesWhileBusy) this.#busyUntil = -Infinity;
    this.#triesWhileBusy = false;
  }

  /** `busyMs`: the patience that the other side asked for, or 0. */
  failed(busyMs: number): void {
    this.#failuresInARow++;
    const now = this.#options.mono();
    this.#triesWhileBusy = false;
    if (busyMs > 0) {
      this.#busyUntil = Math.max(this.#busyUntil, now + Math.min(busyMs, MAX_BUSY_MS));
      this.#busyTriedAt = now;
    }
    // Sends that were under way together fail together: one pause for all of them.
    if (!this.#isOpen() || now < this.#pausedUntil) return;
    this.#pausesInARow++;
    this.#pausedUntil = now + this.pauseMs(this.#pausesInARow);
    this.#pauseBegan = true;
  }

  tried(): void {
    this.#triedAt = this.#options.mono();
    this.#triesWhileBusy = this.#triedAt < this.#busyUntil;
    if (this.#triesWhileBusy) this.#busyTriedAt = this.#triedAt;
  }

  /** Of the `places` that the window has beside what is under way, how many may be used now, and whether only by events that have just happened. */
  allowance(underWay: number, places: number): { readonly rows: number; readonly onlyLive: boolean } {
    const now = this.#options.mono();
    if (now < this.#busyUntil) {
      const mayTry = underWay === 0 && now >= this.#busyTriedAt + MIN_BUSY_PAUSE_MS;
      return { rows: mayTry ? Math.min(1, places) : 0, onlyLive: false };
    }
    if (!this.#isOpen()) return { rows: places, onlyLive: false };
    const onlyLive = now < this.#pausedUntil;
    const tooSoon = onlyLive && now < this.#triedAt + this.#options.firstMs;
    return { rows: tooSoon || underWay > 0 ? 0 : Math.min(1, places), onlyLive };
  }

  /** Other events got through: one row may be tried at once. */
  endPause(): void {
    this.#pausedUntil = -Infinity;
  }

  /** True once after each pause began: what waits by then is backlog. */
  takePauseBegan(): boolean {
    const began = this.#pauseBegan;
    this.#pauseBegan = false;
    return began;
  }

  /** The `nth` pause in a row, with ±20 % of jitter so that many boxes do not try in step; at most `maxMs` times `factor`. */
  pauseMs(nth: number, factor = 1): number {
    const { firstMs, maxMs, random } = this.#options;
    return Math.min(maxMs * factor, firstMs * 2 ** Math.min(nth - 1, 20) * (0.8 + 0.4 * random()));
  }

  #isOpen(): boolean {
    return this.#failuresInARow >= OPENS_AFTER;
  }
}
