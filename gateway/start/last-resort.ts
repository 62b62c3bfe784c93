/**
 * What is done about an error that nobody caught: it is logged with the part it came from, counted and audited, the box stops in order and ends
 * with 70 (EX_SOFTWARE, sysexits.h), and systemd starts it again. One policy for rejections and exceptions: after either nobody knows what else
 * is wrong.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeOf, kindOf, placesOf } from '../contracts/errors.ts';
import { partNow } from '../supervise.ts';
import type { Log } from '../contracts/base.ts';

export const EXIT_SOFTWARE = 70;
/** What does not stop in order by then is ended: systemd waits for 20 s. */
const STOP_MS = 10_000;
const MAX_LINES = 12;

/** What the box does about it, once there is one. */
export interface Fatal {
  /** Counts it and writes it down. False: only the part it came from was ended, and the box goes on. Never throws. */
  fatal(part: string | undefined, error: unknown): boolean;
  stop(): Promise<void>;
}

/** Of a process that runs one box. `box` is asked when it happens. `exit` ends the process. */
export function openLastResort(
  log: Log,
  box: () => Fatal | undefined,
  exit: (code: number) => void = (code) => process.exit(code),
): (error: unknown) => Promise<void> {
  let ending = false;
  return async (error) => {
    const part = partNow();
    log.error(
      { part: part ?? null, cause: kindOf(error), at: placesOf(error, MAX_LINES) },
      'an error that nobody caught',
    );
    const running = box();
    if (ending || (running && !running.fatal(part, error))) return;
    ending = true;
    try {
      if (running) await Promise.race([running.stop(), sleep(STOP_MS)]);
    } catch (e) {
      log.error({ cause: causeOf(e) }, 'the box could not be stopped in order');
    }
    exit(EXIT_SOFTWARE);
  };
}
