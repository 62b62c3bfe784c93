/** What is in force now. Verified at every load, checked for its time at every look-up, swapped in one step while matching goes on. */
import type { Db } from '../store/db.ts';
import { dataVersion, getList, getRefused, highestList, listsFingerprint, type RefusedFile } from '../store/lists.ts';
import type { Instant, ListState, ListType, Match, PlateRead } from '../types.ts';
import { openBundle, outOfTime, rolledBack, type Bundle, type Limits } from './bundle.ts';
import { readSigned } from './files.ts';
import { installRoot } from './import.ts';
import { byKey, clockIn, type EntriesByKey } from './holding.ts';
import { matchDocument } from './match-document.ts';
import { matchPlate } from './match-plate.ts';
import { digestNumber, normaliseNumber } from './number.ts';
import { accept, refuse, type Result } from './refusal.ts';
import { MAX_ROOT_BYTES, type Root } from './trust.ts';

export interface ListsOptions {
  readonly db: Db;
  readonly site: string;
  /** root.json, installed by hand, with root.json.sig beside it. A successor of the stored root is taken over from here. */
  readonly trustFile: string;
  /** IANA name, for the hours of an entry. */
  readonly timeZone: string;
  readonly limits: Limits;
}

export interface ActiveLists {
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
  /** Has another process imported, refused or rotated something since the last load? Cheap: to be asked about once a second. */
  changed(): boolean;
  /** Loads again. Until it is done, and if it throws, matching goes on with what was loaded before. */
  reload(now: Instant): void;
  /** The last file refused at an import, for the alarm. */
  lastRefused(): RefusedFile | undefined;
}

export interface DocumentLookUp {
  readonly list: ListState;
  readonly match: Match | undefined;
}

interface Loaded {
  readonly bundle: Bundle;
  readonly root: Root;
  readonly index: EntriesByKey;
}

type Lists = Readonly<Record<ListType, Result<Loaded>>>;

export function openLists(options: ListsOptions, now: Instant): ActiveLists {
  const { db } = options;
  const localTime = clockIn(options.timeZone);
  let fingerprint = '';
  let seen = dataVersion(db);
  let lists: Lists;

  const reload = (at: Instant): void => {
    const root = loadRoot(options, at);
    // Before the lists are read: one that comes in between is then loaded a second time rather than missed.
    fingerprint = listsFingerprint(db);
    const next = {
      'plate-list': loadList(options, root, 'plate-list'),
      'doc-list': loadList(options, root, 'doc-list'),
    };
    lists = next;
  };
  reload(now);

  return {
    reload,
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
    changed() {
      const version = dataVersion(db);
      if (version === seen) return false;
      // Another process committed something, perhaps no list: `seen` moves on only with the answer no, so that a yes stays until the reload.
      if (listsFingerprint(db) !== fingerprint) return true;
      seen = version;
      return false;
    },
    lastRefused: () => getRefused(db),
  };
}

/** Undefined for the list that has no salt because it has no entries. */
async function digestFor(bundle: Bundle, written: Uint8Array): Promise<string | undefined> {
  const normal = normaliseNumber(written);
  if ('problem' in normal) throw new Error(`the number of a document ${normal.problem}`);
  const digest = bundle.salt && digestNumber(normal.number, bundle.salt);
  normal.number.fill(0);
  return digest;
}

function stateOf(list: Result<Loaded>, now: Instant): ListState {
  if (!list.ok) return { state: 'not in force', why: list.why, detail: list.detail };
  const { bundle, root } = list.value;
  const { ref } = bundle;
  const over = outOfTime(bundle, root, now);
  if (over) return { state: 'not in force', why: over.why, detail: over.detail, ref };
  return { state: 'in force', ref, expires: Math.min(bundle.expires, root.expires), entries: bundle.entries.length };
}

/** The root in force. The installed file must be part of the stored chain or its next link: a doubtful one trusts nothing. */
function loadRoot(options: ListsOptions, now: Instant): Result<Root> {
  const file = readSigned(options.trustFile, MAX_ROOT_BYTES);
  if (file.ok) {
    const root = installRoot(options.db, file.value, { now, who: 'sitebox' });
    return root.ok ? root : refuse('no trust', `${options.trustFile}: ${root.detail}`);
  }
  return refuse('no trust', `the root of trust cannot be used: ${file.detail}`);
}

function loadList(options: ListsOptions, root: Result<Root>, type: ListType): Result<Loaded> {
  if (!root.ok) return root;
  const { db, site, limits } = options;
  const stored = getList(db, type);
  if (!stored) return refuse('no list', `no ${type} was imported under root version ${root.value.version}; import one`);
  const opened = openBundle(stored, { root: root.value, site, type, limits });
  if (!opened.ok) return opened;
  const { ref, entries } = opened.value;
  if (stored.sha256 !== ref.sha256 || stored.version !== ref.version) {
    return refuse('altered', `the stored ${type} is not the one that was imported; import it again`);
  }
  const older = rolledBack(ref, highestList(db, type));
  if (older) return older;
  return accept({ bundle: opened.value, root: root.value, index: byKey(entries) });
}
