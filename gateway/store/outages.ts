/** Alarms from their beginning to their end, and times in which the box did not run: what a shift has to know that was not looked at. */
import type { Instant } from '../contracts/base.ts';
import { english } from '../contracts/words/words.ts';
import { appendAudit } from './audit.ts';
import { readableMeta } from './damage/readable-meta.ts';
import { setMeta, type Db } from './db.ts';
import { fromRow } from './shapes.ts';

export interface Outage {
  readonly key: string;
  /** English words of the catalogue. */
  readonly what: string;
  readonly from: Instant;
  /** Absent: it lasts. */
  readonly to?: Instant;
}

/** The time in which the box did not run. */
export const BOX_OUTAGE = 'box';
const KEEP_MS = 90 * 86_400_000;
/** At each change, so that more go than come. */
const MAX_FORGOTTEN_AT_ONCE = 100;
/** Key of `meta`: when the box was last seen running. */
const RUNNING = 'runningMs';
/** A start this soon after the stop is no outage. */
const MIN_OUTAGE_MS = 1_000;

/** The beginning or the end of an alarm. In the open transaction. */
export function noteAlarm(db: Db, key: string, now: Instant, what?: string): void {
  if (what === undefined)
    db.prepare('UPDATE outages SET toMs = max(fromMs, ?) WHERE key = ? AND toMs IS NULL').run(now, key);
  else
    db.prepare(
      `INSERT INTO outages (key, what, fromMs) SELECT @key, @what, @now
       WHERE NOT EXISTS (SELECT 1 FROM outages INDEXED BY outagesOpen WHERE key = @key AND toMs IS NULL)`,
    ).run({ key, what, now });
  forget(db, now);
}

/** When the box was last seen running: ten seconds before its end, or at its stop. NaN of a box that never ran. */
export function lastRunning(db: Db): Instant {
  return Number(readableMeta(db, RUNNING) ?? NaN);
}

/** At the start: the time since the box was last seen running. After the clock was set back nothing can be said. */
export function noteStart(db: Db, now: Instant): void {
  const last = lastRunning(db);
  db.write(() => {
    if (now - last >= MIN_OUTAGE_MS)
      db.prepare('INSERT INTO outages (key, what, fromMs, toMs) VALUES (?, ?, ?, ?)').run(
        BOX_OUTAGE,
        english('box-did-not-run'),
        last,
        now,
      );
    setMeta(db, RUNNING, String(now));
    forget(db, now);
  });
}

/** Called every ten seconds, and at the stop. */
export function noteRunning(db: Db, now: Instant): void {
  setMeta(db, RUNNING, String(now));
}

/** Those that last, by key. */
export function openOutages(db: Db): Outage[] {
  return db
    .prepare('SELECT key, what, fromMs FROM outages INDEXED BY outagesOpen WHERE toMs IS NULL ORDER BY key')
    .all()
    .map((row) => fromRow(row) as Outage);
}

/** Those that ended after `since`, the last to end first. */
export function outagesSince(db: Db, since: Instant, limit: number): Outage[] {
  return db
    .prepare('SELECT key, what, fromMs, toMs FROM outages WHERE toMs > ? ORDER BY toMs DESC, seq DESC LIMIT ?')
    .all(since, limit)
    .map((row) => fromRow(row) as Outage);
}

function forget(db: Db, now: Instant): void {
  const { changes: rows } = db
    .prepare(
      `DELETE FROM outages WHERE seq IN (SELECT seq FROM outages WHERE toMs < ? ORDER BY toMs LIMIT ${MAX_FORGOTTEN_AT_ONCE})`,
    )
    .run(now - KEEP_MS);
  if (rows > 0) appendAudit(db, { at: now, who: 'box', what: 'retention run', detail: { class: 'shifts', rows } });
}
