/** Rewrites what waits in a stream of the outbox whose older rows are worth less than its newer ones. */
import type { Instant, Json } from '../../contracts/base.ts';
import type { Db } from '../db.ts';
import { addTotals } from './totals.ts';
import { removeRows } from './outbox.ts';

export interface StreamSpan {
  readonly relay: string;
  readonly stream: string;
  /** Rows of this time and later ones. */
  readonly from: Instant;
}

interface Row {
  readonly seq: number;
  readonly timeMs: Instant;
  readonly data: string;
}

/**
 * Gives the data of each waiting row to `keep`, newest first, which says what stays of it: the same object where all does, undefined where
 * nothing does and the row goes.
 * The stream's first row stays as it is: it alone may be under way at this moment, and what was acknowledged must be what was sent.
 * Joins the transaction that is open, if any.
 */
export function compactStream(
  db: Db,
  { relay, stream, from }: StreamSpan,
  keep: (data: Json) => Json | undefined,
): void {
  db.transaction(() => {
    const rows = newestSince(db, { relay, stream, from });
    const change = db.prepare(
      `UPDATE outbox SET data = @text, bytes = octet_length(@text) + octet_length(evidence) + octet_length(subject) + 200
       WHERE seq = @seq`,
    );
    for (const { seq, data } of rows) {
      const read = db.damage.readAny<Json>('outbox', seq, data);
      // Its delivery sets it aside when its turn comes.
      if (!read) continue;
      const before = read.value;
      const kept = keep(before);
      if (kept === undefined) removeRows(db, relay, [seq]);
      if (kept === undefined || kept === before) continue;
      const text = JSON.stringify(kept);
      const bytes = Buffer.byteLength(text) - Buffer.byteLength(data);
      change.run({ text, seq });
      addTotals(db, relay, { bytes });
    }
  }).immediate();
}

/** Read from the end, so that what piled up before is not walked through. */
function newestSince(db: Db, { relay, stream, from }: StreamSpan): Row[] {
  const first = db.prepare('SELECT min(seq) FROM outbox WHERE relay = ? AND stream = ? AND dead = 0').pluck();
  const newest = db.prepare(
    `SELECT seq, timeMs, data FROM outbox WHERE relay = ? AND stream = ? AND dead = 0 AND seq > ? ORDER BY seq DESC`,
  );
  const rows: Row[] = [];
  for (const row of newest.iterate(relay, stream, first.get(relay, stream)) as Iterable<Row>) {
    if (row.timeMs < from) break;
    rows.push(row);
  }
  return rows;
}

/** Some milliseconds' work. */
const MAX_RAISED_AT_ONCE = 500;

/**
 * Gives what waits in `stream` behind row `after` another priority, a bounded number of rows in one call. Returns the last row it looked
 * at, where the next call goes on; undefined when all are done.
 */
export function reprioritizeStream(
  db: Db,
  { relay, stream }: Pick<StreamSpan, 'relay' | 'stream'>,
  { priority, after }: { readonly priority: number; readonly after: number },
): number | undefined {
  return db
    .transaction(() => {
      const rows = db
        .prepare(
          `SELECT seq, priority FROM outbox WHERE relay = ? AND stream = ? AND dead = 0 AND seq > ?
           ORDER BY seq LIMIT ${MAX_RAISED_AT_ONCE}`,
        )
        .all(relay, stream, after) as { seq: number; priority: number }[];
      const raise = db.prepare('UPDATE outbox SET priority = ? WHERE seq = ?');
      for (const row of rows) if (row.priority !== priority) raise.run(priority, row.seq);
      return rows.length < MAX_RAISED_AT_ONCE ? undefined : rows.at(-1)!.seq;
    })
    .immediate();
}
