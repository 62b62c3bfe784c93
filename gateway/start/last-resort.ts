/**
 * Handles uncaught errors: logs them with the part they came from, counts and audits them, stops the box in order with exit code 70
 * (EX_SOFTWARE, sysexits.h), and systemd starts it again. Rejections and exceptions alike: after either, the state of the process is unknown.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeOf, kindOf, placesOf } from '../contracts/errors.ts';
import { partNow } from '../supervise.ts';
import type { Log } from '../contracts/base.ts';
import type { Gateway } from './start.ts';

export const EXIT_SOFTWARE = 70;
/** For a stop in order; systemd waits for 20 s. */
const STOP_MS = 10_000;
const MAX_LINES = 12;

/** For a process that runs one box. `box` is called when an error arrives; `exit` ends the process. */
export function openLastResort(
  log: Log,
  box: () => Pick<Gateway, 'fatal' | 'stop'> | undefined,
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
