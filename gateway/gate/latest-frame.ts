/** The latest frame of a gate lane's camera. Frames replace each other here unseen while no document lies on the reader. */
import { timerMs } from '../contracts/timers.ts';
import type { Instant } from '../contracts/base.ts';
import type { Frame } from '../contracts/picture.ts';

interface FrameRequest {
  readonly after: Instant;
  resolve(frame: Frame | undefined): void;
}

export class LatestFrame {
  #latest: Frame | undefined;
  readonly #requests = new Set<FrameRequest>();
  readonly #now: () => Instant;

  constructor(now: () => Instant = Date.now) {
    this.#now = now;
  }

  put(frame: Frame): void {
    this.#latest?.rgb.fill(0);
    this.#latest = frame;
    for (const request of [...this.#requests]) if (frame.at >= request.after) request.resolve(copyOf(frame));
  }

  /**
   * A frame that came in at `after` or later, as a copy that belongs to the caller; undefined when there is none by `before` or when `signal`
   * aborts. Both times are by the clock that stamps frames.
   */
  next(after: Instant, before: Instant, signal: AbortSignal): Promise<Frame | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (this.#latest && this.#latest.at >= after) return Promise.resolve(copyOf(this.#latest));
    const waitMs = before - this.#now();
    if (waitMs <= 0) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const request = {
        after,
        resolve: (frame: Frame | undefined): void => {
          this.#requests.delete(request);
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          resolve(frame);
        },
      };
      const abort = (): void => request.resolve(undefined);
      const timer = setTimeout(abort, timerMs(waitMs));
      signal.addEventListener('abort', abort, { once: true });
      this.#requests.add(request);
    });
  }

  close(): void {
    this.#latest?.rgb.fill(0);
    this.#latest = undefined;
    for (const request of [...this.#requests]) request.resolve(undefined);
  }
}

/** Each caller gets its own pixels: the comparison wipes them, the hit keeps them. */
function copyOf(frame: Frame): Frame {
  return { ...frame, rgb: new Uint8Array(frame.rgb) };
}
