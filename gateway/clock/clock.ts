/** Wall clock, monotonic time, and the highest wall time this box has ever seen. */
import { randomBytes } from 'node:crypto';
import { BelievedTime, type ClockJump, type TimeSource } from './believed-time.ts';
import type { Id, Instant } from '../contracts/base.ts';
import type { ClockState } from '../contracts/hit.ts';

export interface Clock {
  /** Wall time; may step. For time stamps. */
  now(): Instant;
  /** Never steps back, milliseconds from an arbitrary start. For intervals and deadlines. */
  mono(): number;
  /** For expiry: the believed time, which never goes back, over restarts too, or the wall clock where that stands ahead of it. Looks, and writes nothing. */
  trusted(): Instant;
  state(): ClockState;
}

export interface PersistentClock extends Clock {
  /**
   * Looks whether a jump ahead is to be believed, whether somebody has set the believed time, and writes it down where it has run ahead of what is
   * on disk. By the clock, and where somebody acts on it. Throws what the store throws.
   */
  keep(): void;
  /** While the wall clock has jumped ahead and is not believed (believed-time.ts). */
  jump(): ClockJump | undefined;
}

/** Where the believed time is kept. */
export interface TimeStore {
  load(): Instant | undefined;
  /** Not where somebody has set another time since `setting`. */
  save(believed: Instant, setting?: string): void;
  /** What a person said last, under a name that is new each time. */
  setting?(): { readonly id: string; readonly time: Instant } | undefined;
}

/** How far the believed time may run ahead of what is on disk where `keep` is called often. A restart can lose that much, and no more. */
const SAVE_EVERY_MS = 10_000;

export interface ClockOptions {
  readonly mono?: () => number;
  /** Asked at `keep` when the clock has jumped; may be filled later. */
  readonly sources?: readonly TimeSource[];
}

/**
 * Trusted time is the believed one, or the wall clock's where that stands ahead: what has ended by either does not hold. Only the believed one is kept,
 * so that a clock that stood wrong for a while leaves nothing behind.
 */
export function openClock(
  keeper: TimeStore,
  now: () => Instant = Date.now,
  { mono = () => performance.now(), sources = [] }: ClockOptions = {},
): PersistentClock {
  const kept = keeper.load();
  let saved = kept ?? 0;
  let setting = keeper.setting?.()?.id;
  const belief = new BelievedTime(kept, now(), mono());
  const look = (): Instant => {
    const wall = now();
    belief.look(wall, mono());
    return wall;
  };
  return {
    now,
    mono,
    trusted() {
      const wall = look();
      return Math.max(belief.time, wall);
    },
    state() {
      const wall = look();
      return { highest: belief.time, behindMs: Math.max(0, belief.time - wall) };
    },
    jump() {
      return belief.jump(look());
    },
    keep() {
      const wall = look();
      const latest = keeper.setting?.();
      if (latest && latest.id !== setting) {
        setting = latest.id;
        saved = latest.time;
        belief.set(latest.time, wall, mono());
      }
      belief.weigh(wall, sources);
      if (belief.time - saved < SAVE_EVERY_MS) return;
      keeper.save(belief.time, setting);
      saved = belief.time;
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
