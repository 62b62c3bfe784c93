/** Wall clock, monotonic time, and the highest wall time this box has ever seen. */
import { randomBytes } from 'node:crypto';
import type { ClockState, Id, Instant } from './types.ts';

export interface Clock {
  /** Wall time; may step. For time stamps. */
  now(): Instant;
  /** Never steps back, milliseconds from an arbitrary start. For intervals and deadlines. */
  mono(): number;
  /** Wall time that never goes back, over restarts too. For expiry: turning the clock back revives nothing. */
  trusted(): Instant;
  state(): ClockState;
}

/** Where the highest time is kept. */
export interface TimeKeeper {
  load(): Instant | undefined;
  save(highest: Instant): void;
}

/** How far the highest time may run ahead of what is on disk. A restart within this span can lose that much, no more. */
const SAVE_EVERY_MS = 10_000;

export function openClock(keeper: TimeKeeper, now: () => Instant = Date.now): Clock {
  let highest = keeper.load() ?? 0;
  let saved = highest;
  const trusted = (): Instant => {
    highest = Math.max(highest, now());
    if (highest - saved >= SAVE_EVERY_MS) {
      saved = highest;
      keeper.save(highest);
    }
    return highest;
  };
  return {
    now,
    mono: () => performance.now(),
    trusted,
    state() {
      const top = trusted();
      return { highest: top, behindMs: Math.max(0, top - now()) };
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
