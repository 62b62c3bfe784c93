/** Events that wait though they were sent: those that a command room refused for good (dead), and those that fail. For people, who may send them again. */
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import { addTotals } from './outbox.ts';
import type { Id, Instant } from '../types.ts';

export interface StuckRow {
  readonly id: Id;
  readonly type: string;
  readonly subject: string;
  /** When it happened. */
  readonly time: Instant;
  readonly tries: number;
  /** What the other side, or something on the way, said last. */
  readonly why: string;
}

/** Events that failed at least once and are tried again, oldest first. */
export function failingRows(db: Db, relay: string, limit: number): StuckRow[] {
  return db
    .prepare(
      `SELECT id, type, subject, timeMs AS time, tries, coalesce(lastError, '') AS why FROM outbox
       WHERE relay = ? AND dueMs > 0 AND dead = 0 AND tries > 0 ORDER BY seq LIMIT ?`,
    )
    .all(relay, limit) as StuckRow[];
}

export interface SendAgain {
  readonly relays: readonly string[];
  /** All that are dead, or the ones of these events. */
  readonly which: 'all' | readonly Id[];
  /** Who answers for it. */
  readonly by: string;
  readonly at: Instant;
}

/** In one transaction; more than that are brought back by the next call. */
const MAX_AT_ONCE = 1_000;

/**
 * Dead rows wait again, as if they were new: in one transaction with its audit row. Gives the events that were brought back, for each relay, at
 * most MAX_AT_ONCE of one.
 */
export function sendAgain(db: Db, { relays, which, by, at }: SendAgain): ReadonlyMap<string, readonly Id[]> {
  return db
    .transaction(() => {
      const found = new Map(relays.map((relay) => [relay, revive(db, relay, which)]));
      const events = Object.fromEntries([...found].filter(([, ids]) => ids.length > 0));
      if (Object.keys(events).length > 0)
        appendAudit(db, { at, who: by, what: 'events sent again', detail: { events } });
      return found;
    })
    .immediate();
}

function revive(db: Db, relay: string, which: 'all' | readonly Id[]): Id[] {
  const rows = db
    .prepare(
      `SELECT seq, id FROM outbox WHERE relay = ? AND dead = 1 AND (? OR id IN (SELECT value FROM json_each(?)))
       ORDER BY seq LIMIT ${MAX_AT_ONCE}`,
    )
    .all(relay, Number(which === 'all'), JSON.stringify(which === 'all' ? [] : which)) as { seq: number; id: Id }[];
  const again = db.prepare('UPDATE outbox SET dead = 0, tries = 0, dueMs = 0, lastError = NULL WHERE seq = ?');
  for (const { seq } of rows) again.run(seq);
  if (rows.length > 0) addTotals(db, relay, { dead: -rows.length });
  return rows.map((row) => row.id);
}
