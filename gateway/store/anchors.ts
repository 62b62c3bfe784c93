/**
 * What must survive the store, kept beside it in `anchors.json`: the highest root, list versions, time, and which devices were revoked. It is
 * written before such a deed is acknowledged. A store that is older than it says, or than `audit.head` does, is noticed, and revives nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../errors.ts';
import type { Instant, Json, ListType, Sha256 } from '../types.ts';
import { appendAudit, knowsRow } from './audit.ts';
import type { Db } from './connection.ts';
import { getMeta, setMeta } from './db.ts';
import { replaceFile } from './files.ts';
import { folderOf, headOf, lastHead, type Head } from './head-file.ts';

export const ANCHORS_FILE = 'anchors.json';

interface Versioned {
  readonly version: number;
  readonly sha256: Sha256;
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

/** Of the roots that are stored, and the one that the anchors told of when this store was put back. */
function highestRoot(db: Db): Versioned | undefined {
  const row = db.prepare('SELECT version, bytes FROM roots ORDER BY version DESC LIMIT 1').get() as
    { version: number; bytes: Buffer } | undefined;
  const stored = row && { version: row.version, sha256: digest(row.bytes) };
  return later(stored, versionedMeta(db, HIGHEST_ROOT));
}

function versionedMeta(db: Db, key: string): Versioned | undefined {
  const [version, sha256] = (getMeta(db, key) ?? '').split(' ');
  return version && sha256 ? { version: Number(version), sha256 } : undefined;
}

interface Known {
  readonly before: Anchors | undefined;
  /** How far the log had come. */
  readonly head: Head | undefined;
  /** The store is not as far as the anchors: of all that it may have lost they keep what they say. */
  readonly behind: boolean;
}

/** What the store says now, with the revoked devices of before, which it may have lost. */
function anchorsOf(db: Db, { before, head, behind }: Known): Anchors {
  const known = behind ? before : undefined;
  const lists = LIST_TYPES.flatMap((type) => {
    const list = later(versionedMeta(db, `highestList ${type}`), known?.lists[type]);
    return list ? [[type, list] as const] : [];
  });
  const revoked = new Map((before?.revoked ?? []).map((r) => [r.id, r]));
  const rows = db.prepare('SELECT id, revokedMs AS atMs, revokedBy AS "by" FROM devices WHERE revokedMs IS NOT NULL');
  for (const row of rows.all() as Revoked[]) {
    if ((revoked.get(row.id)?.atMs ?? -Infinity) < row.atMs) revoked.set(row.id, row);
  }
  return {
    anchors: 1,
    root: later(highestRoot(db), known?.root) ?? null,
    lists: Object.fromEntries(lists),
    clockMs: Math.max(Number(getMeta(db, HIGHEST_TIME) ?? 0), known?.clockMs ?? 0),
    revoked: [...revoked.values()].sort((a, b) => b.atMs - a.atMs).slice(0, MAX_REVOKED),
    audit: (behind ? head : headOf(db)) ?? null,
  };
}

function later(one: Versioned | undefined, other: Versioned | null | undefined): Versioned | undefined {
  return other && other.version > (one?.version ?? 0) ? other : one;
}

/**
 * Writes `anchors.json` where it says less than the store, once a deed is committed and before it is acknowledged; never while the write lock is
 * held. `settled`: whoever calls has compared them (`settle.ts`, a restore); otherwise nothing that a store which was put back has lost is taken
 * from them. Throws AnchorsError, from the outermost transaction where one is open.
 */
export function saveAnchors(db: Db, { settled = false } = {}): void {
  db.afterCommit(() => {
    const folder = folderOf(db);
    if (folder === undefined) return;
    try {
      save(db, folder, settled);
    } catch (error) {
      throw new AnchorsError(folder, error);
    }
  });
}

function save(db: Db, folder: string, settled: boolean): void {
  const read = readAnchors(folder);
  const before = read.state === 'ok' ? read.anchors : undefined;
  const head = lastHead(folder, before);
  const behind = !settled && head !== undefined && !knowsRow(db, head);
  const now = anchorsOf(db, { before, head, behind });
  if (before && JSON.stringify(before) === JSON.stringify(now)) return;
  if (read.state === 'damaged') renameSync(join(folder, ANCHORS_FILE), join(folder, `${ANCHORS_FILE}.damaged`));
  writeAnchors(folder, now);
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
