/**
 * How much waits in the outbox of each relay. The sums are kept in `meta`, in the same transactions as the rows: adding up 200,000 rows at each
 * write would be slow. They are never the last word: before a row gives way or is refused for them, the rows are counted.
 */
import type { Db } from '../db.ts';
import { getMeta, setMeta } from '../db.ts';
import { membersOf } from '../shapes.ts';

export interface OutboxTotals {
  readonly rows: number;
  readonly bytes: number;
  /** Rows, among `rows`, that the other side will never take. */
  readonly dead: number;
  /** Rows that had to give way since the store was made. */
  readonly evicted: number;
}

/** What a row costs beside its text: index entries and numbers. The statements that measure a row say it as a number. */
export const ROW_OVERHEAD_BYTES = 200;
/** Some 100 ms of the event loop at 200,000 rows, so not each time that a row gives way; where a new one would be refused, nothing is dearer. */
const MIN_RECOUNT_EVERY_MS = { 'give way': 3_600_000, refuse: 60_000 };

/** By relay, monotonic: when the rows were counted last because they seemed to be too many. */
const recounted = new WeakMap<Db, Map<string, number>>();

export function outboxTotals(db: Db, relay: string): OutboxTotals {
  return keptTotals(db, relay) ?? addUp(db, relay);
}

/** Called behind the change of the rows. */
export function addTotals(db: Db, relay: string, change: Partial<OutboxTotals>): void {
  const t = keptTotals(db, relay);
  const next = t && {
    rows: t.rows + (change.rows ?? 0),
    bytes: t.bytes + (change.bytes ?? 0),
    dead: t.dead + (change.dead ?? 0),
    evicted: t.evicted + (change.evicted ?? 0),
  };
  if (isTotals(next)) return setMeta(db, totalsKey(relay), JSON.stringify(next));
  // Of sums that were wrong before. What is added up anew has the change in it.
  if (next) db.damage.note('meta', totalsKey(relay));
  recountTotals(db, relay);
}

/** Where rows were found that nobody had counted as they are. */
export function recountTotals(db: Db, relay: string): void {
  setMeta(db, totalsKey(relay), JSON.stringify({ ...addUp(db, relay), evicted: keptTotals(db, relay)?.evicted ?? 0 }));
}

/**
 * Where there seem to be too many rows, counts them anew before one gives way (once an hour) or is refused (once a minute), in the transaction
 * that is open. True where the sums did not fit the rows and are others now.
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

/** Undefined where they cannot be read any more, or say what no rows can add up to. */
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

/** Of the rows themselves: of their text, as a number beside it can be damaged by itself. */
function addUp(db: Db, relay: string): OutboxTotals {
  const sums = db
    .prepare(
      `SELECT count(*) AS rows, coalesce(sum(octet_length(data) + octet_length(evidence) + octet_length(subject) + 200), 0) AS bytes,
         coalesce(sum(dead = 1), 0) AS dead FROM outbox WHERE relay = ?`,
    )
    .get(relay) as Omit<OutboxTotals, 'evicted'>;
  return { ...sums, evicted: 0 };
}
