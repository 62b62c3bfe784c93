/** What devices sent and the box refused: counted by reason, and logged once a minute for each device and reason. */
import type { CrewRefusal, InvalidField } from '../contracts/crew.ts';
import type { Clock } from '../clock/clock.ts';
import type { DeviceFaults } from './device-faults.ts';
import type { Log } from '../contracts/base.ts';

export interface Refusals {
  /**
   * `device` is its registered id, where it is known who sent it. `odd`: which field, and what was expected there. Nothing of what was sent is
   * passed in.
   */
  add(why: CrewRefusal, device: string | undefined, odd?: InvalidField): void;
  counts(): Readonly<Partial<Record<CrewRefusal, number>>>;
}

const LOG_EVERY_MS = 60_000;
/** Ever new names must not fill the memory: beyond this many nothing is logged until the minute is over. */
const MAX_SAID = 1_000;

/** `faults` keeps what registered devices sent. */
export function openRefusals(
  clock: Pick<Clock, 'mono'>,
  log: Log,
  faults: { readonly of: DeviceFaults; readonly isRegistered: (device: string) => boolean },
): Refusals {
  const counts: Partial<Record<CrewRefusal, number>> = {};
  let logged = new Set<string>();
  let since = clock.mono();
  return {
    add(why, device, odd) {
      counts[why] = (counts[why] ?? 0) + 1;
      if (device !== undefined && faults.isRegistered(device))
        faults.of.add(device, { why, ...(odd ? { field: odd.field, hint: odd.why } : {}) });
      const now = clock.mono();
      if (now - since >= LOG_EVERY_MS) [logged, since] = [new Set(), now];
      const key = `${why} ${device ?? ''} ${odd?.field ?? ''}`;
      if (logged.has(key) || logged.size >= MAX_SAID) return;
      logged.add(key);
      log.warn(
        { why, ...(device === undefined ? {} : { device }), ...(odd ? { field: odd.field, hint: odd.why } : {}) },
        'crew equipment refused',
      );
    },
    counts: () => ({ ...counts }),
  };
}
