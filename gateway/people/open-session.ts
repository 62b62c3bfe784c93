/** Stores a new session under the digest of a new token, with its row in the audit log. */
import { newId } from '../clock/clock.ts';
import type { Clock } from '../clock/clock.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { addSession, allSessions, removeExpired, removeSession, type StoredSession } from '../store/sessions.ts';
import { digestOf, newToken } from './credentials.ts';

/** Of one kind, of a person or a lane. The oldest ends when one more is opened; a screen of the duty room does not end by logins elsewhere. */
export const MAX_SESSIONS_OF_ONE = 8;

export type NewSession = Pick<StoredSession, 'kind' | 'person' | 'lane' | 'expires' | 'proved'>;

/** How a session begins, as the audit log says it. */
export type SessionDeed = 'login' | 'display opened' | 'set-up session opened';

/** In the open transaction. `what`: of the audit row. The token is in no other place than the answer. */
export function openSession(
  { db, clock }: { readonly db: Db; readonly clock: Pick<Clock, 'now' | 'trusted'> },
  given: NewSession,
  { who, what, address }: { readonly who: string; readonly what: SessionDeed; readonly address: string },
): { readonly token: string; readonly stored: StoredSession } {
  const [token, now] = [newToken(), clock.trusted()];
  removeExpired(db, now, clock.now());
  const others = allSessions(db).filter(
    (s) => s.kind === given.kind && s.person === given.person && s.lane === given.lane,
  );
  const surplus = Math.max(0, others.length + 1 - MAX_SESSIONS_OF_ONE);
  for (const { id } of others.slice(0, surplus)) removeSession(db, id);
  const id = newId(clock.now());
  const stored = { ...given, id, digest: digestOf(token), created: now, last: now, pinTries: 0 };
  addSession(db, stored);
  const { kind, lane } = given;
  const detail = { session: id, kind, from: address, ...(lane === undefined ? {} : { lane }) };
  appendAudit(db, { at: clock.now(), who, what, detail });
  return { token, stored };
}
