/** Finds out whose password or PIN was typed, and tells a stranger nothing: neither by its answers nor by its time. */
import type { ServiceNumber } from '../contracts/people.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import { findPerson, type StoredPerson } from '../store/people.ts';
import { digestOf, HashComparer, hashWith, type SecretVerdict } from './credentials.ts';
import type { LoginThrottles } from './login-throttle.ts';
import { normalized } from './passwords.ts';
import { refuse, type Refusal } from './refusal.ts';
import { serviceNumberOf } from './service-number.ts';

/** RFC 9106, 4, second recommendation, with one lane: some 170 ms on a small box. */
export const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
const MAX_CONCURRENT = 2;
/** About three seconds of work. */
const MAX_WAITING = 32;
/** What alarms and metrics call the logins of all people. */
const LOGIN = 'person';

/** By which a person shows who they are. */
export interface Proof {
  readonly serviceNumber: string;
  readonly password: string;
}

export interface LoginParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly throttles: LoginThrottles;
}

/** A hash of a password or PIN, to be stored. */
export function hashOf(secret: string): Promise<string> {
  return hashWith(normalized(secret), COST);
}

export class PersonLogin {
  readonly #parts: LoginParts;
  readonly #comparer = new HashComparer({ cost: COST, maxConcurrent: MAX_CONCURRENT, maxWaiting: MAX_WAITING });

  constructor(parts: LoginParts) {
    this.#parts = parts;
    // So that what was counted before a restart is an alarm again.
    parts.throttles.of(LOGIN);
  }

  /** Takes the same time for numbers that are unknown. */
  async prove({ serviceNumber, password }: Proof, address: string): Promise<StoredPerson | Refusal> {
    const number = serviceNumberOf(serviceNumber) ?? '';
    const { db, outbox, throttles } = this.#parts;
    const throttle = throttles.of(LOGIN, digestOf(number).slice(0, 12));
    const waitMs = throttle.waitMs(address);
    if (waitMs > 0) return refuse('login-wait', { minutes: Math.ceil(waitMs / 60_000) });
    const before = findPerson(db, number);
    const verdict = await this.#comparer.compare(before?.hash, normalized(password));
    if (verdict === 'busy') return refuse('login-busy');
    // It may have been changed while the hash was being made.
    const person = findPerson(db, number);
    if (verdict === 'wrong' || person?.hash !== before?.hash || person === undefined) {
      throttle.wrong(address);
      if (before) appendAudit(db, { at: outbox.now(), who: number, what: 'login refused', detail: { from: address } });
      return refuse('login-wrong');
    }
    return person.disabled === undefined ? person : refuse('login-disabled');
  }

  /** Whether `pin` is the one that this person has set. Its tries are counted where it is asked for. */
  matchesPin(serviceNumber: ServiceNumber, pin: string): Promise<SecretVerdict> {
    return this.#comparer.compare(findPerson(this.#parts.db, serviceNumber)?.pinHash, normalized(pin));
  }
}
