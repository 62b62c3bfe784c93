/**
 * Hits that people dismissed, for copies of the store: no backup, repair or restore brings one back (docs/store.md). Of a dismissal under 0.2 only
 * the audit log knows, in the row `hit reviewed` for the instruction of the command room; the latest such row counts.
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
  const earlier = unlessDamaged(() => db.prepare(LAST_WORDS).all() as Dismissal[], []);
  // A store that was not brought up to date has no such table.
  const now = unlessDamaged(() => db.prepare('SELECT hit, atMs AS at FROM dismissals').all() as Dismissal[], []);
  return [...earlier, ...now];
}

/** When the first still stored hit was dismissed. */
export function firstDismissal(db: Db): Instant | undefined {
  const stored = new Set(unlessDamaged(() => db.prepare('SELECT id FROM hits').pluck().all() as Id[], []));
  const times = dismissals(db).flatMap(({ hit, at }) => (stored.has(hit) ? [at] : []));
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
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
    copy.prepare('DELETE FROM judgings WHERE hit IN (SELECT value FROM json_each(?))').run(ids);
    copy.prepare('DELETE FROM hits WHERE id IN (SELECT value FROM json_each(?))').run(ids);
    copy.prepare('UPDATE reviews SET characters = NULL WHERE hit IN (SELECT value FROM json_each(?))').run(ids);
    copy.prepare('DELETE FROM evidence WHERE sha256 NOT IN (SELECT sha256 FROM hitEvidence)').run();
  });
}
