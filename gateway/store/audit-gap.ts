/**
 * The log of what goes on without it: calls for help, and what the box itself does. A row that cannot be written is counted, and entered as a gap
 * as soon as a row can be written again. Whatever a person does, and every hit, is logged with `appendAudit` instead, whose failure stops it.
 */
import { iso } from '../contracts/time.ts';
import type { Instant } from '../contracts/base.ts';
import type { Deed } from '../contracts/deeds.ts';
import { appendAudit, type AuditRow } from './audit.ts';
import { isRefusal } from './connection/health.ts';
import type { Gap } from './connection/log-gap.ts';
import { readableMeta } from './damage/readable-meta.ts';
import { setMeta, type Db } from './db.ts';
import { isInstant, membersOf } from './shapes.ts';

/** Key of `meta`: the gap, so that it outlives a restart. */
const KEY = 'auditGap';

/** Writes the row, or counts it. Throws only where the store takes nothing at all: inside a transaction the whole has to fail then. */
export function appendOrCount<What extends Deed>(db: Db, row: AuditRow<What>): void {
  try {
    appendAudit(db, row);
  } catch (error) {
    db.gap.count(row.at);
    if (isRefusal(error)) throw error;
    keepGap(db, db.gap.state());
  }
}

function keepGap(db: Db, gap: Gap | undefined): void {
  const text = JSON.stringify(gap);
  if (text !== readableMeta(db, KEY)) setMeta(db, KEY, text);
}

/** Enters the gap, if there is one; called each second. Throws what the store throws, and counts on. */
export function enterGap(db: Db, now: Instant): void {
  const gap = db.gap.state();
  if (!gap) return;
  const detail = { from: iso(gap.from), to: iso(gap.to), rows: gap.rows };
  try {
    db.write(() => {
      appendAudit(db, { at: now, who: 'box', what: 'audit gap', detail });
      setMeta(db, KEY, '');
    });
  } catch (error) {
    // Counted while the store took nothing: it may take this now.
    if (!isRefusal(error)) keepGap(db, gap);
    throw error;
  }
  db.gap.clear();
}

/** Takes up the gap that a box left which ended before it could enter it. */
export function restoreGap(db: Db): void {
  const text = readableMeta(db, KEY) ?? '';
  const gap = text === '' ? undefined : db.damage.read('meta', KEY, text, isGap);
  if (gap) db.gap.restore(gap);
}

function isGap(value: unknown): value is Gap {
  const { from, to, rows } = membersOf(value);
  return isInstant(from) && isInstant(to) && Number.isSafeInteger(rows);
}
