/**
 * Facts that must survive the store, kept beside it in `anchors.json`: the highest versions of root, lists and policy, the time, the revoked devices and the disabled accounts. Written
 * before such a change is acknowledged. A store older than the anchors or `audit.head` is detected, and revives nothing.
 */
import { hash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../../contracts/errors.ts';
import { readRegular } from '../../contracts/regular-file.ts';
import type { Instant } from '../../contracts/base.ts';
import type { ListType } from '../../contracts/list.ts';
import {
  checkAnchors,
  type Anchors,
  type AuditHead,
  type DisabledPerson,
  type MonotonicVersion,
  type RevokedDevice,
  type SignedVersion,
} from './shape.ts';
import { appendAudit, knowsRow } from '../audit.ts';
import type { Db } from '../connection/connection.ts';
import { getMeta, setMeta } from '../db.ts';
import { replaceFile } from '../files/private-files.ts';
import { plausibleSequence, folderOf, headOf, lastHead, lastSequence, SEQUENCE_MARGIN } from './head-file.ts';
import { ANCHORS_FILE } from '../files/names.ts';
import { english } from '../../contracts/words/words.ts';

export type { Anchors } from './shape.ts';

export type AnchorsFileState =
  | { readonly state: 'ok'; readonly anchors: Anchors }
  | { readonly state: 'missing' }
  | { readonly state: 'damaged'; readonly why: string };

/** The change is committed, but the anchors could not be written. */
export class AnchorsError extends Error {
  constructor(folder: string, cause: unknown) {
    super(english('anchors-error', { path: join(folder, ANCHORS_FILE), cause: causeOf(cause) }), { cause });
    this.name = 'AnchorsError';
  }
}

const LIST_TYPES: readonly ListType[] = ['plate-list', 'doc-list'];
/** Keys of `meta`. */
export const HIGHEST_TIME = 'highestTimeMs';
export const DEVICES_VERSION = 'devicesVersion';
const RISING: readonly MonotonicVersion[] = ['root', ...LIST_TYPES, 'policy'];
const HIGHEST = { root: 'highestRoot', policy: 'highestPolicy' } as const;
export const highestKey = (what: MonotonicVersion): string =>
  what === 'root' || what === 'policy' ? HIGHEST[what] : `highestList ${what}`;
/** The newest are kept; a box has at most 2,000 devices at a time. */
const MAX_REVOKED = 10_000;
const MAX_ANCHOR_BYTES = 4 * 2 ** 20;

export function readAnchors(folder: string): AnchorsFileState {
  try {
    const text = readRegular(join(folder, ANCHORS_FILE));
    if (text.length > MAX_ANCHOR_BYTES) throw new Error(english('file-too-long'));
    const { sha256, ...anchors } = JSON.parse(text) as { sha256: unknown };
    if (digestOf(anchors) !== sha256) throw new Error(english('file-not-as-written'));
    checkAnchors(anchors);
    return { state: 'ok', anchors };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { state: 'missing' } : { state: 'damaged', why: causeOf(error) };
  }
}

/** The newest stored root, or the one that the anchors named when this store was restored: the later of the two. */
function highestRoot(db: Db): SignedVersion | undefined {
  const row = db.prepare('SELECT version, bytes FROM roots ORDER BY version DESC LIMIT 1').get() as
    { version: number; bytes: Buffer } | undefined;
  const stored = row && { version: row.version, sha256: hash('sha256', row.bytes) };
  return later(stored, highestVersion(db, 'root'));
}

/** The highest version ever accepted, unless it was dropped since: of a root, as the anchors named it when this store was restored. */
export function highestVersion(db: Db, what: MonotonicVersion): SignedVersion | undefined {
  const [version, sha256] = (getMeta(db, highestKey(what)) ?? '').split(' ');
  return version && sha256 ? { version: Number(version), sha256 } : undefined;
}

interface AnchoredVersions {
  readonly before: Anchors | undefined;
  /** How far the audit log had come. */
  readonly head: AuditHead | undefined;
  /** The store is behind the anchors: they keep their values for everything it may have lost. */
  readonly behind: boolean;
}

/** The anchors of the current store, with the earlier revoked devices, which it may have lost. */
function anchorsOf(db: Db, { before, head, behind }: AnchoredVersions): Anchors {
  const earlier = behind ? before : undefined;
  const highest = (what: MonotonicVersion, stored: SignedVersion | undefined): SignedVersion | undefined => {
    const anchored = earlier && versionedOf(earlier, what);
    const ahead = begunOf(db, what) - (earlier?.begun?.[what] ?? 0);
    return ahead > 0 ? stored : ahead < 0 ? anchored : later(stored, anchored);
  };
  const lists = LIST_TYPES.flatMap((type) => {
    const list = highest(type, highestVersion(db, type));
    return list ? [[type, list] as const] : [];
  });
  const begun = RISING.flatMap((what) => {
    const times = Math.max(begunOf(db, what), earlier?.begun?.[what] ?? 0);
    return times > 0 ? [[what, times] as const] : [];
  });
  const revoked = new Map((before?.revoked ?? []).map((r) => [r.id, r]));
  const rows = db.prepare('SELECT id, revokedMs AS atMs, revokedBy AS "by" FROM devices WHERE revokedMs IS NOT NULL');
  for (const row of rows.all() as RevokedDevice[]) {
    if ((revoked.get(row.id)?.atMs ?? -Infinity) < row.atMs) revoked.set(row.id, row);
  }
  const disabled = disabledPeople(db, earlier);
  const policy = highest('policy', highestVersion(db, 'policy'));
  return {
    anchors: 1,
    root: highest('root', highestRoot(db)) ?? null,
    lists: Object.fromEntries(lists),
    ...(policy ? { policy } : {}),
    begun: Object.fromEntries(begun),
    clockMs: Math.max(Number(getMeta(db, HIGHEST_TIME) ?? 0), earlier?.clockMs ?? 0),
    revoked: [...revoked.values()].sort((a, b) => b.atMs - a.atMs).slice(0, MAX_REVOKED),
    ...(disabled.length > 0 ? { disabled } : {}),
    audit: (behind ? head : headOf(db)) ?? null,
  };
}

/** An account that was enabled again is no longer among them, unless the store may have lost that. */
function disabledPeople(db: Db, earlier: Anchors | undefined): DisabledPerson[] {
  const rows = db.prepare('SELECT serviceNumber AS id, disabledMs AS atMs FROM people WHERE disabledMs IS NOT NULL');
  const all = [...(earlier?.disabled ?? []), ...(rows.all() as DisabledPerson[])];
  return [...new Map(all.map((person) => [person.id, person])).values()];
}

const versionedOf = (
  { root, policy, lists }: Pick<Anchors, 'root' | 'policy' | 'lists'>,
  what: MonotonicVersion,
): SignedVersion | undefined => (what === 'root' ? root : what === 'policy' ? policy : lists[what]) ?? undefined;

function begunOf(db: Db, what: MonotonicVersion): number {
  return Number(getMeta(db, `begun ${what}`) ?? 0);
}

/** A named person drops the roots, a list or the policy: any version is accepted next, whatever earlier anchors hold. */
export function beginAnew(db: Db, what: MonotonicVersion): void {
  drop(db, what);
  setMeta(db, `begun ${what}`, String(begunOf(db, what) + 1));
}

function later(one: SignedVersion | undefined, other: SignedVersion | null | undefined): SignedVersion | undefined {
  return other && other.version > (one?.version ?? 0) ? other : one;
}

/**
 * Writes `anchors.json` if it is behind the store, after a change is committed and before it is acknowledged, never under the write lock.
 * `settled`: the caller has compared store and anchors (`rollback-check.ts`, a restore); otherwise values that a restored store has lost stay in
 * the anchors. Throws AnchorsError, from the outermost transaction if one is open.
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
  // The store may hold an invalid value, which must not overwrite readable anchors.
  checkAnchors(now);
  if (read.state === 'damaged') renameSync(join(folder, ANCHORS_FILE), join(folder, `${ANCHORS_FILE}.damaged`));
  writeAnchors(folder, now);
}

export function writeAnchors(folder: string, anchors: Anchors): void {
  replaceFile(join(folder, ANCHORS_FILE), `${JSON.stringify({ ...anchors, sha256: digestOf(anchors) })}\n`);
}

/**
 * Brings the store up to `anchors`: no older root, list or policy is accepted, no revoked device or disabled account returns, no event number is used twice. `older`: the store
 * is an earlier state of itself, so its clock and event numbers are old as well. Audits any change.
 */
export function applyAnchors(
  db: Db,
  anchors: Anchors,
  { now, older, head }: { readonly now: Instant; readonly older: boolean; readonly head?: AuditHead | undefined },
): void {
  const { begun = {}, clockMs, revoked, disabled = [], audit } = anchors;
  db.write(() => {
    const raised: string[] = [];
    const raise = (what: MonotonicVersion, times: number): void => {
      // The store is newer than the restart of versions, and the anchors are older.
      if (begunOf(db, what) > times) return;
      if (begunOf(db, what) < times) {
        drop(db, what);
        setMeta(db, `begun ${what}`, String(times));
        raised.push(`${what} begun anew`);
      }
      const [key, to] = [highestKey(what), versionedOf(anchors, what)];
      if (!to || (highestVersion(db, what)?.version ?? 0) >= to.version) return;
      setMeta(db, key, `${to.version} ${to.sha256}`);
      raised.push(`${key} ${to.version}`);
    };
    for (const what of RISING) raise(what, begun[what] ?? 0);
    for (const device of revoked) if (revokeAgain(db, device)) raised.push(`device ${device.id}`);
    for (const person of disabled) if (disableAgain(db, person)) raised.push(`person ${person.id}`);
    if (older) {
      if (Number(getMeta(db, HIGHEST_TIME) ?? 0) < clockMs) setMeta(db, HIGHEST_TIME, String(clockMs));
      const last = Math.max(head?.sequence ?? 0, plausibleSequence(audit?.sequence), lastSequence(db));
      setMeta(db, 'sequence', String(last + SEQUENCE_MARGIN));
    }
    if (raised.length > 0) appendAudit(db, { at: now, who: 'box', what: 'anchors applied', detail: { raised } });
  });
}

/** A root or list that was replaced since this state of the store does not return with it. */
function drop(db: Db, what: MonotonicVersion): void {
  if (what === 'root') db.prepare('DELETE FROM roots').run();
  else if (what !== 'policy') db.prepare('DELETE FROM lists WHERE type = ?').run(what);
  setMeta(db, highestKey(what), '');
}

/** A device registered anew after its revocation stays. */
function revokeAgain(db: Db, { id, atMs, by }: RevokedDevice): boolean {
  const { changes } = db
    .prepare(
      'UPDATE devices SET revokedMs = ?, revokedBy = ?, hash = NULL WHERE id = ? AND revokedMs IS NULL AND addedMs <= ?',
    )
    .run(atMs, by, id, atMs);
  if (changes > 0) setMeta(db, DEVICES_VERSION, String(Number(getMeta(db, DEVICES_VERSION) ?? 0) + 1));
  return changes > 0;
}

function disableAgain(db: Db, { id, atMs }: DisabledPerson): boolean {
  const disable = db.prepare('UPDATE people SET disabledMs = ? WHERE serviceNumber = ? AND disabledMs IS NULL');
  if (disable.run(atMs, id).changes === 0) return false;
  db.prepare('DELETE FROM sessions WHERE person = ?').run(id);
  return true;
}

/** The highest root version of the box, if it rules out `root`: it is later, or the same with another hash. */
export function olderRoot(db: Db, { version, sha256 }: SignedVersion): number | undefined {
  const highest = highestVersion(db, 'root');
  const isOlder = highest && (version < highest.version || (version === highest.version && sha256 !== highest.sha256));
  return isOlder ? highest.version : undefined;
}

const digestOf = (anchors: object): string => hash('sha256', JSON.stringify(anchors));
