/** Logins that failed through a fault of the box, not of the device. They raise a problem: a device that cannot log in cannot call for help. */
import { LoginsBusy } from './credentials.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Problem } from '../contracts/status.ts';
import type { Log } from '../contracts/base.ts';
import type { StoreHealth } from '../store/connection/health.ts';
import type { Refusals } from './refusals.ts';
import type { Registry } from './registry.ts';
import { problem } from '../contracts/words/problem.ts';
import type { CrewRooms } from './rooms.ts';

/** Devices come again within a minute, most within seconds. */
const QUIET_MS = 300_000;
const LOG_EVERY_MS = 60_000;

interface LoginWatchParts extends Pick<CrewRooms, 'clock'> {
  readonly log: Log;
  readonly refusals: Pick<Refusals, 'add'>;
  readonly registry: Pick<Registry, 'device' | 'all'>;
  readonly store: Pick<StoreHealth, 'state'>;
}

export type LoginWatch = ReturnType<typeof openLoginWatch>;

export function openLoginWatch({ clock, log, refusals, registry, store }: LoginWatchParts) {
  let times = 0;
  let cause = '';
  let lastAt = -Infinity;
  let loggedAt = -Infinity;
  const isOver = (): boolean => clock.mono() - lastAt >= QUIET_MS;
  return {
    /** `name`: the device that it claims to be; logged only where that is registered. Never throws. */
    loginError(error: unknown, name: string | undefined): void {
      const device = name !== undefined && registry.device(name) ? name : undefined;
      if (error instanceof LoginsBusy) return refusals.add('login', device);
      refusals.add('not judged', device);
      const before = isOver() ? '' : cause;
      times = isOver() ? 1 : times + 1;
      cause = causeOf(error);
      lastAt = clock.mono();
      if (cause === before && lastAt - loggedAt < LOG_EVERY_MS) return;
      loggedAt = lastAt;
      log.error({ cause, ...(device === undefined ? {} : { device }) }, 'a login of the crew could not be judged');
    },
    /** From the first until there was none for five minutes; and where the damaged store gave no device to log in. */
    problems(): Problem[] {
      const isLost = store.state().refusal?.kind === 'damaged' && registry.all().length === 0;
      const lost: Problem[] = isLost ? [problem('crew:devices', 'crew-no-devices')] : [];
      if (isOver()) return lost;
      return [...lost, problem('crew:login', 'crew-login-unjudged', { times, cause })];
    },
  };
}
