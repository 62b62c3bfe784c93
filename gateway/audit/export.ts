/**
 * The whole audit log in one file, as JSON lines: a header, the rows as they are stored, and their signed head. `verify-export.mjs` checks it with
 * nothing but the file and the public key of the box.
 */
import type { Instant } from '../contracts/base.ts';
import { iso } from '../contracts/time.ts';
import { newestHead, type SignedHead } from '../store/audit-heads.ts';
import { auditRows, readHead } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import type { BoxKey } from './box-key.ts';
import { headText } from './signed-head.ts';

/** Copied beside an export. */
export const VERIFIER = new URL('verify-export.mjs', import.meta.url);

/**
 * The head that an export ends with: signed now, or, without the key (a credential that systemd hands to the service alone), the last one that the
 * box has signed. Undefined: nothing can be exported yet.
 */
export function headForExport(
  db: Db,
  { source, key, now }: { readonly source: string; readonly key: BoxKey | undefined; readonly now: Instant },
): SignedHead | undefined {
  if (!key) {
    const stored = newestHead(db);
    if (!stored) return undefined;
    const { event: _event, relays: _relays, ...head } = stored;
    return head;
  }
  const head = readHead(db);
  if (!head) return undefined;
  const unsigned = { source, ...head, at: iso(now) };
  return { ...unsigned, key: key.publicKey, signature: key.sign(headText(unsigned)) };
}

/** Gives each line, with its end, to `write`. Reads one state of the log, however much is appended meanwhile. */
export function exportLines(db: Db, head: SignedHead, write: (line: string) => void): void {
  const line = (value: object): void => write(`${JSON.stringify(value)}\n`);
  line({ export: 'sitebox audit log', version: 1, source: head.source, key: head.key, at: head.at });
  db.transaction(() => {
    for (const row of auditRows(db, { from: 1, to: head.seq })) line(row);
  })();
  line({ head });
}
