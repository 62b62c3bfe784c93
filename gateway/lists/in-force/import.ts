/** How a list gets into the store: verified, compared with what is there, and swapped in by one transaction with its audit row and, where it needs one, its root. */
import { appendAudit } from '../../store/audit.ts';
import type { Db } from '../../store/db.ts';
import { atomically, getList, highestList, holdings, putList, setRefused } from '../../store/lists.ts';
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
  /** The root.json at `lists.trust`; where it is a successor of the stored root, it comes into force together with the list. */
  readonly trust?: SignedFile;
}

export interface StagedList {
  readonly bundle: Bundle;
  /** The root that the list was verified with. */
  readonly root: Root;
  /** With its successor, where that comes into force with this list. */
  readonly trust: TrustState;
  /** Lists of the other type that fall away with the old root. */
  readonly drops: readonly ListType[];
  /** What is stored now, if anything. */
  readonly base: ListRef | undefined;
  /** Against the stored list, if that can still be read. */
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
  // The version of a list that the new root does not vouch for falls away with that list.
  const highest = drops.includes(type) ? undefined : highestList(db, type);
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

/** A list of the old keys, while a root that replaces them waits: it looks like any other that lacks signatures. */
function explained(refused: ListRefusal, request: ImportRequest, { root, next }: TrustState): ListRefusal {
  if (refused.why !== 'unsigned' || !next || next.root === root) return refused;
  const old = openBundle(request.file, { root, site: request.site, limits: request.limits });
  if (!old.ok) return refused;
  return refuse('unsigned', english('list-of-old-keys', { old: root.version, next: next.root.version }));
}

export interface ImportNotes {
  /** What a check of the photos found; undefined where there was none. */
  readonly unusablePhotos?: number;
  /** Entries of the list by what they do here (effect.ts). */
  readonly effects?: Readonly<Record<string, number>>;
}

/** Swaps in what `stageBundle` has verified, in one transaction with its root and the audit rows. Throws if the store has changed since. */
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
    // Null: nobody could check them.
    ...(photos > 0 ? { photos, unusablePhotos: notes.unusablePhotos ?? null } : {}),
  };
  atomically(db, () => {
    requireUnchanged(db, trust.seen);
    takeRoot(db, trust, request);
    putList(db, { ...bundle.ref, ...file, importedMs: now, importedBy: who });
    appendAudit(db, { at: now, who, what: 'list imported', detail });
  });
}

/** Verifies the list and swaps it in; a list that is refused leaves an audit row and a note for the alarm instead. */
export function importBundle(db: Db, request: ImportRequest, notes: ImportNotes = {}): Result<StagedList> {
  const staged = stageBundle(db, request);
  if (staged.ok) commitBundle(db, request, staged.value, notes);
  else noteRefusal(db, staged, request);
  return staged;
}

/** A refused file is never silent: it stands in the audit log, and the gateway raises an alarm when it next looks. */
export function noteRefusal(db: Db, refused: ListRefusal, by: Actor): void {
  const { why, detail } = refused;
  // Nothing of it has to survive the store.
  db.transaction(() => {
    setRefused(db, { at: by.now, by: by.who, why, detail });
    appendAudit(db, { at: by.now, who: by.who, what: 'list refused', detail: { why, detail } });
  }).immediate();
}
