/** The lists that are in force: verified at each load, checked for their time at each look-up, swapped in one step. */
import { causeOf } from '../../contracts/errors.ts';
import { AnchorsError } from '../../store/anchors/anchors.ts';
import type { Db } from '../../store/db.ts';
import {
  atomically,
  dataVersion,
  getRefused,
  holdings,
  listsFingerprint,
  type RefusedListFile,
} from '../../store/lists.ts';
import type { Instant } from '../../contracts/base.ts';
import type { Hit } from '../../contracts/hit.ts';
import type { ListState, ListType, Match } from '../../contracts/list.ts';
import type { PlateRead } from '../../contracts/plate.ts';
import { takeRoot, type TrustState } from './box-root.ts';
import { outOfTime } from '../bundle.ts';
import { localTimeIn } from './entry-in-force.ts';
import { loadStore, type LoadedList, type LoadedStore, type LoadOptions } from './load-store.ts';
import { matchDocument } from './match-document.ts';
import { matchPlate } from './match-plate.ts';
import { digestNumber, normaliseNumber } from '../number.ts';
import { openPacked, type ListEntries } from './packed.ts';
import { accept, refuse, type ListRefusal, type Result } from '../result.ts';
import { english, joined, words } from '../../contracts/words/words.ts';
import { problem } from '../../contracts/words/problem.ts';
import { type Problem } from '../../contracts/status.ts';

export interface ListsOptions extends LoadOptions {
  readonly db: Db;
  /** IANA name, for the hours of an entry. */
  readonly timeZone: string;
}

/** `suspended`: it is not valid now, or no longer for the lane. */
export type EntryState = 'listed' | 'suspended' | 'withdrawn';

export interface DocumentLookUp {
  readonly list: ListState;
  readonly match: Match | undefined;
}

/** The lists of the store, loaded before this returns: for the command line. The running box has `FollowedLists`. */
export function openLists(options: ListsOptions, now: Instant): ActiveLists {
  const lists = new ActiveLists(options);
  lists.take(loadStore(options.db, options), now);
  return lists;
}

interface ActiveList extends Pick<LoadedList, 'bundle' | 'root'> {
  readonly entries: number;
  readonly index: ListEntries;
}

type ListsByType = Readonly<Record<ListType, Result<ActiveList>>>;

const bothRefused = (refused: ListRefusal): ListsByType => ({ 'plate-list': refused, 'doc-list': refused });

/** Nothing is in force until `take`. Every `now` is trusted time (`Clock.trusted`). */
export class ActiveLists {
  readonly #db: Db;
  readonly #localTime: (at: Instant) => string;
  #lists = bothRefused(refuse('loading', english('lists-being-loaded')));
  #taken = false;
  #fingerprint = '';
  /** Of the store, when it was last seen to hold no other list. */
  #dataVersion: number;
  #trust: TrustState | undefined;
  /** Holds a root that drops no list. It is in force whether the store has taken it or not. */
  #due: TrustState | undefined;
  /** Why the store has not taken it. */
  #storeError = '';

  constructor({ db, timeZone }: ListsOptions) {
    this.#db = db;
    this.#localTime = localTimeIn(timeZone);
    this.#dataVersion = dataVersion(db);
  }

  state(type: ListType, now: Instant): ListState {
    return stateOf(this.#lists[type], now);
  }

  /** Undefined too while no list is in force; `state` tells the two apart. */
  matchPlate(read: PlateRead, lane: string, now: Instant): Match | undefined {
    const list = this.#lists['plate-list'];
    if (!list.ok || outOfTime(list.value.bundle, list.value.root, now)) return undefined;
    return matchPlate(list.value.index, read, { lane, now, localTime: this.#localTime });
  }

  /**
   * Looks up the document with this number (as `normaliseNumber` takes it). State and match are of the same list, even if another one is loaded
   * meanwhile. Takes some 6 ms of a core beside the event loop. `number` is read before this returns, not changed and not kept.
   * Rejects where `number` cannot be a document number.
   */
  async lookUpDocument(number: Uint8Array, lane: string, now: Instant): Promise<DocumentLookUp> {
    // Read once: while the digest is made another list may be loaded, with another salt.
    const list = this.#lists['doc-list'];
    const state = stateOf(list, now);
    const digest = list.ok && state.state === 'in force' && (await digestFor(list.value.bundle, number));
    if (!list.ok || !digest) return { list: state, match: undefined };
    return { list: state, match: matchDocument(list.value.index, digest, { lane, now, localTime: this.#localTime }) };
  }

  /** What has become of the entry of a hit; undefined while no list of its type is in force. The hours of an entry suspend nothing. */
  entryState({ list: { type }, entry: id, listed, lane }: Hit, now: Instant): EntryState | undefined {
    const list = this.#lists[type];
    if (!list.ok || outOfTime(list.value.bundle, list.value.root, now)) return undefined;
    const { index } = list.value;
    const ofKey = index.get(listed)?.find((entry) => entry.id === id);
    // A list with another salt has the same number under another digest. A plate that was put right is another plate.
    const entry = ofKey ?? (type === 'doc-list' ? index.withId(id) : undefined);
    if (!entry) return 'withdrawn';
    const { validFrom, validUntil, lanes } = entry;
    return now >= validFrom && now < validUntil && (lanes?.includes(lane) ?? true) ? 'listed' : 'suspended';
  }

  /** When the newest loaded list was signed, in force or not. */
  issued(): Instant | undefined {
    const times = Object.values(this.#lists).flatMap((list) => (list.ok ? [list.value.bundle.issued] : []));
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** The root.json at `lists.trust` is not in force yet. */
  pendingRoot(): Problem | undefined {
    return this.#trust && pendingRootProblem(this.#trust);
  }

  /** The store has not taken a root that is in force. */
  unstoredRoot(): Problem | undefined {
    if (!this.#due?.next) return undefined;
    return problem('root-store', 'root-store', { version: this.#due.next.root.version, cause: this.#storeError });
  }

  /** The file that was refused at the last import. */
  lastRefused(): RefusedListFile | undefined {
    return getRefused(this.#db);
  }

  /** Swaps in what was loaded, and stores a root that is due. */
  take(loaded: LoadedStore, now: Instant): void {
    this.#fingerprint = loaded.fingerprint;
    this.#trust = loaded.trust.ok ? loaded.trust.value : undefined;
    this.#due = this.#trust?.next?.drops.length === 0 ? this.#trust : undefined;
    this.storeRoot(now);
    this.#lists = { 'plate-list': opened(loaded.lists['plate-list']), 'doc-list': opened(loaded.lists['doc-list']) };
    this.#taken = true;
  }

  /** Stores the root of `unstoredRoot`. Throws nothing. */
  storeRoot(now: Instant): void {
    const due = this.#due;
    if (!due) return;
    let fingerprint = this.#fingerprint;
    try {
      // Where another process was faster, its root is loaded next.
      if (holdings(this.#db) !== due.seen) return void (this.#due = undefined);
      atomically(this.#db, () => {
        takeRoot(this.#db, due, { now, who: 'sitebox' });
        fingerprint = listsFingerprint(this.#db);
      });
    } catch (error) {
      this.#storeError = causeOf(error);
      // With an AnchorsError the root is stored all the same; its anchor is tried again each minute (`anchors/rollback-check.ts`).
      if (!(error instanceof AnchorsError)) return;
    }
    this.#fingerprint = fingerprint;
    this.#due = undefined;
  }

  /** The store could not be loaded. What was taken before stays in force. */
  failed(cause: string): void {
    if (this.#taken) return;
    this.#lists = bothRefused(refuse('not loaded', english('lists-not-loadable', { cause })));
  }

  /** Whether another process has imported or rotated something since the last load. Cheap enough for once a second. */
  changed(): boolean {
    const version = dataVersion(this.#db);
    if (version === this.#dataVersion) return false;
    // Another process has committed something. Only an unchanged list moves the version on, so that a change is reported until the reload.
    if (listsFingerprint(this.#db) !== this.#fingerprint) return true;
    this.#dataVersion = version;
    return false;
  }
}

function opened(list: LoadedStore['lists'][ListType]): Result<ActiveList> {
  if (!list.ok) return list;
  const { bundle, root, packed } = list.value;
  return accept({ bundle, root, entries: packed.entries, index: openPacked(packed) });
}

function pendingRootProblem({ next, outOfTurn, root }: TrustState): Problem | undefined {
  if (outOfTurn !== undefined) {
    const { version } = root;
    return problem('root-waits', 'root-not-in-force', { detail: outOfTurn, version, next: version + 1 });
  }
  if (!next || next.drops.length === 0) return undefined;
  const lists = joined(
    next.drops.map((type) => words(type)),
    { en: ' and the ', zh: '和' },
  );
  return problem('root-waits', 'root-waits', { version: next.root.version, lists, before: root.version });
}

/** Undefined for the list that has no salt because it has no entries. */
async function digestFor(bundle: ActiveList['bundle'], written: Uint8Array): Promise<string | undefined> {
  const normal = normaliseNumber(written);
  if ('problem' in normal) throw new Error(english('number-of-document', { problem: normal.problem }));
  const digest = bundle.salt && digestNumber(normal.number, bundle.salt);
  normal.number.fill(0);
  return digest;
}

function stateOf(list: Result<ActiveList>, now: Instant): ListState {
  if (!list.ok) return { state: 'not in force', why: list.why, detail: list.detail };
  const { bundle, root, entries } = list.value;
  const { ref } = bundle;
  const over = outOfTime(bundle, root, now);
  if (over) return { state: 'not in force', why: over.why, detail: over.detail, ref };
  return { state: 'in force', ref, expires: Math.min(bundle.expires, root.expires), entries };
}
