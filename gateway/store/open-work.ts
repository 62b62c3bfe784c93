/** SQL of what is still to be done: hits that take an opinion, orders that were not read. Each reads open work alone, however much is done. */
import type { Id, Instant } from '../contracts/base.ts';
import { OPEN_REVIEW_STATES, type OpenReviewState } from '../contracts/shift.ts';
import type { Db } from './db.ts';
import { hitLines, type HitLine } from './reviews.ts';

export function openHitCounts(db: Db): Readonly<Record<OpenReviewState, number>> {
  const count = db.prepare('SELECT count(*) FROM hits WHERE state = ?').pluck();
  const of = (state: OpenReviewState): number => count.get(state) as number;
  return { unreviewed: of('unreviewed'), first: of('first'), 'one-opinion': of('one-opinion') };
}

/** Newest first. */
export function openHits(db: Db, limit: number): readonly HitLine[] {
  const lines = OPEN_REVIEW_STATES.flatMap((state) => hitLines(db, { state, limit }));
  return lines.sort((a, b) => b.lastMs - a.lastMs || (a.id < b.id ? 1 : -1)).slice(0, limit);
}

export interface UnreadTargets {
  readonly id: Id;
  readonly createdMs: Instant;
  /** Joined by blanks. */
  readonly devices: string;
}

export function countUnreadOrders(db: Db): number {
  return db
    .prepare(
      `SELECT count(DISTINCT orderId) FROM orderTargets INDEXED BY orderTargetsUnread
       WHERE state IN ('waiting', 'sent', 'delivered')`,
    )
    .pluck()
    .get() as number;
}

/** Orders that some device has not read. The last ids, which are the newest of the box and of each room. */
export function unreadOrders(db: Db, limit: number): readonly UnreadTargets[] {
  return db
    .prepare(
      `SELECT t.orderId AS id, o.createdMs, group_concat(t.device, ' ') AS devices
       FROM orderTargets t INDEXED BY orderTargetsUnread JOIN orders o ON o.id = t.orderId
       WHERE t.state IN ('waiting', 'sent', 'delivered') GROUP BY t.orderId ORDER BY t.orderId DESC LIMIT ?`,
    )
    .all(limit) as UnreadTargets[];
}
