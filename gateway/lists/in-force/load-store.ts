/** Loads root and lists from the store: verifies, checks and packs them. A long list takes seconds, so followed-lists.ts runs this in a thread. */
import type { Db } from '../../store/db.ts';
import { highestVersion } from '../../store/anchors/anchors.ts';
import { getList, listsFingerprint } from '../../store/lists.ts';
import type { ListType } from '../../contracts/list.ts';
import { readTrust, type TrustState } from './box-root.ts';
import { openBundle, rolledBack, type Bundle, type ListLimits } from '../bundle.ts';
import { readSigned } from '../files.ts';
import { buffersOf, packEntries, type PackedEntries } from './packed.ts';
import { accept, refuse, type Result } from '../result.ts';
import { MAX_ROOT_BYTES, type Root } from '../trust.ts';
import { english, words } from '../../contracts/words/words.ts';

export interface LoadOptions {
  readonly site: string;
  /** root.json, installed by hand, with root.json.sig beside it. The next root comes from here. */
  readonly trustFile: string;
  readonly limits: ListLimits;
  /** The store is what could be read of a damaged one. */
  readonly isSalvaged?: boolean;
}

/** Plain values and buffers, which can be posted to another thread. */
export interface LoadedStore {
  /** `listsFingerprint` of the store when it was read. */
  readonly fingerprint: string;
  readonly trust: Result<TrustState>;
  readonly lists: Readonly<Record<ListType, Result<LoadedList>>>;
}

export interface LoadedList {
  readonly bundle: Omit<Bundle, 'entries'>;
  readonly root: Root;
  readonly packed: PackedEntries;
}

/** Changes nothing. */
export function loadStore(db: Db, options: LoadOptions): LoadedStore {
  // Taken first: an import during the load then causes another load, rather than being missed.
  const fingerprint = listsFingerprint(db);
  const trust = loadTrust(db, options.trustFile);
  const root = trust.ok ? accept(rootOf(trust.value)) : trust;
  const list = (type: ListType) => loadList(db, options, root, type);
  return { fingerprint, trust, lists: { 'plate-list': list('plate-list'), 'doc-list': list('doc-list') } };
}

/** A successor that drops no list is in force already. */
function rootOf({ root, next }: TrustState): Root {
  return next && next.drops.length === 0 ? next.root : root;
}

export function buffersOfStore({ lists }: LoadedStore): ArrayBuffer[] {
  return Object.values(lists).flatMap((list) => (list.ok ? buffersOf(list.value.packed) : []));
}

/** Without a valid file at `trustFile` no list is trusted. */
function loadTrust(db: Db, trustFile: string): Result<TrustState> {
  const file = readSigned(trustFile, MAX_ROOT_BYTES);
  if (!file.ok) return refuse('no trust', english('root-unusable', { detail: file.detail }));
  const trust = readTrust(db, file.value);
  return trust.ok ? trust : refuse('no trust', `${trustFile}: ${trust.detail}`);
}

function loadList(db: Db, options: LoadOptions, root: Result<Root>, type: ListType): Result<LoadedList> {
  if (!root.ok) return root;
  const { site, limits } = options;
  const stored = getList(db, type);
  if (!stored && options.isSalvaged) return refuse('lost', english('list-none-salvaged', { list: words(type) }));
  if (!stored)
    return refuse('no list', english('list-none-under-root', { list: words(type), version: root.value.version }));
  const opened = openBundle(stored, { root: root.value, site, type, limits });
  if (!opened.ok) return opened;
  const { entries, ...bundle } = opened.value;
  if (stored.sha256 !== bundle.ref.sha256 || stored.version !== bundle.ref.version) {
    return refuse('altered', english('list-not-as-imported', { list: words(type) }));
  }
  const older = rolledBack(bundle.ref, highestVersion(db, type));
  if (older) return older;
  return accept({ bundle, root: root.value, packed: packEntries(entries) });
}
