/** Reads the outbox of one relay row by row when a page of it is damaged: readable rows are sent, and the others are noted. */
import { isDamage, unlessDamaged, type Db } from '../db.ts';
import { PRIORITIES } from './outbox.ts';

export interface DamagedRows<Row> {
  /** A query met a damaged page: from now on rows are read one by one. */
  met(): void;
  /** Whether rows must be read one by one. */
  any(): boolean;
  /** Due rows by priority, then in the order written. Unreadable rows are noted once, and skipped from then on. */
  due(wanted: {
    readonly now: number;
    readonly busyStreams: readonly string[];
    readonly limit: number;
    readonly priorities?: readonly number[];
    readonly plain?: boolean;
  }): Row[];
  /** This row cannot be removed from its page: it stays, and is sent once more after a restart; the other side drops the duplicate. */
  stays(seq: number): void;
}

/** Per priority. */
const MAX_ROWS = 1_000;

export function openDamagedRows<Row extends { readonly stream: string; readonly evidence: string }>(
  db: Db,
  relay: string,
): DamagedRows<Row> {
  const heads = db
    .prepare(
      `SELECT seq FROM outbox INDEXED BY outboxHead WHERE relay = ? AND head = 1 AND priority = ?
       ORDER BY seq LIMIT ${MAX_ROWS}`,
    )
    .pluck();
  const walked = db
    .prepare(
      `SELECT seq FROM outbox NOT INDEXED WHERE relay = ? AND head = 1 AND priority = ? ORDER BY seq LIMIT ${MAX_ROWS}`,
    )
    .pluck();
  const byNumber = db.prepare(
    `SELECT seq, priority, id, type, stream, timeMs, subject, sequence, data, evidence, tries FROM outbox WHERE seq = ? AND dueMs <= ?`,
  );
  const lost = new Set<number>();
  let damaged = false;
  const lose = (seq: number): void => {
    damaged = true;
    lost.add(seq);
    db.damage.note('outbox', seq);
  };
  return {
    met() {
      damaged = true;
      db.damage.note('outbox', 'page');
    },
    any: () => damaged,
    due({ now, busyStreams, limit, priorities = PRIORITIES, plain = false }) {
      const rows: Row[] = [];
      const busy = new Set(busyStreams);
      for (const priority of priorities) {
        // The index lists the rows; if it is damaged, the table does.
        const seqs = unlessDamaged(() => heads.all(relay, priority), undefined) ?? walked.all(relay, priority);
        for (const seq of seqs as number[]) {
          if (rows.length >= limit) return rows;
          if (lost.has(seq)) continue;
          try {
            const row = byNumber.get(seq, now) as Row | undefined;
            if (row && !busy.has(row.stream) && (!plain || row.evidence === '[]')) rows.push(row);
          } catch (error) {
            if (!isDamage(error)) throw error;
            lose(seq);
          }
        }
      }
      return rows;
    },
    stays: lose,
  };
}
