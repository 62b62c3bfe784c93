/** Wakes a loop that has nothing to do. */
import { timerMs } from '../contracts/timers.ts';

export class WakeSignal {
  #pending = false;
  #wakeUp: () => void = () => undefined;

  /** Ends the wait that is under way, or else the next one. */
  notify(): void {
    this.#pending = true;
    this.#wakeUp();
  }

  /** Resolves after `ms`, or at `notify` where `wakeable`. */
  wait(ms: number, wakeable: boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#wakeUp = () => undefined;
        this.#pending = false;
        resolve();
      };
      const timer = setTimeout(end, timerMs(ms));
      if (!wakeable) return;
      this.#wakeUp = end;
      if (this.#pending) end();
    });
  }
}
