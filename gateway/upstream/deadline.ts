/** Hands an event to a relay, and waits no longer than its time. */
import type { Envelope, Relay } from '../contracts/relay.ts';
import { timerMs } from '../contracts/timers.ts';
import { english } from '../contracts/words/words.ts';

/** Ends when the relay does, or the deadline passes, or `signal` aborts: also for a relay that heeds no signal. */
export async function sendWithin(
  relay: Relay,
  envelope: Envelope,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController();
  const timer = setTimeout(
    () => ending.abort(new Error(english('no-acknowledgement', { ms: limitMs }))),
    timerMs(limitMs),
  );
  const stop = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([
      relay.send(envelope, ending.signal),
      new Promise<never>((_, reject) => {
        ending.signal.addEventListener('abort', () => reject(ending.signal.reason as Error), { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
