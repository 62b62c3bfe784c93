/**
 * Hits that people dismissed, whose data must be erased within a day (docs/store.md). The stored hit itself does not change, so only the audit log
 * knows of it: the row `hit reviewed` for the command room's instruction (`hits/review.ts`). The latest review counts.
 */
import type { Id, Instant } from '../contracts/base.ts';
import { unlessDamaged, type Db } from './db.ts';
import { removeRows } from './outbox/outbox.ts';

export interface Dismissal {
  readonly hit: Id;
  readonly at: Instant;
}

const LAST_WORDS = `
  SELECT hit, at FROM (
    SELECT CASE WHEN json_valid(detail) THEN detail ->> 'hit' END AS hit,
           CASE WHEN json_valid(detail) THEN detail ->> 'outcome' END AS outcome, atMs AS at, max(seq)
    FROM audit WHERE what = 'hit reviewed' GROUP BY 1)
  WHERE outcome = 'dismissed' AND hit IS NOT NULL`;

/** Reads the whole audit log, or as much as damage allows. */
export function dismissals(db: Db): Dismissal[] {
  return unlessDamaged(() => db.prepare(LAST_WORDS).all() as Dismissal[], []);
}

/** When the first still stored hit was dismissed. */
export function firstDismissal(db: Db): Instant | undefined {
  const sql = `SELECT min(at) FROM (${LAST_WORDS}) WHERE hit IN (SELECT id FROM hits)`;
  return unlessDamaged(() => db.prepare(sql).pluck().get() as Instant | null, null) ?? undefined;
}

/** Deletes dismissed hits, and those in `more`, with their pictures and events. For a copy that is not open elsewhere. */
export function dropDismissed(copy: Db, more: readonly Dismissal[] = []): void {
  const ids = JSON.stringify([...dismissals(copy), ...more].map((d) => d.hit));
  copy.write(() => {
    const events = copy.prepare(
      `SELECT relay, seq FROM outbox WHERE stream IN (SELECT 'hit:' || value FROM json_each(?))`,
    );
    const byRelay = new Map<string, number[]>();
    for (const { relay, seq } of events.all(ids) as { relay: string; seq: number }[])
      byRelay.set(relay, [...(byRelay.get(relay) ?? []), seq]);
    for (const [relay, seqs] of byRelay) removeRows(copy, relay, seqs);
    copy.prepare('DELETE FROM hitEvidence WHERE hit IN (SELECT value FROM json_each(?))').run(ids);
    copy.prepare('DELETE FROM hits WHERE id IN (SELECT value FROM json_each(?))').run(ids);
    copy.prepare('DELETE FROM evidence WHERE sha256 NOT IN (SELECT sha256 FROM hitEvidence)').run();
  });
}
