/** The audit log: rows in a hash chain, so that an edited, deleted, inserted or reordered row is found by `verifyAudit`. */
import { createHash } from 'node:crypto';
import type { Instant, Json, Sha256 } from '../types.ts';
import type { Db } from './db.ts';
import { getMeta, setMeta } from './db.ts';

export interface AuditRow {
  readonly at: Instant;
  /** Account, part of the box, or command room that acted. */
  readonly who: string;
  /** Verb and object, e.g. `list imported`. */
  readonly what: string;
  /** Never holds a field of a non-match, a picture or a secret. */
  readonly detail: Json;
}

export type AuditVerdict =
  { readonly ok: true; readonly rows: number } | { readonly ok: false; readonly seq: number; readonly why: string };

interface Stored {
  readonly seq: number;
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly detail: string;
  readonly hash: string;
}

/** What the first row's hash covers in place of a row before it. */
const GENESIS = '0'.repeat(64);
/** The chain's end, kept beside it: without it, rows cut off at the end would leave a chain that still verifies. */
const HEAD = 'auditHead';

/** Appends one row and moves the head. Joins the transaction that is open, if any; otherwise it is one of its own. */
export function appendAudit(db: Db, row: AuditRow): void {
  db.transaction(() => {
    const head = readHead(db) ?? lostHead(db);
    const next = {
      seq: (head?.seq ?? 0) + 1,
      atMs: row.at,
      who: row.who,
      what: row.what,
      detail: JSON.stringify(row.detail),
    };
    const hash = chain(head?.hash ?? GENESIS, next);
    db.prepare('INSERT INTO audit (seq, atMs, who, what, detail, hash) VALUES (?, ?, ?, ?, ?, ?)').run(
      next.seq,
      next.atMs,
      next.who,
      next.what,
      next.detail,
      hash,
    );
    setMeta(db, HEAD, `${next.seq} ${hash}`);
    // Immediate: the command line may append to the same file, and reading the head before taking the lock would race with it.
  }).immediate();
}

/** Walks the chain from its first row. `seq` names the first row that does not fit, or the one that is missing. */
export function verifyAudit(db: Db): AuditVerdict {
  return db.transaction((): AuditVerdict => {
    let before = GENESIS;
    let expected = 1;
    const rows = db.prepare('SELECT seq, atMs, who, what, detail, hash FROM audit ORDER BY seq').iterate();
    for (const row of rows as Iterable<Stored>) {
      if (row.seq !== expected) return { ok: false, seq: expected, why: 'the row is missing' };
      if (chain(before, row) !== row.hash) {
        return { ok: false, seq: row.seq, why: 'the row, or the one before it, was altered' };
      }
      before = row.hash;
      expected++;
    }
    const head = readHead(db);
    if ((head?.seq ?? 0) !== expected - 1 || (head?.hash ?? GENESIS) !== before) {
      return { ok: false, seq: expected, why: 'rows at the end are missing, or the head was altered' };
    }
    return { ok: true, rows: expected - 1 };
  })();
}

/** The last row's number and hash, to be anchored elsewhere (a hash shown upstream cannot be rewritten here unseen). */
export function readHead(db: Db): { readonly seq: number; readonly hash: Sha256 } | undefined {
  const [seq, hash] = (getMeta(db, HEAD) ?? '').split(' ');
  return hash && Number.isSafeInteger(Number(seq)) && Number(seq) > 0 ? { seq: Number(seq), hash } : undefined;
}

/** The head cannot be read any more, and rows are there: the chain goes on behind the last of them, with a row that says so. */
function lostHead(db: Db): ReturnType<typeof readHead> {
  const last = db.prepare('SELECT seq, hash FROM audit WHERE seq > 0 ORDER BY seq DESC LIMIT 1').get() as
    { readonly seq: number; readonly hash: Sha256 } | undefined;
  if (!last) return undefined;
  db.damage.note('audit', 'head');
  setMeta(db, HEAD, `${last.seq} ${last.hash}`);
  appendAudit(db, { at: Date.now(), who: 'box', what: 'audit head lost', detail: { goesOnBehind: last.seq } });
  return readHead(db);
}

/** SHA-256 over the previous hash and the row as a JSON array: lengths and order of the fields are then unambiguous. */
function chain(before: Sha256, row: Omit<Stored, 'hash'>): Sha256 {
  return createHash('sha256')
    .update(JSON.stringify([before, row.seq, row.atMs, row.who, row.what, row.detail]))
    .digest('hex');
}
