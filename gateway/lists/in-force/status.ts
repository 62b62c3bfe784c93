/** What the lists say in /health and /metrics: whether each is in force, a root that waits, a file that was refused, a load that failed. */
import { iso } from '../../contracts/time.ts';
import type { PersistentClock } from '../../clock/clock.ts';
import type { ListState, ListType } from '../../contracts/list.ts';
import { labelled, single, type Problem, type Status } from '../../contracts/status.ts';
import { named } from '../../contracts/words/names.ts';
import { problem } from '../../contracts/words/problem.ts';
import { words } from '../../contracts/words/words.ts';
import type { FollowedLists } from './followed-lists.ts';

/** A refused list stays an alarm for this long: it may be an attack, and somebody has to ask. */
const REFUSED_SHOWN_MS = 3_600_000;

const LIST_CODES = {
  loading: 'list-loading',
  'not loaded': 'list-not-loaded',
  lost: 'list-lost',
  'no list': 'list-missing',
  'no trust': 'list-no-trust',
  expired: 'list-expired',
  unsigned: 'list-unsigned',
  altered: 'list-altered',
  'wrong site': 'list-wrong-site',
  'rolled back': 'list-rolled-back',
  'too big': 'list-too-big',
  unreadable: 'list-unreadable',
} as const;

type InForce = Extract<ListState, { state: 'in force' }>;

type ListReadings = Pick<
  FollowedLists,
  'state' | 'loading' | 'lastRefused' | 'pendingRoot' | 'unstoredRoot' | 'loadError'
>;

/** `types`: those that a lane of the box looks things up in. */
export function listsStatus(
  lists: ListReadings,
  types: readonly ListType[],
  clock: Pick<PersistentClock, 'trusted' | 'state'>,
): Status {
  const stateOf = (type: ListType): ListState => lists.state(type, clock.trusted());
  const inForce = (type: ListType, value: (state: InForce) => number): readonly [string, number] => {
    const state = stateOf(type);
    return [type, state.state === 'in force' ? value(state) : 0];
  };
  const perList = labelled('list', () => types);
  return {
    problems: () => [
      ...types.flatMap((type) => listProblem(type, stateOf(type))),
      ...refusedProblem(lists, clock.state().highest),
      ...loadProblems(lists),
    ],
    readings: () => [
      perList('sitebox_list_version', 'gauge', 'Version of the list in force, 0 when none is', (type) =>
        inForce(type, (state) => state.ref.version),
      ),
      perList('sitebox_list_expiry_timestamp_seconds', 'gauge', 'When the list in force expires', (type) =>
        inForce(type, (state) => state.expires / 1000),
      ),
      single('sitebox_lists_loading', 'gauge', '1 while lists are being loaded and checked by their thread', () =>
        Number(lists.loading()),
      ),
    ],
    health: () => ({
      lists: Object.fromEntries(
        types.map((type) => {
          const state = stateOf(type);
          return [type, state.state === 'in force' ? { ...state, expires: iso(state.expires) } : state];
        }),
      ),
    }),
  };
}

function listProblem(type: ListType, state: ListState): Problem[] {
  if (state.state === 'in force') return [];
  return [problem(`list:${type}`, LIST_CODES[state.why], { list: words(type), detail: state.detail })];
}

function refusedProblem(lists: Pick<ListReadings, 'lastRefused'>, now: number): Problem[] {
  const refused = lists.lastRefused();
  if (!refused || now - refused.at > REFUSED_SHOWN_MS) return [];
  const { by, detail } = refused;
  return [problem('list-refused', 'list-refused', { why: named('why', refused.why), by, detail })];
}

/** A root that waits, and a load that failed. */
export function loadProblems(lists: Pick<ListReadings, 'pendingRoot' | 'unstoredRoot' | 'loadError'>): Problem[] {
  const error = lists.loadError();
  const failed = error === undefined ? undefined : problem('list-load', 'list-load', { cause: error });
  return [lists.pendingRoot(), lists.unstoredRoot(), failed].filter((one) => one !== undefined);
}
