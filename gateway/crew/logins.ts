/** Logins that could not be judged, for a mistake of the box and none of the device: never in silence, for whoever is not let in calls for help unheard. */
import { LoginsBusy } from './credentials.ts';
import type { Clock } from '../clock/clock.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Problem } from '../contracts/status.ts';
import type { Log } from '../contracts/base.ts';
import type { StoreHealth } from '../store/connection/health.ts';
import type { Refusals } from './refusals.ts';
import type { Registry } from './registry.ts';
import { problem } from '../contracts/words/problem.ts';

export interface LoginWatch {
  /** `name`: whom it said it is. Kept and said only where such a device is registered. Throws nothing. */
  notJudged(error: unknown, name: string | undefined): void;
  /** From the first until there was none for five minutes; and where the damaged store gave no device to log in. */
  problems(): readonly Problem[];
}

/** Devices come again within a minute, most within seconds. */
const QUIET_MS = 300_000;
const SAID_EVERY_MS = 60_000;

export function openLoginWatch(parts: {
  readonly clock: Pick<Clock, 'mono'>;
  readonly log: Log;
  readonly refusals: Pick<Refusals, 'add'>;
  readonly registry: Pick<Registry, 'device' | 'all'>;
  readonly store: Pick<StoreHealth, 'state'>;
}): LoginWatch {
  const { clock, log, refusals, registry, store } = parts;
  let times = 0;
  let cause = '';
  let lastAt = -Infinity;
  let saidAt = -Infinity;
  const isOver = (): boolean => clock.mono() - lastAt >= QUIET_MS;
  return {
    notJudged(error, name) {
      const device = name !== undefined && registry.device(name) ? name : undefined;
      if (error instanceof LoginsBusy) return refusals.add('login', device);
      refusals.add('not judged', device);
      const before = isOver() ? '' : cause;
      times = isOver() ? 1 : times + 1;
      cause = causeOf(error);
      lastAt = clock.mono();
      if (cause === before && lastAt - saidAt < SAID_EVERY_MS) return;
      saidAt = lastAt;
      log.error({ cause, ...(device === undefined ? {} : { device }) }, 'a login of the crew could not be judged');
    },
    problems() {
      const isLost = store.state().refusal?.kind === 'damaged' && registry.all().length === 0;
      const lost: Problem[] = isLost ? [problem('crew:devices', 'crew-no-devices')] : [];
      if (isOver()) return lost;
      return [...lost, problem('crew:login', 'crew-login-unjudged', { times, cause })];
    },
  };
}
