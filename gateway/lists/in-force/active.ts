/** What is in force now. Verified at every load, checked for its time at every look-up, swapped in one step while matching goes on. */
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
import type { ListState, ListType, Match } from '../../contracts/list.ts';
import type { PlateRead } from '../../contracts/plate.ts';
import { takeRoot, type Trust } from './box-root.ts';
import { outOfTime, type Bundle } from '../bundle.ts';
import { clockIn } from './holding.ts';
import { loadStore, type LoadedStore, type LoadOptions } from './load.ts';
import { matchDocument } from './match-document.ts';
import { matchPlate } from './match-plate.ts';
import { digestNumber, normaliseNumber } from '../number.ts';
import { openPacked, type EntriesByKey } from './packed.ts';
import { accept, refuse, type Refusal, type Result } from '../result.ts';
import type { Root } from '../trust.ts';
import { joined, words, english } from '../../contracts/words/words.ts';
import { problem } from '../../contracts/words/problem.ts';
import { type Problem } from '../../contracts/status.ts';

export interface ListsOptions extends LoadOptions {
  readonly db: Db;
  /** IANA name, for the hours of an entry. */
  readonly timeZone: string;
}

export interface LookUpLists {
  /** `now` is trusted time (`Clock.trusted`), here and below. */
  state(type: ListType, now: Instant): ListState;
  /** Undefined as well while no list is in force: ask `state` to tell the two apart. */
  match(read: PlateRead, lane: string, now: Instant): Match | undefined;
  /**
   * Is the document of this number (as `normaliseNumber` takes it) listed? The state and the match are of the same list, whatever is loaded
   * meanwhile. Takes some 6 ms of a core beside the event loop. `number` is read before this returns, not changed and not kept.
   * Rejects for what cannot be a number: no answer could be right then.
   */
  lookUpDocument(number: Uint8Array, lane: string, now: Instant): Promise<DocumentLookUp>;
  /** When the newest list was signed that is loaded, whether it still holds or not. */
  issued(): Instant | undefined;
  /** The root.json at `lists.trust` is not in force yet: why, and what to do. */
  rootWaits(): Problem | undefined;
  /** The last file refused at an import, for the alarm. */
  lastRefused(): RefusedListFile | undefined;
}

export interface DocumentLookUp {
  readonly list: ListState;
  readonly match: Match | undefined;
}

/** As the command line needs them: what is in the store, loaded before this returns. The running box has `followLists`. */
export function openLists(options: ListsOptions, now: Instant): LookUpLists {
  const inForce = openInForce(options);
  inForce.take(loadStore(options.db, options), now);
  return inForce.lookUps;
}

interface Loaded {
  readonly bundle: Omit<Bundle, 'entries'>;
  readonly root: Root;
  readonly entries: number;
  readonly index: EntriesByKey;
}

type Lists = Readonly<Record<ListType, Result<Loaded>>>;

export interface InForce {
  readonly lookUps: LookUpLists;
  /** Swaps in what was loaded, and stores a root that is due. */
  take(loaded: LoadedStore, now: Instant): void;
  /** Stores the root of `rootUnstored`. Throws nothing. */
  storeRoot(now: Instant): void;
  /** The store has not taken a root that is in force: why, and what to do. */
  rootUnstored(): Problem | undefined;
  /** The store could not be loaded. What was taken before stays; where nothing was, nothing is being loaded any more either. */
  failed(cause: string): void;
  /** Has another process imported or rotated something since the last load? Cheap: to be asked about once a second. */
  changed(): boolean;
}

/** Nothing is in force until something is taken. */
export function openInForce({ db, timeZone }: ListsOptions): InForce {
  const localTime = clockIn(timeZone);
  let fingerprint = '';
  let seen = dataVersion(db);
  const loading = refuse('loading', english('lists-being-loaded'));
  const all = (refused: Refusal): Lists => ({ 'plate-list': refused, 'doc-list': refused });
  let lists = all(loading);
  let taken = false;
  let trust: Trust | undefined;
  /** Holds a successor that drops no list, by which the box goes whether the store has taken it or not. */
  let due: Trust | undefined;
  let unstored = '';

  const storeRoot = (now: Instant): void => {
    if (!due) return;
    const taken = due;
    let after = fingerprint;
    try {
      // Another process was faster: what it did is loaded next.
      if (holdings(db) !== taken.seen) return void (due = undefined);
      atomically(db, () => {
        takeRoot(db, taken, { now, who: 'sitebox' });
        after = listsFingerprint(db);
      });
    } catch (error) {
      unstored = causeOf(error);
      // The root is stored all the same; its anchor is tried again each minute (`anchors/rollback-check.ts`).
      if (!(error instanceof AnchorsError)) return;
    }
    fingerprint = after;
    due = undefined;
  };

  const lookUps: LookUpLists = {
    state: (type, at) => stateOf(lists[type], at),
    match(read, lane, at) {
      const list = lists['plate-list'];
      if (!list.ok || outOfTime(list.value.bundle, list.value.root, at)) return undefined;
      return matchPlate(list.value.index, read, { lane, now: at, localTime });
    },
    async lookUpDocument(number, lane, at) {
      // Taken once: while the digest is made another list may be loaded, with another salt.
      const list = lists['doc-list'];
      const state = stateOf(list, at);
      const digest = list.ok && state.state === 'in force' && (await digestFor(list.value.bundle, number));
      if (!list.ok || !digest) return { list: state, match: undefined };
      return { list: state, match: matchDocument(list.value.index, digest, { lane, now: at, localTime }) };
    },
    issued() {
      const times = Object.values(lists).flatMap((list) => (list.ok ? [list.value.bundle.issued] : []));
      return times.length === 0 ? undefined : Math.max(...times);
    },
    rootWaits: () => trust && waits(trust),
    lastRefused: () => getRefused(db),
  };
  return {
    lookUps,
    storeRoot,
    rootUnstored() {
      if (!due?.next) return undefined;
      return problem('root-store', 'root-store', { version: due.next.root.version, cause: unstored ?? '' });
    },
    take(loaded, now) {
      fingerprint = loaded.fingerprint;
      trust = loaded.trust.ok ? loaded.trust.value : undefined;
      due = trust?.next?.drops.length === 0 ? trust : undefined;
      storeRoot(now);
      lists = { 'plate-list': opened(loaded.lists['plate-list']), 'doc-list': opened(loaded.lists['doc-list']) };
      taken = true;
    },
    failed(cause) {
      if (taken) return;
      lists = all(refuse('not loaded', english('lists-not-loadable', { cause })));
    },
    changed() {
      const version = dataVersion(db);
      if (version === seen) return false;
      // Another process committed something, perhaps no list: `seen` moves on only with the answer no, so that a yes stays until the reload.
      if (listsFingerprint(db) !== fingerprint) return true;
      seen = version;
      return false;
    },
  };
}

function opened(list: LoadedStore['lists'][ListType]): Result<Loaded> {
  if (!list.ok) return list;
  const { bundle, root, packed } = list.value;
  return accept({ bundle, root, entries: packed.entries, index: openPacked(packed) });
}

function waits({ next, outOfTurn, root }: Trust): Problem | undefined {
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
async function digestFor(bundle: Loaded['bundle'], written: Uint8Array): Promise<string | undefined> {
  const normal = normaliseNumber(written);
  if ('problem' in normal) throw new Error(english('number-of-document', { problem: normal.problem }));
  const digest = bundle.salt && digestNumber(normal.number, bundle.salt);
  normal.number.fill(0);
  return digest;
}

function stateOf(list: Result<Loaded>, now: Instant): ListState {
  if (!list.ok) return { state: 'not in force', why: list.why, detail: list.detail };
  const { bundle, root, entries } = list.value;
  const { ref } = bundle;
  const over = outOfTime(bundle, root, now);
  if (over) return { state: 'not in force', why: over.why, detail: over.detail, ref };
  return { state: 'in force', ref, expires: Math.min(bundle.expires, root.expires), entries };
}
