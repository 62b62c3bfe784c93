/** Work that waits for a free thread: bounded, first come first served, and given up rather than late. */
import { timerMs } from '../contracts/timers.ts';

export interface BoundedQueue {
  /**
   * Runs `work` when a thread is free. Rejects as `work` does; at once where too many wait already or the box stops; and when it is not
   * done after `patienceMs` (absent: no limit), in which case what runs already runs on unheard.
   */
  run<T>(work: () => Promise<T>, patienceMs?: number): Promise<T>;
  /** Takes what has waited longest: a function that starts it, whose promise resolves when it is done, well or not. */
  take(): (() => Promise<void>) | undefined;
  /** Rejects all that waits, and whatever comes from now on. */
  close(): void;
}

/** `wake` is called when something new waits. */
export function openBoundedQueue(most: number, wake: () => void): BoundedQueue {
  const pieces = new Set<{ start(): Promise<void>; fail(why: string): void }>();
  let closed = false;
  return {
    run: <T>(work: () => Promise<T>, patienceMs?: number) =>
      new Promise<T>((resolve, reject) => {
        const piece = {
          async start() {
            pieces.delete(piece);
            // A `work` that throws before its first promise rejects too.
            await (async () => work())().then(resolve, reject);
            clearTimeout(timer);
          },
          fail(why: string) {
            pieces.delete(piece);
            clearTimeout(timer);
            reject(new Error(why));
          },
        };
        const late = (): void => piece.fail(`not done within ${patienceMs} ms`);
        const timer = patienceMs === undefined ? undefined : setTimeout(late, timerMs(patienceMs));
        if (closed) return piece.fail('the box stops');
        if (pieces.size >= most) return piece.fail(`${most} wait for a thread already`);
        pieces.add(piece);
        wake();
      }),
    take() {
      const [next] = pieces;
      if (next) pieces.delete(next);
      return next && (() => next.start());
    },
    close() {
      closed = true;
      for (const piece of pieces) piece.fail('the box stops');
    },
  };
}
