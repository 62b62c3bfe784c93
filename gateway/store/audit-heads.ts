/** Heads of the audit log that the box has signed and sent upstream: what the command room holds cannot be taken back here. */
import type { Id, Sha256 } from '../contracts/base.ts';
import type { Deed } from '../contracts/deeds.ts';
import { getMeta, type Db } from './db.ts';

/** How far the log had come, signed with the key of the box. */
export interface SignedHead {
  /** `/sites/SITE/boxes/BOX`, as the box was called then. */
  readonly source: string;
  readonly seq: number;
  readonly hash: Sha256;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Ed25519, the raw public key in base64. */
  readonly key: string;
  /** In base64, over the text of `headText` (audit/signed-head.ts). */
  readonly signature: string;
}

/** A signed head as it is kept here: the event that carried it, to how many rooms. */
export type StoredHead = SignedHead & { readonly event: Id; readonly relays: number };

/** Key of `meta`: the public half of the key in use. */
export const AUDIT_KEY = 'auditKey';
/** Their stream in the outbox. */
export const HEADS = 'audit';
/** A year of hourly ones; the oldest go. */
const MAX_HEADS = 10_000;

/** In the transaction that puts its event into the outbox. */
export function addHead(db: Db, head: StoredHead): void {
  db.prepare(
    'INSERT INTO auditHeads (source, seq, hash, at, key, signature, event, relays) VALUES (@source, @seq, @hash, @at, @key, @signature, @event, @relays)',
  ).run(head);
  db.prepare(
    `DELETE FROM auditHeads WHERE seq < (SELECT seq FROM auditHeads ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_HEADS})`,
  ).run();
}

/** The one that was signed last. */
export function newestHead(db: Db): StoredHead | undefined {
  return db.prepare('SELECT * FROM auditHeads ORDER BY seq DESC, rowid DESC LIMIT 1').get() as StoredHead | undefined;
}

/** All that are kept, oldest first. */
export function storedHeads(db: Db): StoredHead[] {
  return db.prepare('SELECT * FROM auditHeads ORDER BY seq, rowid').all() as StoredHead[];
}

/** Whether a head waits in the outbox for this relay. */
export function hasUnsentHead(db: Db, relay: string): boolean {
  const first = db.prepare('SELECT 1 FROM outbox WHERE relay = ? AND stream = ? AND dead = 0 LIMIT 1');
  return first.get(relay, HEADS) !== undefined;
}

/** The newest head that a command room has acknowledged: its event has left the outbox for one room at least. Reads the whole outbox. */
export function anchoredHead(db: Db): StoredHead | undefined {
  const rows = db
    .prepare(`SELECT id, count(*) AS n FROM outbox WHERE type = 'io.sitebox.audit.v1' GROUP BY id`)
    .all() as { readonly id: Id; readonly n: number }[];
  const waiting = new Map(rows.map(({ id, n }) => [id, n]));
  return storedHeads(db).findLast(({ event, relays }) => (waiting.get(event) ?? 0) < relays);
}

/** Public keys with which the box has signed its log: the one in use, and those that the log names. Reads the whole log. */
export function boxKeys(db: Db): string[] {
  const deeds: readonly Deed[] = ['audit key made', 'audit key replaced'];
  const rows = db.prepare(
    `SELECT detail ->> 'key' AS key, detail ->> 'before' AS before FROM audit WHERE what IN (?, ?) AND json_valid(detail) ORDER BY seq`,
  );
  const named = rows.all(...deeds) as { readonly key: string | null; readonly before: string | null }[];
  return [getMeta(db, AUDIT_KEY), ...named.flatMap((row) => [row.before, row.key])].filter(
    (key) => typeof key === 'string',
  );
}
