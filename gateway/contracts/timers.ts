/** Times for timers that are computed: from clocks that people set, from what others ask for, from the environment. Imports nothing. */

/** Of Node and of browsers: 32 bits with a sign, 24.8 days. A longer timer would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** `ms` as a timer takes it: no longer than it can be, and none at all where the time is over or is no number. Who waits longer looks again. */
export function timerMs(ms: number): number {
  return ms > 0 ? Math.min(MAX_TIMER_MS, ms) : 0;
}
