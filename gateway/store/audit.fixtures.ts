/** Rows of an audit log for tests that look at the chain, not at what was done. */
import type { Instant, Json } from '../contracts/base.ts';
import { appendAudit, type AuditRow } from './audit.ts';
import type { Db } from './db.ts';

/** Any text may be the deed. */
export function appendAnyDeed(
  db: Db,
  row: { readonly at: Instant; readonly who: string; readonly what: string; readonly detail: Json },
): void {
  appendAudit(db, row as AuditRow);
}
