/** Runs a source again and again, with a growing pause. The only place in the product that knows about trying again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { timerMs } from './timers.ts';

export interface Pauses {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** What happened, for health, metrics and the log. */
export interface Watcher {
  started(): void;
  failed(error: unknown, pauseMs: number): void;
}

/** Runs that lasted this long count as healthy: the next pause is the first one again. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * Calls `run` until `signal` aborts. A run that ends without the signal, by rejection or not, is a loss and is tried again
 * after a pause that doubles from `firstMs` to `mostMs`, with ±20 % of jitter so that many boxes do not knock in step.
 */
export async function supervise(
  run: (signal: AbortSignal) => Promise<void>,
  pauses: Pauses,
  watcher: Watcher,
  signal: AbortSignal,
  random: () => number = Math.random,
): Promise<void> {
  let pause = pauses.firstMs;
  while (!signal.aborted) {
    const startedAt = performance.now();
    let error: unknown;
    try {
      watcher.started();
      await run(signal);
      error = new Error('ended without being asked to');
    } catch (e) {
      error = e;
    }
    if (signal.aborted) return;
    if (performance.now() - startedAt >= HEALTHY_AFTER_MS) pause = pauses.firstMs;
    const wait = Math.min(pauses.mostMs, pause * (0.8 + 0.4 * random()));
    watcher.failed(error, wait);
    pause = Math.min(pauses.mostMs, pause * 2);
    await sleep(timerMs(wait), undefined, { signal }).catch(() => undefined);
  }
}
