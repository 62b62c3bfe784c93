/** The memory of instructions that were taken, so that none is acted on twice: at least for as long as one can be in force, and bounded. */
import type { Instant } from '../contracts/base.ts';
import type { Db } from './db.ts';

/** A room that gives one each six seconds for a week. */
export const MAX_REMEMBERED = 100_000;
/** None is in force for longer (docs/upstream.md); a clock that is off by a day does no harm. */
const NEEDED_MS = 8 * 86_400_000;
const MAX_FORGOTTEN_AT_ONCE = 100;

/**
 * Whether one more may be remembered; makes room by forgetting some of the oldest that cannot be in force any more. False: the command room
 * gave more than MAX_REMEMBERED in a week, and whichever were forgotten could be acted on again. Numbers of rows are dense, so nothing is counted.
 */
export function makeRoomToRemember(db: Db, now: Instant, max = MAX_REMEMBERED): boolean {
  const first = db.prepare('SELECT min(rowid) FROM roomMessages').pluck();
  const last = db.prepare('SELECT max(rowid) FROM roomMessages').pluck();
  const held = (): number => {
    const oldest = first.get() as number | null;
    return oldest === null ? 0 : (last.get() as number) - oldest + 1;
  };
  if (held() < max) return true;
  db.prepare(
    `DELETE FROM roomMessages WHERE rowid IN (
       SELECT rowid FROM roomMessages WHERE atMs < ? ORDER BY atMs LIMIT ${MAX_FORGOTTEN_AT_ONCE})`,
  ).run(now - NEEDED_MS);
  return held() < max;
}
