/**
 * The root of trust of this box: the chain in the store, and the file at `lists.trust` that is its last link or the next one.
 *
 * A successor that signs everything that is stored here is taken over at once. One whose keys did not sign a stored list waits: it takes effect
 * together with the first list that it signs (import.ts), or when a person says that the lists fall away (`list trust --drop-lists`). Until
 * then the old root and its lists stay in force. Stolen list keys have to be cut off at once: that is what --drop-lists is for.
 */
import { forgetHighestRoot, olderRoot } from '../../store/anchors/anchors.ts';
import { appendAudit } from '../../store/audit.ts';
import type { Db } from '../../store/db.ts';
import { addRoot, atomically, dropList, dropRoots, getList, holdings, listRoots } from '../../store/lists.ts';
import type { Instant } from '../../contracts/base.ts';
import type { ListType } from '../../contracts/list.ts';
import { accept, refuse, type Result } from '../result.ts';
import { checkThreshold, type SignedFile } from '../signature.ts';
import { openFirstRoot, openNextRoot, type Root } from '../trust.ts';
import { english } from '../../contracts/words/words.ts';

export const LIST_TYPES: readonly ListType[] = ['plate-list', 'doc-list'];

export interface Actor {
  /** Trusted time, fixed once at the start of the update. */
  readonly now: Instant;
  /** Who imports, for the audit log. */
  readonly who: string;
}

/** A root that the store does not hold yet. */
export interface RootSuccessor {
  readonly root: Root;
  readonly file: SignedFile;
  /** Stored lists that its list keys did not sign. */
  readonly drops: readonly ListType[];
}

export interface TrustState {
  /** In force; for a box without any root the first one. */
  readonly root: Root;
  /** To be taken: at once where it drops nothing. */
  readonly next?: RootSuccessor;
  /** The file at `lists.trust` is signed by the root in force, and does not follow it: what is wrong. */
  readonly outOfTurn?: string;
  /** What the store held when this was read (`holdings`). */
  readonly seen: string;
}

/** Follows the chain of stored roots from the first to the newest, verifying each link. */
export function storedRoot(db: Db): Result<Root> {
  let root: Root | undefined;
  for (const row of listRoots(db)) {
    const next: Result<Root> = root ? openNextRoot(root, row) : openFirstRoot(row);
    if (!next.ok)
      return refuse('altered', english('root-stored-altered', { version: row.version, detail: next.detail }));
    root = next.value;
  }
  return root ? accept(root) : refuse('no trust', english('root-none'));
}

/**
 * The stored root and what `file` (from `lists.trust`) is to it; changes nothing. A file that is neither part of the chain nor signed by its last link is refused.
 * Verifies the signatures of whole lists where `file` is a successor: some 100 ms for 50 MB.
 */
export function readTrust(db: Db, file: SignedFile): Result<TrustState> {
  const trust = followChain(db, file);
  if (!trust.ok) return trust;
  const root = (trust.value.next ?? trust.value).root;
  const had = olderRoot(db, root);
  if (had === undefined) return trust;
  return refuse(
    'rolled back',
    root.version === had
      ? english('root-other-of-version', { version: had })
      : english('root-older', { version: root.version, held: had }),
  );
}

function followChain(db: Db, file: SignedFile): Result<TrustState> {
  const seen = holdings(db);
  const chain = storedRoot(db);
  if (!chain.ok && chain.why !== 'no trust') return chain;
  if (!chain.ok) {
    const first = openFirstRoot(file);
    return first.ok ? accept({ root: first.value, next: { root: first.value, file, drops: [] }, seen }) : first;
  }
  const root = chain.value;
  if (listRoots(db).some((row) => Buffer.from(row.bytes).equals(file.bytes))) return accept({ root, seen });
  const next = openNextRoot(root, file);
  if (next.ok) return accept({ root, next: { root: next.value, file, drops: unsignedBy(db, next.value) }, seen });
  // Some root.json of the office, such as the one after the next: no reason to match nothing.
  if (checkThreshold(file, root.rootKeys, english('whose-root-key')) === undefined) {
    return accept({ root, outOfTurn: next.detail, seen });
  }
  return next;
}

function unsignedBy(db: Db, root: Root): ListType[] {
  return LIST_TYPES.filter((type) => {
    const list = getList(db, type);
    return list && checkThreshold(list, root.listKeys, english('whose-list-key')) !== undefined;
  });
}

/**
 * Stores the successor that `readTrust` found, in one transaction with its audit row, and forgets the lists that it drops together with their
 * versions: that is the way back after stolen list keys signed a version that can never be topped. Joins the transaction that is open, if any.
 */
export function takeRoot(db: Db, trust: TrustState, by: Actor): void {
  const { next, seen } = trust;
  if (!next) return;
  atomically(db, () => {
    requireUnchanged(db, seen);
    storeRoot(db, next, by);
  });
}

/** Takes `file` over where that drops no list, or where `dropLists` says that it may. What is in force then is `root`; what waits is `next`. */
export function installRoot(db: Db, file: SignedFile, by: Actor, { dropLists = false } = {}): Result<TrustState> {
  const trust = readTrust(db, file);
  const next = trust.ok && trust.value.next;
  if (!next || (next.drops.length > 0 && !dropLists)) return trust;
  takeRoot(db, trust.value, by);
  return accept({ root: next.root, seen: holdings(db) });
}

/** Throws when another process has brought in a root or a list since `seen` was read. */
export function requireUnchanged(db: Db, seen: string): void {
  if (holdings(db) === seen) return;
  throw new Error(english('changed-meanwhile'));
}

/** Starts a new chain with `file`, for the day on which too many root keys are lost: all roots and lists of before are dropped. */
export function replaceRoot(db: Db, file: SignedFile, by: Actor): Result<Root> {
  const first = openFirstRoot(file);
  if (!first.ok) return first;
  atomically(db, () => {
    const drops = LIST_TYPES.filter((type) => getList(db, type) !== undefined);
    dropRoots(db);
    for (const type of LIST_TYPES) dropList(db, type);
    forgetHighestRoot(db);
    storeRoot(db, { root: first.value, file, drops }, by);
  });
  return first;
}

function storeRoot(db: Db, { root, file, drops }: RootSuccessor, by: Actor): void {
  const { version, sha256 } = root;
  addRoot(db, { version, bytes: file.bytes, signatures: file.signatures, acceptedMs: by.now });
  for (const type of drops) dropList(db, type);
  appendAudit(db, {
    at: by.now,
    who: by.who,
    what: 'root installed',
    detail: { version, sha256, dropped: [...drops] },
  });
}
