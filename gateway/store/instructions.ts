/** Bounded memory of taken instructions, kept for at least as long as an instruction can be in force, so that none is executed twice. */
import type { Instant } from '../contracts/base.ts';
import type { Db } from './db.ts';

/** One instruction every six seconds for a week. */
export const MAX_REMEMBERED = 100_000;
/** No instruction is in force longer than a week (docs/upstream.md); the day on top covers a wrong clock. */
const NEEDED_MS = 8 * 86_400_000;
const MAX_FORGOTTEN_AT_ONCE = 100;

/**
 * Whether another instruction may be remembered; forgets some of the oldest that cannot be in force any more to make room. False: the command room
 * gave more than MAX_REMEMBERED in a week, and a forgotten one could be executed again. Row numbers are dense, so nothing is counted.
 */
export function makeRoomToRemember(db: Db, now: Instant, max = MAX_REMEMBERED): boolean {
  const first = db.prepare('SELECT min(rowid) FROM roomMessages').pluck();
  const last = db.prepare('SELECT max(rowid) FROM roomMessages').pluck();
  const size = (): number => {
    const oldest = first.get() as number | null;
    return oldest === null ? 0 : (last.get() as number) - oldest + 1;
  };
  if (size() < max) return true;
  db.prepare(
    `DELETE FROM roomMessages WHERE rowid IN (
       SELECT rowid FROM roomMessages WHERE atMs < ? ORDER BY atMs LIMIT ${MAX_FORGOTTEN_AT_ONCE})`,
  ).run(now - NEEDED_MS);
  return size() < max;
}
