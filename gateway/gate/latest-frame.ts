/**
 * The newest frame of a gate lane's camera, and no other. It is handed out to whoever waits for one and looked at only then:
 * while no document lies on the reader, frames replace each other here unseen.
 */
import { timerMs } from '../contracts/timers.ts';
import type { Instant } from '../contracts/base.ts';
import type { Frame } from '../contracts/picture.ts';

export interface Latest {
  put(frame: Frame): void;
  /**
   * A frame that came in at `after` or later, which is then the caller's own; undefined when there is none by `before` (both by the clock
   * that stamps frames) or when `signal` aborts.
   */
  next(after: Instant, before: Instant, signal: AbortSignal): Promise<Frame | undefined>;
  close(): void;
}

export function openLatest(now: () => Instant = Date.now): Latest {
  let newest: Frame | undefined;
  const waiting = new Set<{ readonly after: Instant; give(frame: Frame | undefined): void }>();
  /** Of several that wait each gets pixels of its own: what is compared is wiped, what proves a hit is kept. */
  const own = (frame: Frame): Frame => ({ ...frame, rgb: new Uint8Array(frame.rgb) });
  return {
    put(frame) {
      newest?.rgb.fill(0);
      newest = frame;
      for (const who of [...waiting]) if (frame.at >= who.after) who.give(own(frame));
    },
    next(after, before, signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (newest && newest.at >= after) return Promise.resolve(own(newest));
      const patience = before - now();
      if (patience <= 0) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const who = {
          after,
          give(frame: Frame | undefined) {
            waiting.delete(who);
            clearTimeout(timer);
            signal.removeEventListener('abort', abort);
            resolve(frame);
          },
        };
        const abort = (): void => who.give(undefined);
        const timer = setTimeout(abort, timerMs(patience));
        signal.addEventListener('abort', abort, { once: true });
        waiting.add(who);
      });
    },
    close() {
      newest?.rgb.fill(0);
      newest = undefined;
      for (const who of [...waiting]) who.give(undefined);
    },
  };
}
