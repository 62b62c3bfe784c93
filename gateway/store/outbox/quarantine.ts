/**
 * Quarantines rows of the outbox that no query finds, because a number that it searches by (`dead`, `head`, `priority`) has a value that the box
 * never writes. They become dead letters and are noted as damage, like unreadable rows; a person may send them again.
 */
import { unlessDamaged, type Db } from '../db.ts';
import { isRefusal } from '../connection/health.ts';
import { recountTotals } from './totals.ts';
import { priorityOf } from './outbox.ts';
import { mendRowNumbers, promoteFirst } from './row-numbers.ts';
import { english } from '../../contracts/words/words.ts';

const MAX_AT_ONCE = 100;
const LOOK_EVERY_MS = 2_000;

interface InvalidRow {
  readonly seq: number;
  readonly stream: string;
  readonly type: string;
  readonly dead: number;
  readonly head: number;
  readonly priority: number;
}

/** Returns a function that quarantines them, a bounded number at a time; call it with each query, and it acts every few seconds of `now`. */
export function openQuarantine(db: Db, relay: string): (now: number) => void {
  const invalid = db.prepare(
    `SELECT seq, stream, type, dead, head, priority FROM outbox
     WHERE relay = ? AND (dead NOT IN (0, 1) OR head NOT IN (0, 1) OR priority NOT BETWEEN -1 AND 5)
     ORDER BY seq LIMIT ${MAX_AT_ONCE}`,
  );
  // Corrects all three numbers, so that the row can be sent again.
  const kill = db.prepare('UPDATE outbox SET dead = 1, head = 0, priority = ?, lastError = ? WHERE seq = ?');
  const setAside = db.transaction((): readonly InvalidRow[] => {
    const rows = invalid.all(relay) as InvalidRow[];
    for (const { seq, stream, type, dead, head, priority } of rows) {
      const why = english('outbox-row-damaged', { dead, head, priority });
      kill.run(priorityOf(type), why, seq);
      promoteFirst(db, relay, stream);
    }
    // It is unknown whether a row had been counted as dead.
    if (rows.length > 0) recountTotals(db, relay);
    return rows;
  });
  let lookedAt = -Infinity;
  return (now) => {
    if (Math.abs(now - lookedAt) < LOOK_EVERY_MS) return;
    lookedAt = now;
    try {
      unlessDamaged(() => mendRowNumbers(db), false);
      if (unlessDamaged(() => invalid.get(relay), undefined) === undefined) return;
      for (const { seq } of unlessDamaged(() => setAside.immediate(), [])) db.damage.note('outbox', seq);
    } catch (error) {
      // The store will take the write later.
      if (!isRefusal(error)) throw error;
    }
  };
}
