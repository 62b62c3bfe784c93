/** Finds out whose password or PIN was typed, and tells a stranger nothing: neither by its answers nor by its time. */
import type { ServiceNumber } from '../contracts/people.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import { findPerson, type StoredPerson } from '../store/people.ts';
import { digestOf, HashComparer, hashWith, type SecretVerdict } from './credentials.ts';
import { PERSON, type LoginThrottles } from './login-throttle.ts';
import { normalized } from './passwords.ts';
import { refuse, type Refusal } from './refusal.ts';
import { serviceNumberOf } from './service-number.ts';

/** RFC 9106, 4, second recommendation, with one lane: some 170 ms on a small box. */
export const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
const MAX_CONCURRENT = 2;
/** About three seconds of work. */
const MAX_WAITING = 32;

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

  /** Account and address. */
  readonly #underWay = new Set<string>();

  constructor(parts: LoginParts) {
    this.#parts = parts;
    // So that what was counted before a restart is an alarm again.
    parts.throttles.of(PERSON);
  }

  /** Takes the same time for numbers that are unknown. */
  async prove({ serviceNumber, password }: Proof, address: string): Promise<StoredPerson | Refusal> {
    const number = serviceNumberOf(serviceNumber) ?? '';
    const throttle = this.#parts.throttles.of(PERSON, digestOf(number).slice(0, 12));
    const waitMs = throttle.waitMs(address);
    if (waitMs > 0) return refuse('login-wait', { minutes: Math.ceil(waitMs / 60_000) });
    // One at a time: tries sent at the same moment would all be looked at before the first is counted.
    const attempt = JSON.stringify([number, address]);
    if (this.#underWay.has(attempt)) return refuse('login-busy');
    this.#underWay.add(attempt);
    try {
      const person = await this.#personWith(number, password);
      if (person === undefined) {
        throttle.wrong(address);
        this.#record(number, address);
        return refuse('login-wrong');
      }
      return person;
    } finally {
      this.#underWay.delete(attempt);
    }
  }

  /** Undefined where number or password is wrong. */
  async #personWith(number: ServiceNumber, password: string): Promise<StoredPerson | Refusal | undefined> {
    const { db } = this.#parts;
    const before = findPerson(db, number);
    const verdict = await this.#comparer.compare(before?.hash, normalized(password));
    if (verdict === 'busy') return refuse('login-busy');
    // It may have been changed while the hash was being made.
    const person = findPerson(db, number);
    if (verdict === 'wrong' || person?.hash !== before?.hash) return undefined;
    return person?.disabled === undefined ? person : refuse('login-disabled');
  }

  /** Of those who have an account: what is typed in the place of a number may be a password. */
  #record(who: ServiceNumber, address: string): void {
    const { db, outbox } = this.#parts;
    if (!findPerson(db, who)) return;
    appendAudit(db, { at: outbox.now(), who, what: 'login refused', detail: { from: address } });
  }

  /** Whether `pin` is the one that this person has set. Its tries are counted where it is asked for. */
  matchesPin(serviceNumber: ServiceNumber, pin: string): Promise<SecretVerdict> {
    return this.#comparer.compare(findPerson(this.#parts.db, serviceNumber)?.pinHash, normalized(pin));
  }
}
