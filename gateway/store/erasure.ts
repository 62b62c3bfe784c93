/**
 * Erases hits that two people dismissed, with their pictures and events: once the command rooms have them, and at the latest a day after the
 * dismissal, whether or not the line is up. Each room answers the review event with a receipt that it has erased too.
 */
import type { Id, Instant } from '../contracts/base.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import { picturesOf } from './evidence.ts';
import { removeRows } from './outbox/outbox.ts';

/** Never 3: within 24 hours. */
export const ERASED_WITHIN_MS = 24 * 3_600_000;
/** A line that comes back by then still brings the hit to its rooms; the rest is for a task that is late. */
const WAITS_FOR_LINE_MS = 23 * 3_600_000;
/** In one call; more go in the next. */
const MAX_ERASED_AT_ONCE = 20;
/** A room that has sent no receipt after a week sends none. */
const RECEIPT_AWAITED_MS = 8 * 24 * 3_600_000;

const HIT_EVENTS: ReadonlySet<string> = new Set(['io.sitebox.plate.hit.v2', 'io.sitebox.document.hit.v2']);

interface WaitingEvent {
  readonly relay: string;
  readonly seq: number;
  readonly dead: number;
}

/** Returns how many hits were erased. */
export function eraseDismissed(db: Db, now: Instant): number {
  const waiting = db.prepare('SELECT hit, atMs FROM dismissals WHERE erasedMs IS NULL ORDER BY atMs, hit');
  let erased = 0;
  for (const { hit, atMs } of waiting.all() as { hit: Id; atMs: Instant }[]) {
    if (erased === MAX_ERASED_AT_ONCE) break;
    const events = hitEvents(db, hit);
    // Where the clock was set back, how long it waits is not known.
    const isLate = atMs > now || now - atMs >= WAITS_FOR_LINE_MS;
    if (!isLate && events.some((event) => event.dead === 0)) continue;
    db.write(() => erase(db, hit, events, now));
    erased++;
  }
  return erased;
}

function hitEvents(db: Db, hit: Id): WaitingEvent[] {
  const inStream = db.prepare('SELECT relay, seq, dead, type FROM outbox WHERE relay = ? AND stream = ?');
  const events = relaysOf(db).flatMap((relay) => inStream.all(relay, `hit:${hit}`));
  return (events as (WaitingEvent & { readonly type: string })[]).filter(({ type }) => HIT_EVENTS.has(type));
}

/** All that ever had an event, those that the configuration names no more too. */
function relaysOf(db: Db): string[] {
  return db.prepare("SELECT substr(key, 8) FROM meta WHERE key LIKE 'outbox:%'").pluck().all() as string[];
}

function erase(db: Db, hit: Id, events: readonly WaitingEvent[], now: Instant): void {
  for (const { relay, seq } of events) removeRows(db, relay, [seq]);
  const pictures = picturesOf(db, hit);
  db.prepare('DELETE FROM hits WHERE id = ?').run(hit);
  const unnamed = db.prepare(
    'DELETE FROM evidence WHERE sha256 = @sha256 AND NOT EXISTS (SELECT 1 FROM hitEvidence WHERE sha256 = @sha256)',
  );
  for (const { sha256 } of pictures) unnamed.run({ sha256 });
  db.prepare('UPDATE reviews SET characters = NULL WHERE hit = ?').run(hit);
  db.prepare('UPDATE dismissals SET erasedMs = ? WHERE hit = ?').run(now, hit);
  appendAudit(db, { at: now, who: 'box', what: 'dismissed hit erased', detail: { hit, pictures: pictures.length } });
}

/** When the hit was erased here; undefined while it is not. */
export function erasedAt(db: Db, hit: Id): Instant | undefined {
  const at = db.prepare('SELECT erasedMs FROM dismissals WHERE hit = ?').pluck().get(hit) as Instant | null | undefined;
  return at ?? undefined;
}

/** The room behind `relay` has erased the hit. False: nobody dismissed it. */
export function takeReceipt(db: Db, hit: Id, relay: string, now: Instant): boolean {
  if (db.prepare('SELECT 1 FROM dismissals WHERE hit = ?').get(hit) === undefined) return false;
  db.prepare('INSERT OR IGNORE INTO erasureReceipts (hit, relay, atMs) VALUES (?, ?, ?)').run(hit, relay, now);
  return true;
}

/** Dismissals of more than a day ago, and less than RECEIPT_AWAITED_MS, for which the room behind `relay` has sent no receipt. */
export function receiptsMissing(db: Db, relay: string, now: Instant): number {
  return db
    .prepare(
      `SELECT count(*) FROM dismissals d WHERE atMs > ? AND atMs < ?
         AND NOT EXISTS (SELECT 1 FROM erasureReceipts WHERE hit = d.hit AND relay = ?)`,
    )
    .pluck()
    .get(now - RECEIPT_AWAITED_MS, now - ERASED_WITHIN_MS, relay) as number;
}
