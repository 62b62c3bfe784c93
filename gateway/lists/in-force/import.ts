/** Imports a list: verifies it, compares it with the stored one, and stores it in one transaction with its audit row and, if needed, its root. */
import { appendAudit } from '../../store/audit.ts';
import type { Db } from '../../store/db.ts';
import { highestVersion } from '../../store/anchors/anchors.ts';
import { atomically, getList, holdings, putList, setRefused } from '../../store/lists.ts';
import type { ListRef, ListType } from '../../contracts/list.ts';
import { readTrust, requireUnchanged, storedRoot, takeRoot, type Actor, type TrustState } from './box-root.ts';
import { openBundle, outOfTime, rolledBack, type Bundle, type ListLimits } from '../bundle.ts';
import { diffBundles, type ListDiff } from '../diff.ts';
import { accept, refuse, type ListRefusal, type Result } from '../result.ts';
import type { SignedFile } from '../signature.ts';
import type { Root } from '../trust.ts';
import { english } from '../../contracts/words/words.ts';

export interface ImportRequest extends Actor {
  readonly file: SignedFile;
  readonly site: string;
  readonly limits: ListLimits;
  /** The root.json at `lists.trust`; a successor of the stored root takes effect together with the list. */
  readonly trust?: SignedFile;
}

export interface StagedList {
  readonly bundle: Bundle;
  /** With which the list was verified. */
  readonly root: Root;
  /** With the successor that takes effect with this list, if any. */
  readonly trust: TrustState;
  /** Lists of the other type that are dropped with the old root. */
  readonly drops: readonly ListType[];
  /** The stored list, if any. */
  readonly base: ListRef | undefined;
  /** From the stored list, if it can still be read. */
  readonly diff: ListDiff;
}

/** The stored list passed the limits when it came in. */
const NO_LIMITS: ListLimits = { maxBytes: Infinity, maxEntries: Infinity };

/** Checks everything and changes nothing. */
export function stageBundle(db: Db, request: ImportRequest): Result<StagedList> {
  const read = trustFor(db, request);
  if (!read.ok) return read;
  const trust = read.value;
  const root = trust.next?.root ?? trust.root;
  const opened = openBundle(request.file, { root, site: request.site, limits: request.limits });
  if (!opened.ok) return explained(opened, request, trust);
  const bundle = opened.value;
  const { type } = bundle.ref;
  const drops = trust.next?.drops ?? [];
  // A list that the new root drops loses its version too.
  const highest = drops.includes(type) ? undefined : highestVersion(db, type);
  const refused = outOfTime(bundle, root, request.now) ?? rolledBack(bundle.ref, highest);
  if (refused) return refused;
  const stored = getList(db, type);
  const before = stored && openBundle(stored, { root: trust.root, limits: NO_LIMITS });
  return accept({
    bundle,
    root,
    trust,
    drops: drops.filter((dropped) => dropped !== type),
    base: stored && { type: stored.type, version: stored.version, sha256: stored.sha256 },
    diff: diffBundles(before?.ok ? before.value : undefined, bundle),
  });
}

function trustFor(db: Db, { trust }: ImportRequest): Result<TrustState> {
  if (trust) return readTrust(db, trust);
  const root = storedRoot(db);
  return root.ok ? accept({ root: root.value, seen: holdings(db) }) : root;
}

/** Says so where the list is signed with old keys that a waiting root replaces, instead of only `unsigned`. */
function explained(refused: ListRefusal, request: ImportRequest, { root, next }: TrustState): ListRefusal {
  if (refused.why !== 'unsigned' || !next || next.root === root) return refused;
  const old = openBundle(request.file, { root, site: request.site, limits: request.limits });
  if (!old.ok) return refused;
  return refuse('unsigned', english('list-of-old-keys', { old: root.version, next: next.root.version }));
}

interface ImportNotes {
  /** Undefined where the photos were not checked. */
  readonly unusablePhotos?: number;
  /** Number of entries by effect (effects.ts). */
  readonly effects?: Readonly<Record<string, number>>;
}

/** Stores what `stageBundle` has verified, in one transaction with its root and the audit rows. Throws if the store has changed since. */
export function commitBundle(db: Db, request: ImportRequest, staged: StagedList, notes: ImportNotes = {}): void {
  const { bundle, diff, trust } = staged;
  const { file, now, who } = request;
  const photos = bundle.entries.filter((entry) => entry.photo).length;
  const { type, version, sha256 } = bundle.ref;
  const detail = {
    type,
    version,
    sha256,
    entries: bundle.entries.length,
    added: diff.added.length,
    changed: diff.changed.length,
    withdrawn: diff.withdrawn.length,
    ...(notes.effects ? { effects: { ...notes.effects } } : {}),
    // Null: not checked.
    ...(photos > 0 ? { photos, unusablePhotos: notes.unusablePhotos ?? null } : {}),
  };
  atomically(db, () => {
    requireUnchanged(db, trust.seen);
    takeRoot(db, trust, request);
    putList(db, { ...bundle.ref, ...file, importedMs: now, importedBy: who });
    appendAudit(db, { at: now, who, what: 'list imported', detail });
  });
}

/** Writes a refused file into the audit log, and where the gateway finds it and raises an alarm. */
export function noteRefusal(db: Db, refused: ListRefusal, by: Actor): void {
  const { why, detail } = refused;
  // No anchor is needed, unlike in `atomically`.
  db.write(() => {
    setRefused(db, { at: by.now, by: by.who, why, detail });
    appendAudit(db, { at: by.now, who: by.who, what: 'list refused', detail: { why, detail } });
  });
}
