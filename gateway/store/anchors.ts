/**
 * What must survive the store, kept beside it in `anchors.json`: the highest root, list versions, time, and which devices were revoked. It is
 * written before such a deed is acknowledged. `audit.head` says how far the audit log and the event sequence had come; it is written with
 * each event without waiting for the disk. A store that is older than they say is noticed, and revives nothing.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { causeOf } from '../errors.ts';
import type { Instant, Json, ListType, Sha256 } from '../types.ts';
import { appendAudit, readHead } from './audit.ts';
import type { Db } from './connection.ts';
import { getMeta, setMeta } from './db.ts';
import { replaceFile } from './files.ts';

export const ANCHORS_FILE = 'anchors.json';
export const HEAD_FILE = 'audit.head';

interface Versioned {
  readonly version: number;
  readonly sha256: Sha256;
}

export interface Head {
  readonly seq: number;
  readonly hash: Sha256;
  /** Of the newest event. */
  readonly sequence: number;
}

export interface Anchors {
  readonly anchors: 1;
  readonly root: Versioned | null;
  readonly lists: Readonly<Partial<Record<ListType, Versioned>>>;
  /** The highest trusted time, ms. */
  readonly clockMs: Instant;
  readonly revoked: readonly Revoked[];
  readonly audit: Head | null;
}

interface Revoked {
  readonly id: string;
  readonly atMs: Instant;
  readonly by: string;
}

export type ReadAnchors =
  | { readonly state: 'ok'; readonly anchors: Anchors }
  | { readonly state: 'missing' }
  | { readonly state: 'damaged'; readonly why: string };

/** The deed stands; what must survive the store could not be written beside it. */
export class AnchorsError extends Error {
  constructor(folder: string, cause: unknown) {
    super(
      `The change is made and in force. But ${join(folder, ANCHORS_FILE)} could not be written (${String(cause)}): until it is, a backup that ` +
        'is restored could undo the change. Free space or mend the folder; a running box writes it within a minute.',
      { cause },
    );
    this.name = 'AnchorsError';
  }
}

const LIST_TYPES: readonly ListType[] = ['plate-list', 'doc-list'];
const HIGHEST_TIME = 'highestTimeMs';
const HIGHEST_ROOT = 'highestRoot';
/** Newest first; a box has 2,000 devices at most at one time. */
const MAX_REVOKED = 10_000;
const MAX_ANCHOR_BYTES = 4 * 2 ** 20;
const HEAD_BYTES = 160;

/** Folder of the store that is open; undefined for a copy in memory. */
export function folderOf(db: Db): string | undefined {
  const [main] = db.pragma('database_list') as { file: string }[];
  return main?.file ? dirname(main.file) : undefined;
}

export function readAnchors(folder: string): ReadAnchors {
  let text: string;
  try {
    text = readFileSync(join(folder, ANCHORS_FILE), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { state: 'missing' } : { state: 'damaged', why: causeOf(error) };
  }
  try {
    if (text.length > MAX_ANCHOR_BYTES) throw new Error('it is too long');
    const { sha256, ...anchors } = JSON.parse(text) as Anchors & { sha256: string };
    if (anchors.anchors !== 1 || digestOf(anchors) !== sha256) throw new Error('it does not hold what was written');
    return { state: 'ok', anchors };
  } catch (error) {
    return { state: 'damaged', why: causeOf(error) };
  }
}

/** Undefined where there is none, or it is torn: then `anchors.json` is the last word. */
export function readHeadFile(folder: string): Head | undefined {
  try {
    const [seq, sequence, hash, check] = readFileSync(join(folder, HEAD_FILE), 'utf8').trim().split(' ');
    if (!seq || !sequence || !hash || check !== shortDigest(`${seq} ${sequence} ${hash}`)) return undefined;
    return { seq: Number(seq), hash, sequence: Number(sequence) };
  } catch {
    return undefined;
  }
}

/** The further of the two. */
export function lastHead(folder: string, anchors: Anchors | undefined): Head | undefined {
  const heads = [anchors?.audit ?? undefined, readHeadFile(folder)].filter((h) => h !== undefined);
  return heads.sort((a, b) => b.seq - a.seq)[0];
}

/** Writes `audit.head` after each commit, once for all that was written in one go. Failures are left to the next one: it is a second line. */
export function openHeadFile(db: Db): { touch(): void; close(): void } {
  const folder = folderOf(db);
  let fd: number | undefined;
  let due = false;
  const write = (): void => {
    due = false;
    if (folder === undefined || !db.open) return;
    try {
      const head = headOf(db);
      if (!head) return;
      fd ??= openSync(join(folder, HEAD_FILE), constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
      const text = `${head.seq} ${head.sequence} ${head.hash}`;
      writeSync(fd, `${text} ${shortDigest(text)}`.padEnd(HEAD_BYTES - 1) + '\n', 0);
    } catch {
      // A full disk, or a folder that was taken away: the store says so.
    }
  };
  return {
    touch() {
      if (due) return;
      due = true;
      // After the transaction that is open now.
      queueMicrotask(write);
    },
    close() {
      write();
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function headOf(db: Db): Head | undefined {
  const head = readHead(db);
  return head && { ...head, sequence: Number(getMeta(db, 'sequence') ?? 0) };
}

/** Of the roots that are stored, and the one that the anchors told of when this store was put back. */
function highestRoot(db: Db): Versioned | undefined {
  const row = db.prepare('SELECT version, bytes FROM roots ORDER BY version DESC LIMIT 1').get() as
    { version: number; bytes: Buffer } | undefined;
  const stored = row && { version: row.version, sha256: digest(row.bytes) };
  const told = versionedMeta(db, HIGHEST_ROOT);
  return told && told.version > (stored?.version ?? 0) ? told : stored;
}

function versionedMeta(db: Db, key: string): Versioned | undefined {
  const [version, sha256] = (getMeta(db, key) ?? '').split(' ');
  return version && sha256 ? { version: Number(version), sha256 } : undefined;
}

/** What the store says now, with the revoked devices of `before`, which it may have lost. */
function anchorsOf(db: Db, before: Anchors | undefined): Anchors {
  const lists = LIST_TYPES.flatMap((type) => {
    const list = versionedMeta(db, `highestList ${type}`);
    return list ? [[type, list] as const] : [];
  });
  const revoked = new Map((before?.revoked ?? []).map((r) => [r.id, r]));
  const rows = db.prepare('SELECT id, revokedMs AS atMs, revokedBy AS "by" FROM devices WHERE revokedMs IS NOT NULL');
  for (const row of rows.all() as Revoked[]) {
    if ((revoked.get(row.id)?.atMs ?? -Infinity) < row.atMs) revoked.set(row.id, row);
  }
  return {
    anchors: 1,
    root: highestRoot(db) ?? null,
    lists: Object.fromEntries(lists),
    clockMs: Number(getMeta(db, HIGHEST_TIME) ?? 0),
    revoked: [...revoked.values()].sort((a, b) => b.atMs - a.atMs).slice(0, MAX_REVOKED),
    audit: headOf(db) ?? null,
  };
}

/** Writes `anchors.json` where it says less than the store: to be called when a deed is committed and before it is acknowledged. Throws AnchorsError. */
export function saveAnchors(db: Db): void {
  const folder = folderOf(db);
  if (folder === undefined || db.inTransaction) return;
  try {
    const read = readAnchors(folder);
    const before = read.state === 'ok' ? read.anchors : undefined;
    const now = anchorsOf(db, before);
    if (before && JSON.stringify(before) === JSON.stringify(now)) return;
    if (read.state === 'damaged') renameSync(join(folder, ANCHORS_FILE), join(folder, `${ANCHORS_FILE}.damaged`));
    writeAnchors(folder, now);
  } catch (error) {
    throw new AnchorsError(folder, error);
  }
}

export function writeAnchors(folder: string, anchors: Anchors): void {
  replaceFile(join(folder, ANCHORS_FILE), `${JSON.stringify({ ...anchors, sha256: digestOf(anchors) })}\n`);
}

/** Further than any event that may have left since the anchors were written. */
const SEQUENCE_MARGIN = 100_000;

/**
 * Has the store know what `anchors` know: no older root or list is taken, no revoked device comes back, no event number is given twice.
 * `older`: the store is an earlier state of itself, so that its clock and its event numbers are of the past as well. Audited where it
 * changes anything.
 */
export function applyAnchors(
  db: Db,
  { root, lists, clockMs, revoked, audit }: Anchors,
  { now, older, head }: { readonly now: Instant; readonly older: boolean; readonly head?: Head | undefined },
): void {
  db.transaction(() => {
    const raised: string[] = [];
    const raise = (key: string, to: Versioned): void => {
      if ((versionedMeta(db, key)?.version ?? 0) >= to.version) return;
      setMeta(db, key, `${to.version} ${to.sha256}`);
      raised.push(`${key} ${to.version}`);
    };
    if (root) raise(HIGHEST_ROOT, root);
    for (const type of LIST_TYPES) if (lists[type]) raise(`highestList ${type}`, lists[type]);
    for (const device of revoked) if (revokeAgain(db, device)) raised.push(`device ${device.id}`);
    if (older) {
      if (Number(getMeta(db, HIGHEST_TIME) ?? 0) < clockMs) setMeta(db, HIGHEST_TIME, String(clockMs));
      const known = Math.max(head?.sequence ?? 0, audit?.sequence ?? 0, Number(getMeta(db, 'sequence') ?? 0));
      setMeta(db, 'sequence', String(known + SEQUENCE_MARGIN));
    }
    if (raised.length > 0)
      appendAudit(db, { at: now, who: 'box', what: 'anchors applied', detail: { raised: raised as Json } });
  }).immediate();
}

/** A device that was registered anew after it was revoked stays. */
function revokeAgain(db: Db, { id, atMs, by }: Revoked): boolean {
  const { changes } = db
    .prepare(
      'UPDATE devices SET revokedMs = ?, revokedBy = ?, hash = NULL WHERE id = ? AND revokedMs IS NULL AND addedMs <= ?',
    )
    .run(atMs, by, id, atMs);
  if (changes > 0) setMeta(db, 'devicesVersion', String(Number(getMeta(db, 'devicesVersion') ?? 0) + 1));
  return changes > 0;
}

/** Why `root` may not be used: the box has had a later one. */
export function olderRoot(db: Db, version: number): number | undefined {
  const highest = versionedMeta(db, HIGHEST_ROOT)?.version ?? 0;
  return version < highest ? highest : undefined;
}

/** A new chain of roots begins (`list trust --replace`). */
export function forgetHighestRoot(db: Db): void {
  setMeta(db, HIGHEST_ROOT, '');
}

const digestOf = (anchors: Anchors): string => digest(JSON.stringify(anchors));
const digest = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const shortDigest = (text: string): string => digest(text).slice(0, 8);
