/** Accounts and sessions on a real store, with a clock that the test moves. */
import { SILENT_LOG } from '../contracts/base.ts';
import type { Person } from '../contracts/people.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { shiftSheet } from '../monitor/shift-sheet.ts';
import { verifyAudit } from '../store/audit.ts';
import { testDb } from '../store/db.fixtures.ts';
import { getMeta, setMeta, type Db } from '../store/db.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { putPerson } from '../store/people.ts';
import { storedEvents } from '../store/sealing/sealing.fixtures.ts';
import { Accounts } from './accounts.ts';
import { hashWith } from './credentials.ts';
import { Handovers } from './handovers.ts';
import { LoginThrottles } from './login-throttle.ts';
import { Sessions } from './sessions.ts';
import { SetUp } from './setup-code.ts';

export const T0 = Date.UTC(2026, 10, 30, 8);
export const HOUR_MS = 3_600_000;
/** The answer of a hash says what it cost: checking these takes no time. */
const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };
/** Of every person whose password the test does not set, by the service number. */
export const passwordOf = (serviceNumber: string): string => `yellow boat of ${serviceNumber}`;
export const PIN = '270413';
export const HERE = '192.0.2.7';

export interface PeopleParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly setUp: SetUp;
  readonly handovers: Handovers;
  readonly throttles: LoginThrottles;
}

export function openPeopleRig(folder = tempFolder()) {
  let db: Db = testDb(folder);
  let [wall, trusted] = [T0, T0];
  let meanwhile: () => void = () => undefined;
  const clock = { now: () => wall, trusted: () => trusted };
  const open = (): PeopleParts => {
    const throttles = new LoginThrottles(SILENT_LOG, clock.now);
    throttles.keepIn({ load: () => getMeta(db, 'wrongLogins'), save: (text) => setMeta(db, 'wrongLogins', text) });
    const limits = { rows: 1_000, bytes: 1e7 };
    const outbox = new OutboxWriter(db, {
      source: '/s',
      relays: ['room'],
      limits,
      now: clock.now,
      wake: () => undefined,
    });
    const commonPasswords = () => {
      meanwhile();
      return new Set(['qwertyuiop', 'password123']);
    };
    const accounts = new Accounts({ db, outbox, clock, throttles, commonPasswords });
    const sessions = new Sessions({ db, clock, accounts });
    const rooms = { db, clock, lists: () => [], relays: ['room'], isRunning: true };
    const sheet = (until: number) => shiftSheet(rooms, until);
    const handovers = new Handovers({ db, outbox, clock, accounts, sessions, sheet });
    return { accounts, sessions, throttles, handovers, setUp: new SetUp({ db, outbox, clock, accounts, throttles }) };
  };
  return {
    ...open(),
    folder,
    now: clock.now,
    get db() {
      return db;
    },
    go(ms: number) {
      wall += ms;
      // As the box does it: time goes on while the clock is behind.
      trusted = Math.max(trusted + Math.max(0, ms), wall);
    },
    /** Happens when those behind a change have proved who they are, and the new password is looked at. */
    meanwhile(happens: () => void) {
      meanwhile = happens;
    },
    /** The same store under a new process. */
    restart(): PeopleParts {
      db.close();
      db = testDb(folder);
      return open();
    },
    /** A person with an account that has all rights of its roles. */
    async person(serviceNumber: string, more: Partial<Person> = {}) {
      const [hash, pinHash] = await Promise.all([hashWith(passwordOf(serviceNumber), CHEAP), hashWith(PIN, CHEAP)]);
      const name = `Person ${serviceNumber.slice(-1)}`;
      const usual = { serviceNumber, name, kind: 'police', roles: ['officer'], created: T0, judgesFrom: T0 } as const;
      putPerson(db, { ...usual, vouchedBy: [], hash, pinHash, ...more });
      return { serviceNumber, password: passwordOf(serviceNumber) };
    },
    /** `who: what` of each row; throws where the chain is not whole. */
    audit(): string[] {
      const verdict = verifyAudit(db);
      if (!verdict.ok) throw new Error(verdict.why);
      const rows = db.prepare('SELECT who, what FROM audit ORDER BY seq').all() as { who: string; what: string }[];
      return rows.map((row) => `${row.who}: ${row.what}`);
    },
    events(): unknown[] {
      return storedEvents(db).map(({ data }) => data);
    },
  };
}

/** The code of a refusal; `ok` for anything else. */
export function codeOf(result: object | undefined): string {
  return result && 'refused' in result ? (result.refused as { code: string }).code : 'ok';
}
