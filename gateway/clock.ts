/** Wall clock, monotonic time, and the highest wall time this box has ever seen. */
import { randomBytes } from 'node:crypto';
import type { ClockState, Id, Instant } from './types.ts';

export interface Clock {
  /** Wall time; may step. For time stamps. */
  now(): Instant;
  /** Never steps back, milliseconds from an arbitrary start. For intervals and deadlines. */
  mono(): number;
  /** Wall time that never goes back, over restarts too. For expiry: turning the clock back revives nothing. Looks, and writes nothing. */
  trusted(): Instant;
  state(): ClockState;
}

export interface KeptClock extends Clock {
  /** Writes the highest time down where it has run ahead of what is on disk. By the clock, and where somebody acts on it. Throws what the store throws. */
  keep(): void;
}

/** Where the highest time is kept. */
export interface TimeKeeper {
  load(): Instant | undefined;
  save(highest: Instant): void;
}

/** How far the highest time may run ahead of what is on disk where `keep` is called often. A restart can lose that much, and no more. */
const SAVE_EVERY_MS = 10_000;

export function openClock(keeper: TimeKeeper, now: () => Instant = Date.now): KeptClock {
  let highest = keeper.load() ?? 0;
  let saved = highest;
  const trusted = (): Instant => (highest = Math.max(highest, now()));
  return {
    now,
    mono: () => performance.now(),
    trusted,
    state() {
      const top = trusted();
      return { highest: top, behindMs: Math.max(0, top - now()) };
    },
    keep() {
      const top = trusted();
      if (top - saved < SAVE_EVERY_MS) return;
      keeper.save(top);
      saved = top;
    },
  };
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new id in ULID layout (github.com/ulid/spec): 48 bits of time, 80 random bits, so that ids sort by creation. */
export function newId(at: Instant): Id {
  let value = (BigInt(Math.max(0, Math.floor(at))) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`);
  let id = '';
  for (let i = 0; i < 26; i++) {
    id = CROCKFORD[Number(value & 31n)]! + id;
    value >>= 5n;
  }
  return id;
}
