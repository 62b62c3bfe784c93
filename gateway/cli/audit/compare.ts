/** The chain of the audit log of a box, and the log compared with rows and heads that are known from elsewhere. */
import type { HeadInFile } from '../../audit/heads-in.ts';
import { isSigned } from '../../audit/signed-head.ts';
import { auditHash, readHead, verifyAudit, type AuditRestart } from '../../store/audit.ts';
import { boxKeys } from '../../store/audit-heads.ts';
import type { Db } from '../../store/db.ts';
import { words } from '../../contracts/words/words.ts';
import { Stop } from '../exit.ts';
import { say, when } from '../language.ts';
import type { Box } from '../on-box.ts';

export interface ComparisonOptions {
  readonly restarts: readonly AuditRestart[];
  /** Where they are from; absent: from this box. */
  readonly file?: string;
  /** Public keys of the box that are known from elsewhere; default: those that the box knows. */
  readonly keys?: readonly string[];
}

/** What does not fit, in words. A row that is said to be lost cannot be compared. */
export function compare(db: Db, heads: readonly HeadInFile[], { restarts, file, keys }: ComparisonOptions): string[] {
  const last = readHead(db)?.seq ?? 0;
  const known = new Set(keys ?? boxKeys(db));
  const isLost = (seq: number) => restarts.some((r) => r.missing.some(([from, to]) => from <= seq && seq <= to));
  return heads.flatMap(({ seq, hash, signed }) => {
    // Rows that name a key may be lost: a head of this box counts if it is signed, and its row is there.
    if (signed && !(isSigned(signed) && (file === undefined || known.has(signed.key))))
      return say('audit-head-forged', { row: seq, file: file ?? say('audit-this-box') });
    if (seq > last)
      return file === undefined
        ? say('audit-shorter', { last, row: seq })
        : say('audit-shorter-than', { last, row: seq, file });
    if (isLost(seq) || auditHash(db, seq) === hash) return [];
    return file === undefined ? say('audit-other', { row: seq }) : say('audit-other-than', { row: seq, file });
  });
}

/** One line for many rows that do not fit. */
export function inShort(wrong: readonly string[]): string {
  const [first] = wrong;
  return wrong.length <= MAX_LINES
    ? wrong.join('\n')
    : `${first}\n${say('audit-more-wrong', { more: wrong.length - 1 })}`;
}

const MAX_LINES = 5;

/** Prints where rows are lost. Throws Stop with the first row that does not fit. */
export function wholeChain({ db }: Pick<Box, 'db'>): {
  readonly rows: number;
  readonly restarts: readonly AuditRestart[];
} {
  const verdict = verifyAudit(db);
  if (!verdict.ok) throw new Stop(say('audit-changed', { row: verdict.seq, why: verdict.why }));
  const restarts = verdict.restarts ?? [];
  for (const restart of restarts) console.log(restartText(restart));
  return { rows: verdict.rows, restarts };
}

function restartText({ seq, at, who, why, missing, accepted }: AuditRestart): string {
  const rows = missing.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  const gone = rows === '' ? '' : words('audit-restart-missing', { rows });
  const open = accepted ? '' : words('audit-restart-open');
  return say('audit-restart', { row: seq, at: when(at), by: who, why, missing: gone, open });
}
