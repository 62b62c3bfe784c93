/** Where devices were last, as the command line knows it: from the tracks on disk. */
import type { Candidate } from '../crew/nearest.ts';
import type { Db } from '../store/db.ts';
import type { Instant } from '../types.ts';

export function lastKnown(_db: Db, _at: { readonly now: Instant; readonly who: string }): Candidate[] {
  return [];
}
