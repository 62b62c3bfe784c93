/**
 * The first accounts of a box, and the way back where too few people are left. A code that root reads at the console opens a session of one hour, in
 * which two officers and an auditor or technician are entered, each with a password that its owner types. All three accounts are made at once, or
 * none: a box with one officer could never get a second.
 */
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import type { Status } from '../contracts/status.ts';
import { iso } from '../contracts/time.ts';
import { problem } from '../contracts/words/problem.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import { setMeta, type Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import { findPerson, putPerson, type StoredPerson } from '../store/people.ts';
import {
  addCode,
  findSession,
  removeCodesFor,
  removeSessionsOf,
  removeSessionsOfKind,
  takeCode,
} from '../store/sessions.ts';
import { recordAccount, recordRecovery } from './account-log.ts';
import { WAIT_MS, type Accounts, type NewPerson } from './accounts.ts';
import { digestOf, newCode } from './credentials.ts';
import { SETUP_CODE, type LoginThrottles } from './login-throttle.ts';
import { openSession } from './open-session.ts';
import { isRefusal, refuse, type Refusal } from './refusal.ts';

/** 80 random bits, to be typed; wrong ones are throttled. */
const GROUPS = 4;
const MAX_CODE_MS = 24 * 3_600_000;
export const MAX_SETUP_MS = 3_600_000;
const OFFICERS = 2;
const RECOVERED = 'accountsRecoveredMs';
const ALARM_MS = 24 * 3_600_000;

export interface SetUpParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<Clock, 'now' | 'trusted'>;
  readonly accounts: Accounts;
  readonly throttles: LoginThrottles;
}

/** What is still to be entered; both are 0 once the accounts are made. */
export interface MissingPeople {
  readonly officers: number;
  readonly others: number;
}

export class SetUp {
  readonly #parts: SetUpParts;
  /** Entered in the session with this digest, not stored yet. A restart forgets them, and they are entered again. */
  #entered: { readonly digest: string; readonly people: readonly StoredPerson[] } = { digest: '', people: [] };

  readonly status: Status = {
    problems: () => {
      const at = this.#recoveredAt();
      return at !== undefined && this.#parts.clock.trusted() - at < ALARM_MS
        ? [problem('accounts:recovered', 'accounts-recovered', { at: iso(at) })]
        : [];
    },
  };

  constructor(parts: SetUpParts) {
    this.#parts = parts;
  }

  /** For the page; earlier codes end. On a box with accounts it opens a recovery: logged, sent upstream, and an alarm. For root alone. */
  makeCode(): string {
    const { db, clock } = this.#parts;
    const code = newCode(GROUPS);
    db.write(() => {
      const purpose = this.#kind();
      if (purpose === 'recovery') this.#noteRecovery();
      removeCodesFor(db, 'setup');
      removeCodesFor(db, 'recovery');
      addCode(db, { digest: digestOf(code), purpose, expires: clock.trusted() + MAX_CODE_MS });
    });
    return code;
  }

  /** Takes the code, which works once, for the token of the session. */
  open(code: string, address: string): { readonly token: string } | Refusal {
    const { db, clock, throttles } = this.#parts;
    const throttle = throttles.of(SETUP_CODE);
    const waitMs = throttle.waitMs(address);
    if (waitMs > 0) return refuse('login-wait', { minutes: Math.ceil(waitMs / 60_000) });
    const opened = db.write((): { readonly token: string } | undefined => {
      const now = clock.trusted();
      const found = takeCode(db, digestOf(code.trim().toLowerCase()), now);
      const fits = found?.purpose === this.#kind() && found.used === undefined && found.expires > now;
      return fits ? { token: this.#open(address) } : undefined;
    });
    if (opened) return opened;
    throttle.wrong(address);
    return refuse('setup-code-unknown');
  }

  /** At the console, where root needs no code. */
  openOnConsole(): { readonly token: string } {
    return this.#parts.db.write(() => {
      if (this.#kind() === 'recovery') this.#noteRecovery();
      return { token: this.#open('console') };
    });
  }

  /** One more person, whose password its owner has typed. With the last one all accounts are made, and the session ends. */
  async enter(token: string, given: NewPerson, password: string): Promise<MissingPeople | Refusal> {
    const digest = digestOf(token);
    if (!this.#isOpen(digest)) return refuse('session-ended');
    const account = await this.#parts.accounts.newAccount(given, password);
    if (isRefusal(account)) return account;
    const before = this.#entered.digest === digest ? this.#entered.people : [];
    if (before.some((one) => one.serviceNumber === account.serviceNumber)) return refuse('setup-number-twice');
    const people = [...before, account];
    const { officers, others } = missing(people);
    if (officers < 0) return refuse('setup-enough-officers');
    if (others < 0) return refuse('setup-enough-others');
    if (officers + others === 0) {
      const refused = this.#make(digest, people);
      if (refused) return refused;
    }
    this.#entered = { digest, people };
    return { officers, others };
  }

  #kind(): 'setup' | 'recovery' {
    return this.#parts.accounts.isSetUp() ? 'recovery' : 'setup';
  }

  #isOpen(digest: string): boolean {
    const session = findSession(this.#parts.db, digest);
    return session?.kind === this.#kind() && (session.expires ?? 0) > this.#parts.clock.trusted();
  }

  /** In the open transaction. There is one such session at a time. */
  #open(address: string): string {
    const { db, clock } = this.#parts;
    const kind = this.#kind();
    this.#close();
    const by = { who: 'set-up', what: 'set-up session opened', address } as const;
    return openSession({ db, clock }, { kind, expires: clock.trusted() + MAX_SETUP_MS }, by).token;
  }

  #close(): void {
    const { db } = this.#parts;
    for (const kind of ['setup', 'recovery'] as const) {
      removeSessionsOfKind(db, kind);
      removeCodesFor(db, kind);
    }
  }

  #make(digest: string, people: readonly StoredPerson[]): Refusal | undefined {
    const { db, clock } = this.#parts;
    return db.write((): Refusal | undefined => {
      if (!this.#isOpen(digest)) return refuse('session-ended');
      const kind = this.#kind();
      const now = clock.trusted();
      for (const entered of people) {
        const before = findPerson(db, entered.serviceNumber);
        // The first of a box vouch for each other; root alone makes no account that judges at once on a box that has some.
        const judgesFrom = kind === 'setup' ? now : now + WAIT_MS;
        const account = { ...entered, created: before?.created ?? now, judgesFrom };
        putPerson(db, account);
        removeSessionsOf(db, account.serviceNumber);
        recordAccount(this.#parts, before ? 'reset' : 'added', account, kind === 'setup' ? 'set-up' : 'console');
      }
      this.#close();
      return undefined;
    });
  }

  /** In the open transaction. */
  #noteRecovery(): void {
    setMeta(this.#parts.db, RECOVERED, String(this.#parts.clock.trusted()));
    recordRecovery(this.#parts);
  }

  #recoveredAt(): Instant | undefined {
    const at = Number(readableMeta(this.#parts.db, RECOVERED) ?? NaN);
    return Number.isSafeInteger(at) ? at : undefined;
  }
}

function missing(people: readonly StoredPerson[]): MissingPeople {
  const officers = people.filter(({ roles }) => roles.includes('officer')).length;
  return { officers: OFFICERS - officers, others: 1 - (people.length - officers) };
}
