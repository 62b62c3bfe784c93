/** Rewrites waiting rows of a stream whose older rows are worth less than its newer ones. */
import type { Id, Instant, Json } from '../../contracts/base.ts';
import type { Db } from '../db.ts';
import { addTotals } from './totals.ts';
import { removeRows, rowKey } from './outbox.ts';

export interface StreamSpan {
  readonly relay: string;
  readonly stream: string;
  /** Rows from this time on. */
  readonly from: Instant;
}

interface Row {
  readonly seq: number;
  readonly id: Id;
  readonly timeMs: Instant;
  readonly data: string;
}

/**
 * Calls `keep` with the data of each waiting row, newest first. It returns the same object to keep the row, another one to rewrite it, or undefined
 * to remove it. The stream's first row never changes: it alone may be in flight, and the event acknowledged must be the one sent. Joins the open
 * transaction, if any.
 */
export function compactStream(
  db: Db,
  { relay, stream, from }: StreamSpan,
  keep: (data: Json) => Json | undefined,
): void {
  db.write(() => {
    const rows = newestSince(db, { relay, stream, from });
    const change = db.prepare(
      `UPDATE outbox SET data = @text, bytes = octet_length(@text) + octet_length(evidence) + octet_length(subject) + 200
       WHERE seq = @seq`,
    );
    for (const { seq, id, data } of rows) {
      const row = rowKey(relay, id);
      const opened = db.sealing.open('outbox.data', row, data);
      const read = opened === undefined ? undefined : db.damage.readAny<Json>('outbox', seq, opened);
      // Delivery sets it aside when it is due.
      if (!read) continue;
      const before = read.value;
      const kept = keep(before);
      if (kept === undefined) removeRows(db, relay, [seq]);
      if (kept === undefined || kept === before) continue;
      const text = db.sealing.seal('outbox.data', row, JSON.stringify(kept));
      const bytes = Buffer.byteLength(text) - Buffer.byteLength(data);
      change.run({ text, seq });
      addTotals(db, relay, { bytes });
    }
  });
}

/** Reads from the end, so that a long backlog is not walked through. */
function newestSince(db: Db, { relay, stream, from }: StreamSpan): Row[] {
  const first = db.prepare('SELECT min(seq) FROM outbox WHERE relay = ? AND stream = ? AND dead = 0').pluck();
  const newest = db.prepare(
    `SELECT seq, id, timeMs, data FROM outbox WHERE relay = ? AND stream = ? AND dead = 0 AND seq > ? ORDER BY seq DESC`,
  );
  const rows: Row[] = [];
  for (const row of newest.iterate(relay, stream, first.get(relay, stream)) as Iterable<Row>) {
    if (row.timeMs < from) break;
    rows.push(row);
  }
  return rows;
}

/** Takes some milliseconds. */
const MAX_RAISED_AT_ONCE = 500;

/**
 * Gives rows waiting in `stream` after row `after` another priority, a bounded number per call. Returns the last row it looked at, from which the
 * next call continues; undefined when all are done.
 */
export function reprioritizeStream(
  db: Db,
  { relay, stream }: Pick<StreamSpan, 'relay' | 'stream'>,
  { priority, after }: { readonly priority: number; readonly after: number },
): number | undefined {
  return db.write(() => {
    const rows = db
      .prepare(
        `SELECT seq, priority FROM outbox WHERE relay = ? AND stream = ? AND dead = 0 AND seq > ?
           ORDER BY seq LIMIT ${MAX_RAISED_AT_ONCE}`,
      )
      .all(relay, stream, after) as { seq: number; priority: number }[];
    const raise = db.prepare('UPDATE outbox SET priority = ? WHERE seq = ?');
    for (const row of rows) if (row.priority !== priority) raise.run(priority, row.seq);
    return rows.length < MAX_RAISED_AT_ONCE ? undefined : rows.at(-1)!.seq;
  });
}
