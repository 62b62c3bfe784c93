/**
 * Totals of the outbox for each relay. They are kept in `meta`, written in the same transactions as the rows: adding up 200,000 rows at each write
 * would be slow. They never decide alone: before a row is evicted or refused because of them, the rows are counted.
 */
import type { Db } from '../db.ts';
import { getMeta, setMeta } from '../db.ts';
import { membersOf } from '../shapes.ts';

export interface OutboxTotals {
  readonly rows: number;
  readonly bytes: number;
  /** Rows, among `rows`, that the other side will never take. */
  readonly dead: number;
  /** Rows evicted since the store was made. */
  readonly evicted: number;
}

/** The cost of a row besides its text: index entries and numbers. The SQL that measures a row repeats this value. */
export const ROW_OVERHEAD_BYTES = 200;
/** A recount takes some 100 ms of the event loop at 200,000 rows: too much for each eviction, but worth it before a new row is refused. */
const MIN_RECOUNT_EVERY_MS = { 'give way': 3_600_000, refuse: 60_000 };

/** By relay, monotonic: the last recount because the outbox seemed full. */
const recounted = new WeakMap<Db, Map<string, number>>();

export function outboxTotals(db: Db, relay: string): OutboxTotals {
  return keptTotals(db, relay) ?? addUp(db, relay);
}

/** Called after the change of the rows. */
export function addTotals(db: Db, relay: string, change: Partial<OutboxTotals>): void {
  const t = keptTotals(db, relay);
  const next = t && {
    rows: t.rows + (change.rows ?? 0),
    bytes: t.bytes + (change.bytes ?? 0),
    dead: t.dead + (change.dead ?? 0),
    evicted: t.evicted + (change.evicted ?? 0),
  };
  if (isTotals(next)) return setMeta(db, totalsKey(relay), JSON.stringify(next));
  // The kept totals were wrong; a recount includes the change.
  if (next) db.damage.note('meta', totalsKey(relay));
  recountTotals(db, relay);
}

/** Called when rows turn out to differ from how they were counted. */
export function recountTotals(db: Db, relay: string): void {
  setMeta(db, totalsKey(relay), JSON.stringify({ ...addUp(db, relay), evicted: keptTotals(db, relay)?.evicted ?? 0 }));
}

/**
 * Called when the outbox seems full: recounts the rows in the open transaction, at most once an hour before an eviction and once a minute before a
 * refusal. True if the totals were wrong and have changed.
 */
export function wereWrong(db: Db, relay: string, before: keyof typeof MIN_RECOUNT_EVERY_MS): boolean {
  const times = recounted.get(db) ?? new Map<string, number>();
  recounted.set(db, times);
  if (performance.now() - (times.get(relay) ?? -Infinity) < MIN_RECOUNT_EVERY_MS[before]) return false;
  times.set(relay, performance.now());
  const kept = outboxTotals(db, relay);
  recountTotals(db, relay);
  const { rows, bytes } = outboxTotals(db, relay);
  if (rows === kept.rows && bytes === kept.bytes) return false;
  db.damage.note('meta', totalsKey(relay));
  return true;
}

/** Undefined if they are unreadable, or no rows can add up to them. */
function keptTotals(db: Db, relay: string): OutboxTotals | undefined {
  const key = totalsKey(relay);
  const text = getMeta(db, key);
  if (!text) return { rows: 0, bytes: 0, dead: 0, evicted: 0 };
  return db.damage.read('meta', key, text, isTotals);
}

function isTotals(value: unknown): value is OutboxTotals {
  const { rows, bytes, dead, evicted } = membersOf(value);
  return [rows, bytes, dead, evicted].every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

const totalsKey = (relay: string): string => `outbox:${relay}`;

/** Counts the rows by the length of their text, because a size stored beside it can be damaged on its own. */
function addUp(db: Db, relay: string): OutboxTotals {
  const sums = db
    .prepare(
      `SELECT count(*) AS rows, coalesce(sum(octet_length(data) + octet_length(evidence) + octet_length(subject) + 200), 0) AS bytes,
         coalesce(sum(dead = 1), 0) AS dead FROM outbox WHERE relay = ?`,
    )
    .get(relay) as Omit<OutboxTotals, 'evicted'>;
  return { ...sums, evicted: 0 };
}
