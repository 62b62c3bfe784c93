/** Work under way on the road, so that a stop can wait for it. */
import type { Log } from '../contracts/base.ts';
import { causeOf } from '../contracts/errors.ts';

export class PendingWork {
  readonly #pending = new Set<Promise<unknown>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** `then` is called when the work is done, well or not. */
  add(work: Promise<unknown>, then: () => void = () => undefined): void {
    this.#pending.add(work);
    const done = (): void => {
      this.#pending.delete(work);
      then();
    };
    work
      .then(done, done)
      .catch((error: unknown) => this.#log.error({ cause: causeOf(error) }, 'the road lanes have a fault'));
  }

  /** Resolves when nothing is under way, work added meanwhile included. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }
}
