/**
 * The root of trust of this box: the chain of roots in the store, and the file at `lists.trust`, which is the last of them or the next one.
 *
 * A next root whose list keys signed every stored list takes effect at once. Another one waits: it takes effect with the first list that its
 * keys signed (import.ts), or when a person drops the lists (`list trust --drop-lists`), as after a theft of list keys. Until then the old root
 * and its lists stay in force.
 */
import { beginAnew, olderRoot } from '../../store/anchors/anchors.ts';
import { appendAudit } from '../../store/audit.ts';
import type { Db } from '../../store/db.ts';
import { addRoot, atomically, getList, holdings, listRoots } from '../../store/lists.ts';
import type { Instant } from '../../contracts/base.ts';
import type { ListType } from '../../contracts/list.ts';
import { accept, refuse, type Result } from '../result.ts';
import { checkThreshold, type SignedFile } from '../signature.ts';
import { openFirstRoot, openNextRoot, type Root } from '../trust.ts';
import { english } from '../../contracts/words/words.ts';

export const LIST_TYPES: readonly ListType[] = ['plate-list', 'doc-list'];

export interface Actor {
  /** Trusted time at the start of the update. */
  readonly now: Instant;
  /** For the audit log. */
  readonly who: string;
}

/** A root that the store does not hold yet. */
interface RootSuccessor {
  readonly root: Root;
  readonly file: SignedFile;
  /** Stored lists that its list keys did not sign. */
  readonly drops: readonly ListType[];
}

export interface TrustState {
  /** In force; for a box without any root the first one. */
  readonly root: Root;
  /** Takes effect at once where it drops nothing. */
  readonly next?: RootSuccessor;
  /** Why the file at `lists.trust`, though signed by the root in force, does not follow it. */
  readonly outOfTurn?: string;
  /** `holdings` of the store when this was read. */
  readonly seen: string;
}

/** Verifies the chain of stored roots and returns the newest. */
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
 * Compares `file` (from `lists.trust`) with the stored root; changes nothing. Refuses a file that is neither in the chain nor signed by its newest
 * root. Where `file` is a successor, the signatures of whole lists are verified: some 100 ms for 50 MB.
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
  // A root.json of the list office, such as the one after the next, is no reason to stop matching.
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
 * Stores the successor that `readTrust` found, in one transaction with its audit row, or in the open one. Drops the lists that it did not sign
 * together with their versions: stolen list keys may have signed the highest possible version.
 */
export function takeRoot(db: Db, trust: TrustState, by: Actor): void {
  const { next, seen } = trust;
  if (!next) return;
  atomically(db, () => {
    requireUnchanged(db, seen);
    storeRoot(db, next, by);
  });
}

/** Installs `file` where that drops no list, or with `dropLists`. In the result `root` is in force and `next` waits. */
export function installRoot(db: Db, file: SignedFile, by: Actor, { dropLists = false } = {}): Result<TrustState> {
  const trust = readTrust(db, file);
  const next = trust.ok && trust.value.next;
  if (!next || (next.drops.length > 0 && !dropLists)) return trust;
  takeRoot(db, trust.value, by);
  return accept({ root: next.root, seen: holdings(db) });
}

/** Throws when another process has imported a root or a list since `seen` was read. */
export function requireUnchanged(db: Db, seen: string): void {
  if (holdings(db) === seen) return;
  throw new Error(english('changed-meanwhile'));
}

/** Starts a new chain with `file` and drops all roots, lists and the policy: for when too many root keys are lost. */
export function replaceRoot(db: Db, file: SignedFile, by: Actor): Result<Root> {
  const first = openFirstRoot(file);
  if (!first.ok) return first;
  atomically(db, () => {
    const drops = LIST_TYPES.filter((type) => getList(db, type) !== undefined);
    for (const what of ['root', ...LIST_TYPES, 'policy'] as const) beginAnew(db, what);
    storeRoot(db, { root: first.value, file, drops }, by);
  });
  return first;
}

function storeRoot(db: Db, { root, file, drops }: RootSuccessor, by: Actor): void {
  const { version, sha256 } = root;
  addRoot(db, { version, bytes: file.bytes, signatures: file.signatures, acceptedMs: by.now });
  for (const type of drops) beginAnew(db, type);
  appendAudit(db, {
    at: by.now,
    who: by.who,
    what: 'root installed',
    detail: { version, sha256, dropped: [...drops] },
  });
}
