/** Work that waits for a free thread: bounded, first in first out, with a deadline. */
import { timerMs } from '../contracts/timers.ts';
import { english } from '../contracts/words/words.ts';

export type BoundedQueue = ReturnType<typeof openBoundedQueue>;

/** `wake` is called when work was added. */
export function openBoundedQueue(maxWaiting: number, wake: () => void) {
  const pieces = new Set<{ start(): Promise<void>; fail(why: string): void }>();
  let closed = false;
  return {
    /**
     * Runs `work` when a thread is free. Rejects as `work` does; at once when the queue is full or the box stops; and when the work is not
     * done after `patienceMs` (absent: no limit). Work that has started then runs on, and its result is dropped.
     */
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
        const late = (): void => piece.fail(english('queue-late', { ms: patienceMs! }));
        const timer = patienceMs === undefined ? undefined : setTimeout(late, timerMs(patienceMs));
        if (closed) return piece.fail(english('queue-stops'));
        if (pieces.size >= maxWaiting) return piece.fail(english('queue-full', { most: maxWaiting }));
        pieces.add(piece);
        wake();
      }),
    /** Takes the oldest work out: a function that starts it. Its promise resolves when the work is done, well or not. */
    take(): (() => Promise<void>) | undefined {
      const [next] = pieces;
      if (next) pieces.delete(next);
      return next && (() => next.start());
    },
    /** Rejects all that waits and all that is added later. */
    close(): void {
      closed = true;
      for (const piece of pieces) piece.fail(english('queue-stops'));
    },
  };
}
