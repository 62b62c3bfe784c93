/** The audit log: rows in a hash chain, in which `verifyAudit` finds an edited, deleted, inserted or reordered row. */
import { hash } from 'node:crypto';
import type { Instant, Sha256 } from '../contracts/base.ts';
import type { Deed, Deeds } from '../contracts/deeds.ts';
import type { Db } from './db.ts';
import { getMeta, setMeta } from './db.ts';
import { english } from '../contracts/words/words.ts';

export interface AuditRow<What extends Deed = Deed> {
  readonly at: Instant;
  /** Account, part of the box, or command room that acted. */
  readonly who: string;
  readonly what: What;
  readonly detail: Deeds[What];
}

export type AuditVerdict =
  | {
      readonly ok: true;
      readonly rows: number;
      /** Absent if the chain was never restarted. */ readonly restarts?: readonly AuditRestart[];
    }
  | { readonly ok: false; readonly seq: number; readonly why: string };

/** A row that restarts the chain because rows are lost: after a repair, a restored backup, or a store that had become shorter. */
export interface AuditRestart {
  readonly seq: number;
  readonly at: Instant;
  /** `box` where the box itself noticed the loss; otherwise the person who answers for it. */
  readonly who: string;
  readonly why: string;
  /** Ranges of lost earlier rows, both ends included. */
  readonly missing: readonly (readonly [number, number])[];
  /** A person has acknowledged the loss. */
  readonly accepted: boolean;
}

/** A row as it is stored; `detail` is JSON. */
export interface StoredAuditRow {
  readonly seq: number;
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly detail: string;
  readonly hash: string;
}

/** The first row has no predecessor; its hash covers this instead. */
const GENESIS = '0'.repeat(64);
/** Number and hash of the last row, kept beside the chain: a chain whose last rows were cut off would still verify. */
const HEAD = 'auditHead';

/** Appends one row and moves the head, in the open transaction or in one of its own. */
export function appendAudit<What extends Deed>(db: Db, row: AuditRow<What>): void {
  db.write(() => {
    const head = readHead(db) ?? lostHead(db);
    const next = {
      seq: (head?.seq ?? 0) + 1,
      atMs: row.at,
      who: row.who,
      what: row.what,
      detail: JSON.stringify(row.detail),
    };
    insert(db, next, chain(head?.hash ?? GENESIS, next));
    // Immediate: the command line may append to the same file, and reading the head before taking the lock would race with it.
  });
}

/**
 * Walks the chain from its first row. `seq` names the first row that does not fit or is missing. Rows that a later row declares lost may be
 * missing: `restarts` then says who declared it, and why.
 */
export function verifyAudit(db: Db): AuditVerdict {
  return db.transaction((): AuditVerdict => {
    const restarts = restartsOf(db);
    const anew = new Set(restarts.map((r) => r.seq));
    /** Undefined after a lost row: the hash that follows it cannot be recomputed. */
    let before: string | undefined = GENESIS;
    let expected = 1;
    const rows = db.prepare('SELECT seq, atMs, who, what, detail, hash FROM audit ORDER BY seq').iterate();
    for (const row of rows as Iterable<StoredAuditRow>) {
      if (row.seq !== expected) {
        if (!isDeclaredLost(restarts, expected, row.seq - 1))
          return { ok: false, seq: expected, why: english('audit-row-missing') };
        before = undefined;
      }
      if (anew.has(row.seq)) before = GENESIS;
      if (before !== undefined && chain(before, row) !== row.hash) {
        return { ok: false, seq: row.seq, why: english('audit-row-altered') };
      }
      before = row.hash;
      expected = row.seq + 1;
    }
    const head = readHead(db);
    if ((head?.seq ?? 0) !== expected - 1 || (head?.hash ?? GENESIS) !== before) {
      return { ok: false, seq: expected, why: english('audit-end-missing') };
    }
    return { ok: true, rows: expected - 1, ...(restarts.length > 0 ? { restarts } : {}) };
  })();
}

const RESTARTED = 'audit log started anew' satisfies Deed;
const ACCEPTED = 'loss of audit rows noted' satisfies Deed;
/** A higher number was not written by this code, and no row may follow it. */
const MAX_ROWS = 1e12;
/** A loss in more pieces is recorded as one range, from the first to the last. */
const MAX_PIECES = 200;

/**
 * Restarts the chain with a row that names the lost rows: those missing up to `lastKnown`, the highest number ever known. Reads the whole log.
 * Throws what the store throws.
 */
export function restartAudit(
  db: Db,
  { at, who, why, lastKnown }: Pick<AuditRestart, 'at' | 'who' | 'why'> & { readonly lastKnown: number },
): number {
  return db.write(() => {
    const missing: [number, number][] = [];
    let expected = 1;
    const rows = db.prepare(`SELECT seq FROM audit WHERE seq > 0 AND seq < ${MAX_ROWS} ORDER BY seq`).iterate();
    for (const { seq } of rows as Iterable<{ seq: number }>) {
      if (seq > expected) missing.push([expected, seq - 1]);
      expected = seq + 1;
    }
    const seq = Math.max(expected, lastKnown + 1, (readHead(db)?.seq ?? 0) + 1);
    if (seq > expected) missing.push([expected, seq - 1]);
    const pieces = missing.length > MAX_PIECES ? [[missing[0]![0], missing.at(-1)![1]]] : missing;
    const row = { seq, atMs: at, who, what: RESTARTED, detail: JSON.stringify({ why, missing: pieces }) };
    insert(db, row, chain(GENESIS, row));
    return seq;
  });
}

/** A person acknowledges the loss that row `seq` records. False: there is no such row. */
export function acceptRestart(db: Db, seq: number, { at, who }: Pick<AuditRow, 'at' | 'who'>): boolean {
  if (!restartsOf(db).some((r) => r.seq === seq)) return false;
  appendAudit(db, { at, who, what: ACCEPTED, detail: { seq } });
  return true;
}

const MAX_ROWS_LOOKED_AT = 1_000;

/** The losses acknowledged by rows after `after`, a bounded number of rows per call, up to row `upTo`. Throws what the store throws. */
export function acceptedAfter(db: Db, after: number): { readonly upTo: number; readonly accepted: readonly number[] } {
  const rows = db
    .prepare(
      `SELECT seq, CASE WHEN what = ? AND json_valid(detail) THEN detail ->> 'seq' END AS accepted
       FROM audit WHERE seq > ? ORDER BY seq LIMIT ${MAX_ROWS_LOOKED_AT}`,
    )
    .all(ACCEPTED, after) as { readonly seq: number; readonly accepted: number | null }[];
  return { upTo: rows.at(-1)?.seq ?? after, accepted: rows.flatMap((r) => r.accepted ?? []) };
}

function restartsOf(db: Db): AuditRestart[] {
  const marks = db.prepare('SELECT seq, atMs, who, what, detail, hash FROM audit WHERE what IN (?, ?)');
  const rows = marks.all(RESTARTED, ACCEPTED) as StoredAuditRow[];
  const accepted = new Set(
    rows.filter((r) => r.what === ACCEPTED).map((r) => (JSON.parse(r.detail) as { seq: number }).seq),
  );
  return rows.flatMap((row): AuditRestart[] => {
    if (row.what !== RESTARTED || chain(GENESIS, row) !== row.hash) return [];
    const { why, missing } = JSON.parse(row.detail) as Pick<AuditRestart, 'why' | 'missing'>;
    // A person who restores or repairs has acknowledged the loss.
    return [
      { seq: row.seq, at: row.atMs, who: row.who, why, missing, accepted: row.who !== 'box' || accepted.has(row.seq) },
    ];
  });
}

function isDeclaredLost(restarts: readonly AuditRestart[], from: number, to: number): boolean {
  return restarts.some((r) => r.missing.some(([first, last]) => first <= from && to <= last && r.seq > to));
}

/** Whether the log holds the row with this number and hash, or itself declares it lost. */
export function knowsRow(db: Db, { seq, hash }: { readonly seq: number; readonly hash: Sha256 }): boolean {
  const stored = auditHash(db, seq);
  return stored === undefined ? isDeclaredLost(restartsOf(db), seq, seq) : stored === hash;
}

/** Rows `from` to `to`, both included, as they are stored. */
export function auditRows(
  db: Db,
  { from, to }: { readonly from: number; readonly to: number },
): IterableIterator<StoredAuditRow> {
  return db
    .prepare('SELECT seq, atMs, who, what, detail, hash FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq')
    .iterate(from, to) as IterableIterator<StoredAuditRow>;
}

/** The hash of row `seq`; undefined if there is none. */
export function auditHash(db: Db, seq: number): Sha256 | undefined {
  return db.prepare('SELECT hash FROM audit WHERE seq = ?').pluck().get(seq) as Sha256 | undefined;
}

/** The last row's number and hash, for anchors outside the store: once a hash is sent upstream, the rows under it cannot be rewritten unnoticed. */
export function readHead(db: Db): { readonly seq: number; readonly hash: Sha256 } | undefined {
  const [seq, hash] = (getMeta(db, HEAD) ?? '').split(' ');
  return hash && Number.isSafeInteger(Number(seq)) && Number(seq) > 0 ? { seq: Number(seq), hash } : undefined;
}

/** Called when the head is unreadable though rows exist: the chain continues after the last row, with a row that records it. */
export function lostHead(db: Db): ReturnType<typeof readHead> {
  const last = db
    .prepare(`SELECT seq, hash FROM audit WHERE seq > 0 AND seq < ${MAX_ROWS} ORDER BY seq DESC LIMIT 1`)
    .get() as { readonly seq: number; readonly hash: Sha256 } | undefined;
  if (!last) return undefined;
  db.damage.note('audit', 'head');
  setMeta(db, HEAD, `${last.seq} ${last.hash}`);
  appendAudit(db, { at: Date.now(), who: 'box', what: 'audit head lost', detail: { goesOnBehind: last.seq } });
  return readHead(db);
}

function insert(db: Db, row: Omit<StoredAuditRow, 'hash'>, hash: Sha256): void {
  db.prepare(
    `INSERT INTO audit (seq, atMs, who, what, detail, hash) VALUES (@seq, @atMs, @who, @what, @detail, @hash)`,
  ).run({ ...row, hash });
  setMeta(db, HEAD, `${row.seq} ${hash}`);
}

/** SHA-256 over the previous hash and the row as a JSON array, which makes lengths and order of the fields unambiguous. */
function chain(before: Sha256, row: Omit<StoredAuditRow, 'hash'>): Sha256 {
  return hash('sha256', JSON.stringify([before, row.seq, row.atMs, row.who, row.what, row.detail]));
}
