/**
 * Repairs the row numbers of the outbox. No query finds a row whose number JavaScript cannot hold exactly; and after the highest number of SQLite
 * every new row is refused, as if the disk were full (sqlite.org/autoinc.html). Numbers written by a box begin at 1.
 */
import type { Db } from '../connection/connection.ts';

/** A higher number is invalid. The SQL repeats both limits. */
export const MAX_ROW_NUMBER = 2 ** 52;
/** New numbers continue after the highest valid one up to here, and so stay far from the end. */
const MAX_PLAUSIBLE = 2 ** 51;
/** Rows that left a moment ago may still be in flight: no other row gets their numbers. */
const NUMBER_MARGIN = 1_000_000;

/**
 * Moves rows with invalid numbers after the others, in their order, makes SQLite continue after them, and notes them as damage. False if all
 * numbers were valid. Throws what the store throws.
 */
export function mendRowNumbers(db: Db): boolean {
  const odd = db.prepare(
    `SELECT (SELECT min(seq) FROM outbox) < 0 OR (SELECT max(seq) FROM outbox) > 4503599627370496 OR EXISTS (
       SELECT 1 FROM sqlite_sequence WHERE name = 'outbox' AND (typeof(seq) <> 'integer' OR seq NOT BETWEEN 0 AND 4503599627370496))`,
  );
  if (odd.pluck().get() !== 1) return false;
  const moved = db.write(() => move(db));
  for (const number of moved) db.damage.note('outbox', number);
  db.damage.note('outbox', 'row numbers');
  return true;
}

interface MisnumberedRow {
  /** In digits: it may exceed what a JavaScript number holds. */
  readonly number: string;
  readonly relay: string;
  readonly stream: string;
}

/** All at once: there are only as many as were written since the last call. */
function move(db: Db): readonly string[] {
  const below = db.prepare('SELECT CAST(seq AS TEXT) AS number, relay, stream FROM outbox WHERE seq < 0 ORDER BY seq');
  const above = db.prepare('SELECT CAST(seq AS TEXT) AS number, relay, stream FROM outbox WHERE seq > ? ORDER BY seq');
  const rows = [...below.all(), ...above.all(MAX_PLAUSIBLE)] as MisnumberedRow[];
  const renumber = db.prepare('UPDATE outbox SET seq = ?, head = 0 WHERE seq = ?');
  const first = firstFree(db);
  for (const [i, { number }] of rows.entries()) renumber.run(first + i, BigInt(number));
  setHeads(db, rows);
  db.prepare(`UPDATE sqlite_sequence SET seq = ? WHERE name = 'outbox'`).run(first + rows.length);
  return rows.map((row) => row.number);
}

function firstFree(db: Db): number {
  const row = db.prepare('SELECT coalesce(max(seq), 0) FROM outbox WHERE seq <= ?').pluck();
  const given = db.prepare(
    `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox' AND typeof(seq) = 'integer' AND seq <= ?`,
  );
  const highest = [row, given.pluck()].map((s) => s.get(MAX_PLAUSIBLE) as number);
  return Math.max(0, ...highest) + NUMBER_MARGIN;
}

/** A row that was first in its stream may now follow the others. */
function setHeads(db: Db, rows: readonly MisnumberedRow[]): void {
  const clear = db.prepare('UPDATE outbox SET head = 0 WHERE relay = ? AND stream = ? AND dead = 0 AND head = 1');
  const streams = new Map(rows.map(({ relay, stream }) => [JSON.stringify([relay, stream]), [relay, stream] as const]));
  for (const stream of streams.values()) {
    clear.run(...stream);
    promoteFirst(db, ...stream);
  }
}

/** Marks the first living row of a stream, the only one that may be sent. */
export function promoteFirst(db: Db, relay: string, stream: string): void {
  db.prepare(
    'UPDATE outbox SET head = 1 WHERE seq = (SELECT min(seq) FROM outbox WHERE relay = ? AND stream = ? AND dead = 0)',
  ).run(relay, stream);
}
