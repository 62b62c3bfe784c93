/** What devices sent and the box refused: counted by reason, and logged once a minute for each device and reason. */
import type { CrewRefusal, InvalidField } from '../contracts/crew.ts';
import type { DeviceFaults } from './device-faults.ts';
import type { Registry } from './registry.ts';
import type { Log } from '../contracts/base.ts';
import type { CrewRooms } from './rooms.ts';

const LOG_EVERY_MS = 60_000;
/** Ever new names must not fill the memory: beyond this many nothing is logged until the minute is over. */
const MAX_LOGGED = 1_000;

interface RefusalParts extends Pick<CrewRooms, 'clock'> {
  readonly log: Log;
  /** Keeps what registered devices sent. */
  readonly faults: DeviceFaults;
  readonly registry: Pick<Registry, 'device'>;
}

export type Refusals = ReturnType<typeof openRefusals>;

export function openRefusals({ clock, log, faults, registry }: RefusalParts) {
  const counts: Partial<Record<CrewRefusal, number>> = {};
  let logged = new Set<string>();
  let since = clock.mono();
  return {
    /**
     * `device` is its registered id, where it is known who sent it. `odd`: which field, and what was expected there. Nothing of what was
     * sent is passed in.
     */
    add(why: CrewRefusal, device: string | undefined, odd?: InvalidField): void {
      counts[why] = (counts[why] ?? 0) + 1;
      const fault = { why, ...(odd ? { field: odd.field, hint: odd.why } : {}) };
      if (device !== undefined && registry.device(device)) faults.add(device, fault);
      const now = clock.mono();
      if (now - since >= LOG_EVERY_MS) [logged, since] = [new Set(), now];
      const key = `${why} ${device ?? ''} ${odd?.field ?? ''}`;
      if (logged.has(key) || logged.size >= MAX_LOGGED) return;
      logged.add(key);
      log.warn({ ...fault, ...(device === undefined ? {} : { device }) }, 'crew equipment refused');
    },
    counts: () => ({ ...counts }),
  };
}
