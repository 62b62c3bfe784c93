/**
 * Events that wait though they were sent: those that a command room refused for good (dead), and those that fail. A person may send the dead ones
 * again.
 */
import { appendAudit } from '../audit.ts';
import type { Db } from '../db.ts';
import { addTotals } from './totals.ts';
import { instantOrEpoch } from '../shapes.ts';
import type { Id, Instant } from '../../contracts/base.ts';

export interface StuckRow {
  readonly id: Id;
  readonly type: string;
  readonly subject: string;
  /** When the event happened. */
  readonly time: Instant;
  readonly tries: number;
  /** The last error from the other side, or from a device on the way. */
  readonly why: string;
}

/** Events that failed at least once and are being retried, oldest first. */
export function failingRows(db: Db, relay: string, limit: number): StuckRow[] {
  const rows = db
    .prepare(
      `SELECT id, type, subject, timeMs AS time, tries, coalesce(lastError, '') AS why FROM outbox
       WHERE relay = ? AND dueMs > 0 AND dead = 0 AND tries > 0 ORDER BY seq LIMIT ?`,
    )
    .all(relay, limit) as StuckRow[];
  return rows.map((row) => ({ ...row, time: instantOrEpoch(row.time) }));
}

export interface SendAgainRequest {
  readonly relays: readonly string[];
  /** All dead events, or those with these ids. */
  readonly which: 'all' | readonly Id[];
  /** The person who answers for it. */
  readonly by: string;
  readonly at: Instant;
}

/** Per relay in one transaction, so that a running box is not held up. */
const MAX_AT_ONCE = 1_000;

/**
 * Returns dead rows to the queue as if they were new: a bounded number at a time, in one transaction with their audit row. Yields the ids of those
 * events. Looks at each row once, and at none written after the start: a row that dies again meanwhile stays dead, so the loop ends.
 */
export function* sendAgain(db: Db, { relays, which, by, at }: SendAgainRequest): Generator<Id> {
  const upTo = (db.prepare('SELECT max(seq) FROM outbox').pluck().get() as number | null) ?? 0;
  const above = new Map(relays.map((relay) => [relay, -1]));
  const some = db.transaction((): readonly RevivedRows[] => {
    const found = [...above].map(([relay, last]) => revive(db, relay, { which, above: last, upTo }));
    const events = Object.fromEntries(found.flatMap(({ relay, ids }) => (ids.length > 0 ? [[relay, ids]] : [])));
    if (Object.keys(events).length > 0) appendAudit(db, { at, who: by, what: 'events sent again', detail: { events } });
    return found;
  });
  while (above.size > 0) {
    for (const { relay, ids, last } of some.immediate()) {
      if (last === undefined) above.delete(relay);
      else above.set(relay, last);
      yield* ids;
    }
  }
}

interface RevivedRows {
  readonly relay: string;
  readonly ids: readonly Id[];
  /** The next call starts after this row; undefined if there are no more. */
  readonly last: number | undefined;
}

function revive(
  db: Db,
  relay: string,
  { which, above, upTo }: Pick<SendAgainRequest, 'which'> & { readonly above: number; readonly upTo: number },
): RevivedRows {
  const rows = db
    .prepare(
      `SELECT seq, id FROM outbox WHERE relay = ? AND dead = 1 AND seq > ? AND seq <= ?
         AND (? OR id IN (SELECT value FROM json_each(?))) ORDER BY seq LIMIT ${MAX_AT_ONCE}`,
    )
    .all(relay, above, upTo, Number(which === 'all'), JSON.stringify(which === 'all' ? [] : which)) as {
    seq: number;
    id: Id;
  }[];
  const again = db.prepare('UPDATE outbox SET dead = 0, tries = 0, dueMs = 0, lastError = NULL WHERE seq = ?');
  for (const { seq } of rows) again.run(seq);
  if (rows.length > 0) addTotals(db, relay, { dead: -rows.length });
  return { relay, ids: rows.map((row) => row.id), last: rows.length < MAX_AT_ONCE ? undefined : rows.at(-1)!.seq };
}
