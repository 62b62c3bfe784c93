/** Copies the store at one moment for a backup, however much the box writes meanwhile, and prepares such a copy for its return. */
import { causeOf } from '../../contracts/errors.ts';
import { appendAudit, restartAudit } from '../audit.ts';
import { applyAnchors, type Anchors } from '../anchors/anchors.ts';
import { checkStore, damageText } from '../damage/check.ts';
import type { Db } from '../connection/connection.ts';
import { isDamage, openCopy, setMeta } from '../db.ts';
import { dropDismissed, type Dismissal } from '../dismissed.ts';
import { createPrivate } from '../files/private-files.ts';
import { lastSequence } from '../anchors/head-file.ts';
import { NO_ANCHORS, type AuditHead } from '../anchors/shape.ts';
import type { FolderKeys } from '../sealing/keys.ts';
import type { Instant } from '../../contracts/base.ts';
import { english } from '../../contracts/words/words.ts';

/** The copy cannot be used; the message says why. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}

/**
 * Copies the store into the new file `path` in one step, inside one snapshot: a copy page by page would restart without end while the box writes.
 * Leaves out what may not live as long as a backup: tracks of the crew, dismissed hits, and sessions, which may be revoked meanwhile. Throws CopyError.
 */
export function copyStore(db: Db, path: string): void {
  createPrivate(path);
  try {
    db.exec(`VACUUM INTO '${path.replaceAll("'", "''")}'`);
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new CopyError(english('copy-store-damaged', { damage: causeOf(error) }));
  }
  using copy = openCopy(path);
  // A failed copy is thrown away, and a journal could double the space needed.
  copy.pragma('journal_mode = OFF');
  copy.transaction(() => {
    copy.prepare('DELETE FROM tracks').run();
    copy.prepare('DELETE FROM sessions').run();
    copy.prepare('DELETE FROM oneTimeCodes').run();
    dropDismissed(copy);
  })();
  mustBeWhole(copy, 'store');
}

function mustBeWhole(copy: Db, what: 'store' | 'backup'): void {
  const { damages, audit } = checkStore(copy);
  if (damages.length > 0) throw new CopyError(english(`copy-${what}-damaged`, { damage: damageText(damages) }));
  if (audit && !audit.ok) throw new CopyError(english(`copy-audit-of-${what}`, { row: audit.seq, why: audit.why }));
}

export interface RestoreReport {
  /** The person who answers for it. */
  readonly who: string;
  readonly now: Instant;
  /** When the backup was made, RFC 3339. */
  readonly made: string;
  /** Undefined if they are lost and a person decided to go on without them. */
  readonly anchors: Anchors | undefined;
  readonly head: AuditHead | undefined;
  /** Dismissals known to the store that the copy replaces. */
  readonly dismissed: readonly Dismissal[];
  /** Those that came with the backup. */
  readonly keys: FolderKeys;
}

/** Added if the last event number is unknown: more than a box uses in years. */
const BLIND_MARGIN = 1_000_000_000;

/**
 * Prepares a copy to replace the store: checks it, applies the anchors, removes dismissed hits, records the loss in its audit log, and refuses
 * waiting orders. Returns the number of those orders. Throws CopyError.
 */
export function readyCopy(path: string, { who, now, made, anchors, head, dismissed, keys }: RestoreReport): number {
  using copy = openCopy(path, keys);
  mustBeWhole(copy, 'backup');
  return copy.write(() => {
    dropDismissed(copy, dismissed);
    const why = english('store-from-backup', { made });
    restartAudit(copy, { at: now, who, why, lastKnown: head?.seq ?? 0 });
    applyAnchors(copy, anchors ?? NO_ANCHORS, { now, older: true, head });
    if (!head) setMeta(copy, 'sequence', String(lastSequence(copy) + BLIND_MARGIN));
    const { changes } = copy
      .prepare(
        `UPDATE orderTargets SET state = 'refused', endedMs = ?, reason = 'the box was restored from a backup'
             WHERE state IN ('waiting', 'sent')`,
      )
      .run(now);
    const detail = { made, anchors: anchors !== undefined, ordersEnded: changes };
    appendAudit(copy, { at: now, who, what: 'backup restored', detail });
    return changes;
  });
}
