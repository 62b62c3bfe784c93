/** Opens the accounts and sessions of a running box, and makes the code by which its first accounts are entered. */
import type { Clock } from '../clock/clock.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Status } from '../contracts/status.ts';
import type { Instant, Log } from '../contracts/base.ts';
import type { ShiftSheet } from '../contracts/shift.ts';
import { Accounts } from '../people/accounts.ts';
import { Handovers } from '../people/handovers.ts';
import type { LoginThrottles } from '../people/login-throttle.ts';
import { Sessions } from '../people/sessions.ts';
import { SetUp } from '../people/setup-code.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';

export interface PeopleRooms {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly setUp: SetUp;
  readonly handovers: Handovers;
  readonly status: readonly Status[];
}

export function openPeople(parts: {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Clock;
  readonly throttles: LoginThrottles;
  readonly sheet: (until: Instant) => ShiftSheet;
}): PeopleRooms {
  const accounts = new Accounts(parts);
  const sessions = new Sessions({ ...parts, accounts });
  const setUp = new SetUp({ ...parts, accounts });
  const handovers = new Handovers({ ...parts, accounts, sessions });
  return { accounts, sessions, setUp, handovers, status: [accounts.status, sessions.status, setUp.status] };
}

/** Undefined where the box has accounts, or a store that takes no code: lanes, crew and upstream run without. */
export function codeForFirstAccounts({ accounts, setUp }: PeopleRooms, log: Log): string | undefined {
  try {
    return accounts.isSetUp() ? undefined : setUp.makeCode();
  } catch (error) {
    log.warn({ cause: causeOf(error) }, 'no code for the first accounts could be made; the next start makes one');
    return undefined;
  }
}
