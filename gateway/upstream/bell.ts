/** Wakes a loop that has nothing to do. */
import { timerMs } from '../contracts/timers.ts';

/** Lets the loop sleep until it is rung for or the time is over. A ring while it is awake counts. */
export function openBell(): { ring(): void; wait(ms: number, ringable: boolean): Promise<void> } {
  let rung = false;
  let wakeUp: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      wakeUp();
    },
    wait(ms, ringable) {
      return new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          wakeUp = () => undefined;
          rung = false;
          resolve();
        };
        const timer = setTimeout(end, timerMs(ms));
        if (!ringable) return;
        wakeUp = end;
        if (rung) end();
      });
    },
  };
}
