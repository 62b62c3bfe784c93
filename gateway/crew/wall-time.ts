/** What is kept by the monotonic clock, said in the wall time of now: a wall clock that is set moves all of it alike, so order and age stay right. */
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';

type BothClocks = Pick<Clock, 'now' | 'mono'>;

export function wallOf(mono: number, clock: BothClocks): Instant {
  return Math.round(clock.now() - (clock.mono() - mono));
}

/** Of an instant in the wall time of now. */
export function monoOf(at: Instant, clock: BothClocks): number {
  return clock.mono() - (clock.now() - at);
}
