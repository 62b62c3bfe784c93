/** How a root or a list gets into the store: verified, compared with what is there, swapped in one transaction with its audit row. */
import type { Db } from '../store/db.ts';
import { appendAudit } from '../store/audit.ts';
import { addRoot, atomically, dropList, dropRoots, getList, highestList, listRoots, putList } from '../store/lists.ts';
import { setRefused } from '../store/lists.ts';
import type { Instant, ListRef, ListType } from '../types.ts';
import { openBundle, outOfTime, rolledBack, type Bundle, type Limits } from './bundle.ts';
import { diffBundles, type ListDiff } from './diff.ts';
import { accept, refuse, type Refusal, type Result } from './refusal.ts';
import type { SignedFile } from './signature.ts';
import { openFirstRoot, openNextRoot, type Root } from './trust.ts';

const TYPES: readonly ListType[] = ['plate-list', 'doc-list'];

export interface By {
  /** Trusted time, fixed once at the start of the update. */
  readonly now: Instant;
  /** Who imports, for the audit log. */
  readonly who: string;
}

export interface ImportRequest extends By {
  readonly file: SignedFile;
  readonly site: string;
  readonly limits: Limits;
  /** What a check of the photos found, for the audit log; undefined where there was none. */
  readonly unusablePhotos?: number;
}

export interface Staged {
  readonly bundle: Bundle;
  readonly root: Root;
  /** What is stored now, if anything: the import is refused if that changes before it. */
  readonly base: ListRef | undefined;
  /** Against the stored list, if that can still be read. */
  readonly diff: ListDiff;
}

/** Follows the chain of stored roots from the first to the newest, verifying each link. */
export function storedRoot(db: Db): Result<Root> {
  let root: Root | undefined;
  for (const row of listRoots(db)) {
    const next: Result<Root> = root ? openNextRoot(root, row) : openFirstRoot(row);
    if (!next.ok) return refuse('altered', `stored root version ${row.version}: ${next.detail}; restore the store`);
    root = next.value;
  }
  return root
    ? accept(root)
    : refuse('no trust', 'this box has no root of trust; put root.json and root.json.sig in place');
}

/**
 * Makes `file` the root of trust where that is due: the first one, or the successor of the stored one. A file that is already part of the
 * chain changes nothing. Stored lists that the new root's list keys did not sign are dropped together with their version: that is the way back after
 * stolen list keys signed a version that can never be topped.
 */
export function installRoot(db: Db, file: SignedFile, by: By): Result<Root> {
  // Mostly there is nothing to write, and a store that can only be read does as well.
  const stored = storedRoot(db);
  if (isStored(db, stored, file)) return stored;
  return atomically(db, () => {
    const chain = storedRoot(db);
    if (!chain.ok && chain.why !== 'no trust') return chain;
    if (isStored(db, chain, file)) return chain;
    const next = chain.ok ? openNextRoot(chain.value, file) : openFirstRoot(file);
    if (!next.ok) return next;
    storeRoot(db, file, next.value, by);
    return next;
  });
}

function isStored(db: Db, chain: Result<Root>, file: SignedFile): boolean {
  return chain.ok && listRoots(db).some((row) => Buffer.from(row.bytes).equals(file.bytes));
}

/** Starts a new chain with `file`, for the day on which too many root keys are lost: all roots and lists of before are dropped. */
export function replaceRoot(db: Db, file: SignedFile, by: By): Result<Root> {
  const first = openFirstRoot(file);
  if (!first.ok) return first;
  atomically(db, () => {
    dropRoots(db);
    for (const type of TYPES) dropList(db, type);
    storeRoot(db, file, first.value, by);
  });
  return first;
}

function storeRoot(db: Db, file: SignedFile, root: Root, by: By): void {
  addRoot(db, { version: root.version, bytes: file.bytes, signatures: file.signatures, acceptedMs: by.now });
  const dropped: ListType[] = [];
  for (const type of TYPES) {
    const list = getList(db, type);
    const stillSigned = list && openBundle(list, { root, limits: NO_LIMITS }).ok;
    if (stillSigned) continue;
    if (list) dropped.push(type);
    dropList(db, type);
  }
  const detail = { version: root.version, sha256: root.sha256, dropped };
  appendAudit(db, { at: by.now, who: by.who, what: 'root installed', detail });
}

/** The stored list passed the limits when it came in. */
const NO_LIMITS: Limits = { maxBytes: Infinity, maxEntries: Infinity };

/** Checks everything and changes nothing. */
export function stageBundle(db: Db, request: ImportRequest): Result<Staged> {
  const root = storedRoot(db);
  if (!root.ok) return root;
  const opened = openBundle(request.file, { root: root.value, site: request.site, limits: request.limits });
  if (!opened.ok) return opened;
  const bundle = opened.value;
  const refused =
    outOfTime(bundle, root.value, request.now) ?? rolledBack(bundle.ref, highestList(db, bundle.ref.type));
  if (refused) return refused;
  const stored = getList(db, bundle.ref.type);
  const before = stored && openBundle(stored, { root: root.value, limits: NO_LIMITS });
  return accept({
    bundle,
    root: root.value,
    base: stored && { type: stored.type, version: stored.version, sha256: stored.sha256 },
    diff: diffBundles(before?.ok ? before.value : undefined, bundle),
  });
}

/**
 * Verifies the list and swaps it in, in one transaction with its audit row; a list that is refused leaves an audit row and a note for the alarm instead.
 * `base`: what the person saw in the diff; if another list has come in since, this throws and nothing is swapped.
 */
export function importBundle(
  db: Db,
  request: ImportRequest,
  base?: { readonly ref: ListRef | undefined },
): Result<Staged> {
  return atomically(db, () => {
    const staged = stageBundle(db, request);
    if (!staged.ok) {
      noteRefusal(db, staged, request);
      return staged;
    }
    if (base && base.ref?.sha256 !== staged.value.base?.sha256) {
      throw new Error(
        'another list was imported meanwhile: nothing was changed; import again and look at the new difference',
      );
    }
    const { bundle, diff } = staged.value;
    const { file, now, who, unusablePhotos } = request;
    const photos = bundle.entries.filter((entry) => entry.photo).length;
    putList(db, { ...bundle.ref, ...file, importedMs: now, importedBy: who });
    appendAudit(db, {
      at: now,
      who,
      what: 'list imported',
      detail: {
        type: bundle.ref.type,
        version: bundle.ref.version,
        sha256: bundle.ref.sha256,
        entries: bundle.entries.length,
        added: diff.added.length,
        changed: diff.changed.length,
        withdrawn: diff.withdrawn.length,
        // Null: nobody could check them.
        ...(photos > 0 ? { photos, unusablePhotos: unusablePhotos ?? null } : {}),
      },
    });
    return staged;
  });
}

/** A refused file is never silent: it stands in the audit log, and the gateway raises an alarm when it next looks. */
export function noteRefusal(db: Db, refused: Refusal, by: By): void {
  const { why, detail } = refused;
  atomically(db, () => {
    setRefused(db, { at: by.now, by: by.who, why, detail });
    appendAudit(db, { at: by.now, who: by.who, what: 'list refused', detail: { why, detail } });
  });
}
