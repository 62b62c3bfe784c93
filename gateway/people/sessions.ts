/**
 * Sessions of people and screens. Each has a token of 256 bits, of which the store has the digest alone, and can be revoked. A personal session
 * becomes idle after 15 minutes; then the PIN opens it for one act, since a shift lasts 24 hours and passwords typed forty times a day get short.
 */
import type { Clock } from '../clock/clock.ts';
import type { Id, Instant } from '../contracts/base.ts';
import type { Deed, Deeds } from '../contracts/deeds.ts';
import type { Person, ServiceNumber } from '../contracts/people.ts';
import type { Status } from '../contracts/status.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import {
  allSessions,
  findSession,
  removeSession,
  updateSession,
  type SessionKind,
  type StoredSession,
} from '../store/sessions.ts';
import type { Accounts } from './accounts.ts';
import { digestOf, newToken } from './credentials.ts';
import { newDisplayCode, takeDisplayCode } from './display-codes.ts';
import { openSession, type NewSession, type SessionDeed } from './open-session.ts';
import type { Proof } from './person-login.ts';
import { isRefusal, refuse, type Refusal } from './refusal.ts';
import { serviceNumberOf } from './service-number.ts';
import { TokenClients } from './token-clients.ts';

const HOUR_MS = 3_600_000;
export const IDLE_MS = 15 * 60_000;
/** A shift. */
export const MAX_PERSONAL_MS = 24 * HOUR_MS;
const MAX_LANE_MS = 365 * 24 * HOUR_MS;
/** From the PIN to the act that it is for. */
export const ACT_MS = 60_000;
export const MAX_PIN_TRIES = 5;
/** How long a typed password counts for acts that need it once more. */
const PROVED_MS = 5 * 60_000;
/** The last use reaches the disk this late, so that not every click is a write. A restart makes a session idle so much earlier. */
const SAVE_EVERY_MS = 60_000;

export interface Session {
  readonly id: Id;
  readonly kind: SessionKind;
  /** Of `personal` and `duty`. */
  readonly person?: Person;
  readonly lane?: string;
  readonly created: Instant;
  /** Nothing may be shown or done until the PIN or the password was typed. */
  readonly isIdle: boolean;
  /** The password was typed within the last minutes: what is asked for reviews of persons, imports, accounts, wipes and holds. */
  readonly isProved: boolean;
}

export interface OpenedSession {
  /** For the holder alone; it cannot be read again. */
  readonly token: string;
  readonly session: Session;
}

export interface SessionParts {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now' | 'trusted'>;
  readonly accounts: Accounts;
}

export class Sessions {
  readonly #db: Db;
  readonly #clock: Pick<Clock, 'now' | 'trusted'>;
  readonly #accounts: Accounts;
  /** By id; as long as the session lasts or this process runs. */
  readonly #used = new Map<Id, Instant>();
  readonly #clients = new TokenClients();

  readonly status: Status = { problems: () => this.#clients.problems(this.#clock.trusted()) };

  constructor({ db, clock, accounts }: SessionParts) {
    this.#db = db;
    this.#clock = clock;
    this.#accounts = accounts;
  }

  /** Another token at each login, so that one that was planted before is worth nothing. */
  async openPersonal(proof: Proof, address: string): Promise<OpenedSession | Refusal> {
    const person = await this.#accounts.prove(proof, address);
    return isRefusal(person) ? person : this.#openFor(person, 'personal', address);
  }

  /** The screen of the duty room: no log-out, and no plate or picture on it. */
  async openDuty(proof: Proof, address: string): Promise<OpenedSession | Refusal> {
    const person = await this.#accounts.prove(proof, address);
    if (isRefusal(person)) return person;
    return person.roles.includes('officer') ? this.#openFor(person, 'duty', address) : refuse('person-no-officer');
  }

  /** To be scanned by the screen of `lane` within ten minutes, once. */
  makeDisplayCode(lane: string, by: ServiceNumber): string {
    return this.#deed(by, 'display code made', { lane }, (now) => newDisplayCode(this.#db, lane, now));
  }

  async makeDisplayCodeBy(lane: string, proof: Proof, address: string): Promise<{ readonly code: string } | Refusal> {
    const person = await this.#accounts.prove(proof, address);
    if (isRefusal(person)) return person;
    if (person.roles.every((role) => role === 'auditor')) return refuse('display-code-role');
    return { code: this.makeDisplayCode(lane, person.serviceNumber) };
  }

  openLane(code: string, address: string): OpenedSession | Refusal {
    return this.#db.write((): OpenedSession | Refusal => {
      const now = this.#clock.trusted();
      const taken = takeDisplayCode(this.#db, code, now);
      if (isRefusal(taken)) return taken;
      const by = { who: 'box', what: 'display opened', address } as const;
      return this.#open({ kind: 'lane', lane: taken.lane, expires: now + MAX_LANE_MS }, by);
    });
  }

  /** The session as it is, for views that refresh on their own. `client` tells two holders of one token apart. */
  find(token: string, client?: string): Session | Refusal {
    const stored = this.#stored(token);
    if (!stored) return refuse('session-ended');
    const { id, lane } = stored;
    if (lane !== undefined && client !== undefined) this.#clients.note({ id, lane }, client, this.#clock.trusted());
    return this.#view(stored);
  }

  /** For what a person does: it keeps the session from becoming idle. The one act that a PIN allows ends here. */
  use(token: string, client?: string): Session | Refusal {
    const found = this.find(token, client);
    if (isRefusal(found)) return found;
    const now = this.#clock.trusted();
    if (!found.isIdle) {
      this.#touch(token, now);
      return found;
    }
    const isAllowed = this.#db.write(() => {
      const current = this.#stored(token);
      if (!current || (current.actUntil ?? 0) <= now) return false;
      updateSession(this.#db, { ...current, actUntil: 0 });
      return true;
    });
    return isAllowed ? { ...found, isIdle: false } : refuse('session-idle', { minutes: IDLE_MS / 60_000 });
  }

  /** Right after a login: the PIN of its person. */
  async setPin(token: string, pin: string): Promise<Refusal | undefined> {
    const session = this.use(token);
    if (isRefusal(session)) return session;
    if (session.kind !== 'personal' || !session.person) return refuse('session-ended');
    return session.isProved ? this.#accounts.setPin(session.person.serviceNumber, pin) : refuse('session-not-proved');
  }

  /** Opens an idle session for one act. The try counts first: tries at the same moment are tries too. */
  async reopen(token: string, serviceNumber: string, pin: string): Promise<Refusal | undefined> {
    const session = this.#stored(token);
    if (session?.kind !== 'personal' || session.person === undefined) return refuse('session-ended');
    if (!this.#accounts.hasPin(session.person)) return refuse('pin-missing');
    if (!this.#countTry(token)) return refuse('pin-tries');
    const verdict = await this.#accounts.matchesPin(session.person, pin);
    if (verdict === 'busy') return refuse('login-busy');
    if (verdict === 'wrong' || serviceNumberOf(serviceNumber) !== session.person) return refuse('pin-wrong');
    const edited = this.#edit(token, (now) => ({ actUntil: now + ACT_MS, pinTries: 0 }));
    return isRefusal(edited) ? edited : undefined;
  }

  /**
   * The password once more: for acts that need it, and for a session that is idle or has used up its PINs. The session goes on under another token,
   * so that whoever had a copy of the old one gains nothing.
   */
  async proveAgain(token: string, password: string, address: string): Promise<OpenedSession | Refusal> {
    const session = this.#stored(token);
    if (session?.kind !== 'personal' || session.person === undefined) return refuse('session-ended');
    const person = await this.#accounts.prove({ serviceNumber: session.person, password }, address);
    if (isRefusal(person)) return person;
    const next = newToken();
    const edited = this.#edit(token, (now) => ({ digest: digestOf(next), last: now, proved: now, pinTries: 0 }));
    return isRefusal(edited) ? edited : { token: next, session: this.#view(edited) };
  }

  end(token: string): void {
    const stored = this.#stored(token);
    if (stored) this.#remove(stored.id, stored.person ?? 'box');
  }

  /** By an officer or technician, who types the password for it. */
  async revokeBy(id: Id, proof: Proof, address: string): Promise<Refusal | undefined> {
    const person = await this.#accounts.prove(proof, address);
    if (isRefusal(person)) return person;
    if (person.roles.every((role) => role === 'auditor')) return refuse('session-revoke-role');
    return this.revoke(id, person.serviceNumber) ? undefined : refuse('session-unknown');
  }

  /** False where there is no such session. */
  revoke(id: Id, by: ServiceNumber): boolean {
    return this.#remove(id, by);
  }

  /** In the order in which they were opened; without tokens. */
  list(): readonly Session[] {
    const now = this.#clock.trusted();
    return allSessions(this.#db)
      .filter(({ expires }) => expires === undefined || expires > now)
      .map((stored) => this.#view(stored));
  }

  #openFor(person: Person, kind: 'personal' | 'duty', address: string): OpenedSession | Refusal {
    const who = person.serviceNumber;
    return this.#db.write((): OpenedSession | Refusal => {
      if (this.#accounts.find(who)?.disabled !== undefined) return refuse('login-disabled');
      const now = this.#clock.trusted();
      const ends = kind === 'personal' ? { expires: now + MAX_PERSONAL_MS, proved: now } : {};
      return this.#open({ kind, person: who, ...ends }, { who, what: 'login', address });
    });
  }

  #open(
    given: NewSession,
    by: { readonly who: string; readonly what: SessionDeed; readonly address: string },
  ): OpenedSession {
    const { token, stored } = openSession({ db: this.#db, clock: this.#clock }, given, by);
    return { token, session: this.#view(stored) };
  }

  /** Undefined for what has ended, by time or with its person. */
  #stored(token: string): StoredSession | undefined {
    const stored = findSession(this.#db, digestOf(token));
    return stored && (stored.expires ?? Infinity) > this.#clock.trusted() ? stored : undefined;
  }

  #view({ id, kind, person: number, lane, created, last, proved }: StoredSession): Session {
    const now = this.#clock.trusted();
    const person = number === undefined ? undefined : this.#accounts.find(number);
    const isProved = proved !== undefined && now - proved < PROVED_MS;
    const used = Math.max(last, this.#used.get(id) ?? 0);
    return {
      id,
      kind,
      ...(person ? { person } : {}),
      ...(lane === undefined ? {} : { lane }),
      created,
      isIdle: kind === 'personal' && now - used >= IDLE_MS,
      isProved,
    };
  }

  #touch(token: string, now: Instant): void {
    const stored = this.#stored(token);
    if (!stored) return;
    this.#used.set(stored.id, now);
    if (now - stored.last < SAVE_EVERY_MS) return;
    try {
      this.#db.transaction(() => updateSession(this.#db, { ...stored, last: now })).expendable();
    } catch {
      // It counts in memory; a full disk must not lock people out of what they have to see.
    }
  }

  #countTry(token: string): boolean {
    return this.#db.write(() => {
      const stored = this.#stored(token);
      if (!stored || stored.pinTries >= MAX_PIN_TRIES) return false;
      updateSession(this.#db, { ...stored, pinTries: stored.pinTries + 1 });
      return true;
    });
  }

  /** The session may have been revoked while a hash was compared. */
  #edit(token: string, change: (now: Instant) => Partial<StoredSession>): StoredSession | Refusal {
    return this.#db.write((): StoredSession | Refusal => {
      const stored = this.#stored(token);
      if (!stored) return refuse('session-ended');
      const edited = { ...stored, ...change(this.#clock.trusted()) };
      updateSession(this.#db, edited);
      return edited;
    });
  }

  #remove(id: Id, who: string): boolean {
    this.#used.delete(id);
    this.#clients.forget(id);
    return this.#deed(who, 'session ended', { session: id }, () => removeSession(this.#db, id));
  }

  #deed<What extends Deed, T>(who: string, what: What, detail: Deeds[What], work: (now: Instant) => T): T {
    return this.#db.write(() => {
      const done = work(this.#clock.trusted());
      if (done !== false) appendAudit(this.#db, { at: this.#clock.now(), who, what, detail });
      return done;
    });
  }
}
