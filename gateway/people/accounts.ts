/**
 * The accounts of a box: who may log in, what each may do, and who answers for that. An account of an officer or auditor takes two people who prove
 * themselves by their passwords; whoever adds one alone could otherwise be both reviewers of a hit.
 */
import type { Clock } from '../clock/clock.ts';
import type { AccountRole, Judge, Person, PersonKind, ServiceNumber } from '../contracts/people.ts';
import type { Status } from '../contracts/status.ts';
import { plainText } from '../contracts/text.ts';
import { iso } from '../contracts/time.ts';
import { saveAnchors } from '../store/anchors/anchors.ts';
import { appendAudit } from '../store/audit.ts';
import { allPeople, findPerson, hasPeople, putPerson, setPinHash, type StoredPerson } from '../store/people.ts';
import { removeSessionsOf } from '../store/sessions.ts';
import { recordAccount, type AccountDeed } from './account-log.ts';
import type { SecretVerdict } from './credentials.ts';
import { loadCommonPasswords, normalized, passwordMistake, pinMistake, type CommonPasswords } from './passwords.ts';
import { hashOf, PersonLogin, type LoginParts, type Proof } from './person-login.ts';
import { isRefusal, refuse, type Refusal } from './refusal.ts';
import { serviceNumberOf } from './service-number.ts';

const MAX_PEOPLE = 1_000;
const MAX_NAME_CHARS = 60;
/** An account that nobody vouched for judges nothing for so long, so that one made in the night is seen before it acts. */
export const WAIT_MS = 24 * 3_600_000;
/** Where there is no address: at the box's own terminal. */
export const CONSOLE = 'console';

export interface NewPerson {
  readonly serviceNumber: string;
  readonly name: string;
  readonly kind: PersonKind;
  readonly roles: readonly AccountRole[];
}

export interface Backing {
  readonly proofs: readonly Proof[];
  /** They vouch that this is the person: the account judges at once. */
  readonly vouched: boolean;
  readonly address: string;
}

export interface AccountParts extends LoginParts {
  readonly clock: Pick<Clock, 'trusted'>;
  readonly commonPasswords?: CommonPasswords;
}

export class Accounts {
  readonly #parts: AccountParts;
  readonly #login: PersonLogin;

  readonly status: Status = { health: () => ({ accounts: { isSetUp: this.isSetUp() } }) };

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.#login = new PersonLogin(parts);
  }

  /** Until there are accounts, nobody can be asked who they are: only set-up, /health and /metrics answer people. */
  isSetUp(): boolean {
    return hasPeople(this.#parts.db);
  }

  /** Ordered by service number, with the disabled ones. No hash leaves this room. */
  list(): readonly Person[] {
    return allPeople(this.#parts.db).map(publicPart);
  }

  find(serviceNumber: ServiceNumber): Person | undefined {
    const person = findPerson(this.#parts.db, serviceNumber);
    return person && publicPart(person);
  }

  /** To see hits: also an account that is too new to judge them. */
  async officer(serviceNumber: string, password: string, address: string = CONSOLE): Promise<Judge | Refusal> {
    const person = await this.prove({ serviceNumber, password }, address);
    if (isRefusal(person)) return person;
    return person.roles.includes('officer')
      ? { serviceNumber: person.serviceNumber, kind: person.kind }
      : refuse('person-no-officer');
  }

  /** For an opinion on a hit. */
  async judge(serviceNumber: string, password: string, address: string = CONSOLE): Promise<Judge | Refusal> {
    const person = await this.prove({ serviceNumber, password }, address);
    return isRefusal(person)
      ? person
      : (this.#mayJudge(person) ?? { serviceNumber: person.serviceNumber, kind: person.kind });
  }

  /** Why this person judges no hit now; undefined if they do. */
  mayJudge(serviceNumber: ServiceNumber): Refusal | undefined {
    const person = findPerson(this.#parts.db, serviceNumber);
    return person && person.disabled === undefined ? this.#mayJudge(person) : refuse('login-disabled');
  }

  #mayJudge({ roles, judgesFrom }: Person): Refusal | undefined {
    if (!roles.includes('officer')) return refuse('person-no-officer');
    return this.#isSettled(judgesFrom) ? undefined : refuse('person-judges-later', { at: iso(judgesFrom) });
  }

  #isSettled(judgesFrom: number): boolean {
    return judgesFrom <= this.#parts.clock.trusted();
  }

  /** Whose password it is. */
  async prove(proof: Proof, address: string): Promise<Person | Refusal> {
    const person = await this.#login.prove(proof, address);
    return isRefusal(person) ? person : publicPart(person);
  }

  /** Whether `pin` is the one that this person has set. */
  matchesPin(serviceNumber: ServiceNumber, pin: string): Promise<SecretVerdict> {
    return this.#login.matchesPin(serviceNumber, pin);
  }

  hasPin(serviceNumber: ServiceNumber): boolean {
    return findPerson(this.#parts.db, serviceNumber)?.pinHash !== undefined;
  }

  /** For a person who has just typed the password. */
  async setPin(serviceNumber: ServiceNumber, pin: string): Promise<Refusal | undefined> {
    const { db, outbox } = this.#parts;
    const mistake = pinMistake(normalized(pin), { serviceNumber });
    if (mistake) return { refused: mistake };
    const hash = await hashOf(pin);
    db.write(() => {
      setPinHash(db, serviceNumber, hash);
      appendAudit(db, { at: outbox.now(), who: serviceNumber, what: 'PIN set', detail: {} });
    });
    return undefined;
  }

  async add(given: NewPerson, password: string, backing: Backing): Promise<Person | Refusal> {
    // Those who back it come first: a stranger learns nothing, and costs no more than a login.
    const backers = await this.#backersOf(given, backing);
    if (isRefusal(backers)) return backers;
    const account = await this.newAccount(given, password);
    if (isRefusal(account)) return account;
    return this.#change('added', backers, () => {
      if (findPerson(this.#parts.db, account.serviceNumber)) return refuse('person-number-taken');
      if (allPeople(this.#parts.db).length >= MAX_PEOPLE) return refuse('person-many', { most: MAX_PEOPLE });
      return { ...account, ...this.#vouching(backers, backing) };
    });
  }

  /** A new password, typed by its owner; enables the account again. Changed by its owner alone, it keeps its rights. */
  async reset(given: string, password: string, backing: Backing): Promise<Person | Refusal> {
    const { db } = this.#parts;
    const before = findPerson(db, serviceNumberOf(given) ?? '');
    const [first, ...more] = backing.proofs;
    const isOwn =
      before !== undefined && more.length === 0 && serviceNumberOf(first?.serviceNumber ?? '') === before.serviceNumber;
    const backers = isOwn ? await this.#proven(backing) : await this.#backersOf(before, backing);
    if (isRefusal(backers)) return backers;
    if (!before) return refuse('person-unknown');
    const account = await this.newAccount(before, password);
    if (isRefusal(account)) return account;
    return this.#change('reset', backers, () => {
      const now = findPerson(db, before.serviceNumber);
      if (!now || (isOwn && now.disabled !== undefined)) return refuse('login-disabled');
      removeSessionsOf(db, now.serviceNumber);
      // Without the PIN, which goes with the password.
      const { created, judgesFrom, vouchedBy } = now;
      return { ...account, created, ...(isOwn ? { judgesFrom, vouchedBy } : this.#vouching(backers, backing)) };
    });
  }

  /** Ends the wait of a new account. */
  async vouch(given: string, backing: Omit<Backing, 'vouched'>): Promise<Person | Refusal> {
    const { db } = this.#parts;
    const before = findPerson(db, serviceNumberOf(given) ?? '');
    const backers = await this.#backersOf(before, backing, 2);
    if (isRefusal(backers)) return backers;
    if (!before) return refuse('person-unknown');
    return this.#change('vouched for', backers, () => {
      const now = findPerson(db, before.serviceNumber);
      if (!now || now.disabled !== undefined) return refuse('login-disabled');
      return { ...now, ...this.#vouching(backers, { vouched: true }) };
    });
  }

  /** Ends the person's sessions at once. One officer is enough to take rights away. */
  async disable(given: string, backing: Omit<Backing, 'vouched'>): Promise<Person | Refusal> {
    const { db, clock } = this.#parts;
    const backers = await this.#backersOf(undefined, backing, 1);
    if (isRefusal(backers)) return backers;
    return this.#change('disabled', backers, () => {
      const now = findPerson(db, serviceNumberOf(given) ?? '');
      if (!now) return refuse('person-unknown');
      if (now.disabled !== undefined) return refuse('person-disabled-already');
      removeSessionsOf(db, now.serviceNumber);
      return { ...now, disabled: clock.trusted() };
    });
  }

  /** The account that these words and this password would make: for those who enter the first accounts. Stores nothing. */
  async newAccount(given: NewPerson, password: string): Promise<StoredPerson | Refusal> {
    const serviceNumber = serviceNumberOf(given.serviceNumber);
    const name = plainText(given.name);
    if (serviceNumber === undefined) return refuse('person-number-form');
    if (name === '' || [...name].length > MAX_NAME_CHARS) return refuse('person-name-form', { most: MAX_NAME_CHARS });
    if (given.roles.length === 0) return refuse('person-no-role');
    const mistake = passwordMistake(
      password,
      { serviceNumber, name },
      this.#parts.commonPasswords ?? loadCommonPasswords,
    );
    if (mistake) return { refused: mistake };
    const hash = await hashOf(password);
    const now = this.#parts.clock.trusted();
    const { kind, roles } = given;
    return { serviceNumber, name, kind, roles, hash, created: now, judgesFrom: now + WAIT_MS, vouchedBy: [] };
  }

  #vouching(
    backers: readonly Person[],
    { vouched }: Pick<Backing, 'vouched'>,
  ): Pick<StoredPerson, 'judgesFrom' | 'vouchedBy'> {
    const now = this.#parts.clock.trusted();
    return vouched
      ? { judgesFrom: now, vouchedBy: backers.map((person) => person.serviceNumber) }
      : { judgesFrom: now + WAIT_MS, vouchedBy: [] };
  }

  /** The people behind a change of `account`: as many as it takes, each proved, none twice, none of them its owner, one of them an officer. */
  async #backersOf(
    account: Pick<Person, 'serviceNumber' | 'roles'> | undefined,
    backing: Omit<Backing, 'vouched'>,
    needed = account?.roles.every((role) => role === 'technician') ? 1 : 2,
  ): Promise<readonly Person[] | Refusal> {
    const numbers = new Set(backing.proofs.map((proof) => serviceNumberOf(proof.serviceNumber)));
    if (numbers.size < needed || numbers.size < backing.proofs.length) return refuse('person-backers', { needed });
    if (account && numbers.has(serviceNumberOf(account.serviceNumber))) return refuse('person-backs-self');
    const backers = await this.#proven(backing);
    if (isRefusal(backers)) return backers;
    const isTrusted = (person: Person): boolean =>
      person.roles.some((role) => role !== 'technician') && this.#isSettled(person.judgesFrom);
    if (!backers.every(isTrusted) || !backers.some((person) => person.roles.includes('officer')))
      return refuse('person-backer-role');
    return backers;
  }

  async #proven({ proofs, address }: Pick<Backing, 'proofs' | 'address'>): Promise<readonly Person[] | Refusal> {
    const people: Person[] = [];
    for (const proof of proofs) {
      const person = await this.prove(proof, address);
      if (isRefusal(person)) return person;
      people.push(person);
    }
    return people;
  }

  /** Row, audit row and event, all or none. Refused where one of the people behind it was disabled meanwhile. */
  #change(what: AccountDeed, backers: readonly Person[], make: () => StoredPerson | Refusal): Person | Refusal {
    const { db } = this.#parts;
    const by = backers.map((person) => person.serviceNumber);
    return db.write((): Person | Refusal => {
      if (by.some((number) => findPerson(db, number)?.disabled !== undefined)) return refuse('login-disabled');
      const account = make();
      if (isRefusal(account)) return account;
      putPerson(db, account);
      recordAccount(this.#parts, what, account, by);
      // Keeps a backup from giving a disabled account back. Throws AnchorsError where that cannot be written; the account is disabled all the same.
      if (what === 'disabled' || what === 'reset') saveAnchors(db);
      return publicPart(account);
    });
  }
}

function publicPart({ serviceNumber, name, kind, roles, created, disabled, judgesFrom }: StoredPerson): Person {
  return { serviceNumber, name, kind, roles, created, ...(disabled === undefined ? {} : { disabled }), judgesFrom };
}
