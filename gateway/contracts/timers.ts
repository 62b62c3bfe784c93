/** Bounds computed timer delays: they may come from a clock, another system or the environment. Imports nothing. */

/** The limit of Node and browsers: 32 bits with a sign, 24.8 days. A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** `ms` as a timer takes it: capped at its limit, 0 where the time is over or not a number. Longer waits look at the clock again when it fires. */
export function timerMs(ms: number): number {
  return ms > 0 ? Math.min(MAX_TIMER_MS, ms) : 0;
}
