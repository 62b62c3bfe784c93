/** SQL of the accounts: who may use the box, and the digests of their passwords. The gateway and the command line write it. */
import type { Instant } from '../contracts/base.ts';
import type { AccountRole, Person, PersonKind, ServiceNumber } from '../contracts/people.ts';
import type { Db } from './db.ts';
import { fromRow, isInstant, isWord } from './shapes.ts';

export interface StoredPerson extends Person {
  /** argon2id of the password, in PHC form. */
  readonly hash: string;
  /** The same of the PIN, once the person has set one. */
  readonly pinHash?: string;
  /** Service numbers of those who vouched for this account. */
  readonly vouchedBy: readonly ServiceNumber[];
}

/** The last time that a Date can hold. */
const NEVER: Instant = 8.64e15;
const KINDS: readonly PersonKind[] = ['police', 'auxiliary'];
const ROLES: readonly AccountRole[] = ['officer', 'technician', 'auditor'];

/** Whether there is any account, disabled ones included. */
export function hasPeople(db: Db): boolean {
  return db.prepare('SELECT 1 FROM people LIMIT 1').get() !== undefined;
}

export function findPerson(db: Db, serviceNumber: ServiceNumber): StoredPerson | undefined {
  const row = db.prepare('SELECT * FROM people WHERE serviceNumber = ?').get(serviceNumber);
  return row === undefined ? undefined : personOf(db, row);
}

/** Ordered by service number, with the disabled ones. */
export function allPeople(db: Db): StoredPerson[] {
  return db
    .prepare('SELECT * FROM people ORDER BY serviceNumber')
    .all()
    .map((row) => personOf(db, row));
}

/** Replaces the row of this service number, if there is one. */
export function putPerson(db: Db, person: StoredPerson): void {
  db.prepare(
    `INSERT INTO people (serviceNumber, name, kind, roles, hash, pinHash, createdMs, disabledMs, judgesFromMs, vouchedBy)
     VALUES (@serviceNumber, @name, @kind, @roles, @hash, @pinHash, @created, @disabled, @judgesFrom, @vouchedBy)
     ON CONFLICT (serviceNumber) DO UPDATE SET name = @name, kind = @kind, roles = @roles, hash = @hash, pinHash = @pinHash,
       disabledMs = @disabled, judgesFromMs = @judgesFrom, vouchedBy = @vouchedBy`,
  ).run({
    ...person,
    roles: JSON.stringify(person.roles),
    vouchedBy: JSON.stringify(person.vouchedBy),
    pinHash: person.pinHash ?? null,
    disabled: person.disabled ?? null,
  });
}

export function setPinHash(db: Db, serviceNumber: ServiceNumber, pinHash: string): void {
  db.prepare('UPDATE people SET pinHash = ? WHERE serviceNumber = ?').run(pinHash, serviceNumber);
}

/** A damaged row is a person who may do nothing: no role, the kind with fewer rights, and no day from which they judge. */
function personOf(db: Db, row: unknown): StoredPerson {
  const stored = fromRow(row) as Omit<StoredPerson, 'roles' | 'vouchedBy'> & { roles: string; vouchedBy: string };
  const list = (text: string): readonly string[] =>
    db.damage.readList('people', stored.serviceNumber, text, isWord) ?? [];
  return {
    ...stored,
    kind: KINDS.find((kind) => kind === stored.kind) ?? 'auxiliary',
    roles: ROLES.filter((role) => list(stored.roles).includes(role)),
    vouchedBy: list(stored.vouchedBy),
    judgesFrom: isInstant(stored.judgesFrom) ? stored.judgesFrom : NEVER,
  };
}
