/** SQL of sessions and one-time codes. Of a token or code the store has the SHA-256 alone, which opens nothing. */
import type { Id, Instant, Sha256 } from '../contracts/base.ts';
import type { ServiceNumber } from '../contracts/people.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import { fromRow } from './shapes.ts';

/**
 * `personal`: one person at a screen. `duty`: the screen of the duty room. `lane`: a lane display. `setup`,
 * `recovery`: where accounts are entered on a box that has none, or some.
 */
export type SessionKind = 'personal' | 'duty' | 'lane' | 'setup' | 'recovery';

export interface StoredSession {
  readonly id: Id;
  readonly digest: Sha256;
  readonly kind: SessionKind;
  /** Of `personal` and `duty`. */
  readonly person?: ServiceNumber;
  /** Of `lane`. */
  readonly lane?: string;
  readonly created: Instant;
  /** The last use. */
  readonly last: Instant;
  /** Absent: it lasts until it is revoked. */
  readonly expires?: Instant;
  /** One act may follow until then, though the session is idle. */
  readonly actUntil?: Instant;
  /** When the person typed the password last. */
  readonly proved?: Instant;
  readonly pinTries: number;
}

export function addSession(db: Db, session: StoredSession): void {
  db.prepare(
    `INSERT INTO sessions (id, digest, kind, person, lane, createdMs, lastMs, expiresMs, actUntilMs, provedMs, pinTries)
     VALUES (@id, @digest, @kind, @person, @lane, @created, @last, @expires, @actUntil, @proved, @pinTries)`,
  ).run({ person: null, lane: null, expires: null, actUntil: null, proved: null, ...session });
}

export function findSession(db: Db, digest: Sha256): StoredSession | undefined {
  const row = db.prepare('SELECT * FROM sessions WHERE digest = ?').get(digest);
  return row === undefined ? undefined : (fromRow(row) as StoredSession);
}

/** In the order in which they were opened. */
export function allSessions(db: Db): StoredSession[] {
  return db
    .prepare('SELECT * FROM sessions ORDER BY id')
    .all()
    .map((row) => fromRow(row) as StoredSession);
}

/** What changes while a session lasts. */
export function updateSession(
  db: Db,
  {
    id,
    digest,
    last,
    actUntil,
    proved,
    pinTries,
  }: Omit<StoredSession, 'kind' | 'person' | 'lane' | 'created' | 'expires'>,
): void {
  db.prepare('UPDATE sessions SET digest = ?, lastMs = ?, actUntilMs = ?, provedMs = ?, pinTries = ? WHERE id = ?').run(
    digest,
    last,
    actUntil ?? null,
    proved ?? null,
    pinTries,
    id,
  );
}

/** False where there is none. */
export function removeSession(db: Db, id: Id): boolean {
  return db.prepare('DELETE FROM sessions WHERE id = ?').run(id).changes > 0;
}

export function removeSessionsOf(db: Db, person: ServiceNumber): void {
  db.prepare('DELETE FROM sessions WHERE person = ?').run(person);
}

/** Returns how many there were. */
export function removePersonalSessionsOf(db: Db, person: ServiceNumber): number {
  return db.prepare("DELETE FROM sessions WHERE person = ? AND kind = 'personal'").run(person).changes;
}

/** The screens of the duty room go on under their tokens and name another person. Returns how many there are. */
export function handOverDutySessions(db: Db, from: ServiceNumber, to: ServiceNumber): number {
  return db.prepare("UPDATE sessions SET person = ? WHERE person = ? AND kind = 'duty'").run(to, from).changes;
}

export function removeSessionsOfKind(db: Db, kind: SessionKind): void {
  db.prepare('DELETE FROM sessions WHERE kind = ?').run(kind);
}

/** A code that was used or has expired is kept for a day, so that a person who scans it then reads which of the two it is. */
const KEEP_CODES_MS = 86_400_000;

/** What has ended by `now`, the trusted time: sessions and codes. Logs it. Joins the open transaction. */
export function removeExpired(db: Db, now: Instant, at: Instant): void {
  const sessions = db.prepare('DELETE FROM sessions WHERE expiresMs <= ?').run(now).changes;
  const rows = sessions + db.prepare('DELETE FROM oneTimeCodes WHERE expiresMs <= ?').run(now - KEEP_CODES_MS).changes;
  if (rows > 0) appendAudit(db, { at, who: 'box', what: 'retention run', detail: { class: 'sessions', rows } });
}

/** `setup`: opens the session of the first accounts. `recovery`: the same on a box that has some. `lane`: a lane display. */
export type CodePurpose = 'setup' | 'recovery' | 'lane';

export interface OneTimeCode {
  readonly digest: Sha256;
  readonly purpose: CodePurpose;
  readonly lane?: string;
  readonly expires: Instant;
  /** When it was used. */
  readonly used?: Instant;
}

export function addCode(db: Db, code: OneTimeCode): void {
  db.prepare(
    'INSERT INTO oneTimeCodes (digest, purpose, lane, expiresMs) VALUES (@digest, @purpose, @lane, @expires)',
  ).run({ lane: null, ...code });
}

/** Marks the code as used, in the open transaction, and returns it as it was before: who comes again finds `used`. */
export function takeCode(db: Db, digest: Sha256, now: Instant): OneTimeCode | undefined {
  const row = db.prepare('SELECT * FROM oneTimeCodes WHERE digest = ?').get(digest);
  db.prepare('UPDATE oneTimeCodes SET usedMs = ? WHERE digest = ? AND usedMs IS NULL').run(now, digest);
  return row === undefined ? undefined : (fromRow(row) as OneTimeCode);
}

export function removeCodesFor(db: Db, purpose: CodePurpose): void {
  db.prepare('DELETE FROM oneTimeCodes WHERE purpose = ?').run(purpose);
}
