/** When the entries of a list take effect: now, later, no longer, or never on this box. Shown at signing and at import. */
import { iso } from '../contracts/time.ts';
import type { Instant } from '../contracts/base.ts';
import type { ListEntry, ListType } from '../contracts/list.ts';
import type { Bundle } from './bundle.ts';
import { english, words } from '../contracts/words/words.ts';

interface ListEffects {
  readonly counts: { readonly now: number; readonly later: number; readonly over: number; readonly never: number };
  /** One for each entry that is not simply in force now. */
  readonly lines: readonly string[];
}

/** Kind of each lane of the box, by id. The list office does not know it. */
type LaneKinds = ReadonlyMap<string, 'road' | 'gate'>;

const KIND = { 'plate-list': 'road', 'doc-list': 'gate' } as const;

export function effectsOf(
  bundle: Pick<Bundle, 'ref' | 'expires' | 'entries'>,
  now: Instant,
  lanes?: LaneKinds,
): ListEffects {
  const counts = { now: 0, later: 0, over: 0, never: 0 };
  const lines: string[] = [];
  const firsts = new Map<string, ListEntry>();
  for (const entry of bundle.entries) {
    const first = firsts.get(entry.key);
    if (!first) firsts.set(entry.key, entry);
    const never = neverHere(entry, first, bundle, lanes);
    const name = never ? 'never' : entry.validUntil <= now ? 'over' : entry.validFrom > now ? 'later' : 'now';
    counts[name]++;
    if (never) lines.push(english('effect-never', { id: entry.id, why: never }));
    else if (name === 'over') lines.push(english('effect-over', { id: entry.id, at: iso(entry.validUntil) }));
    else if (name === 'later') lines.push(english('effect-later', { id: entry.id, at: iso(entry.validFrom) }));
    const odd = never ? undefined : oddities(entry, first, bundle.ref.type, lanes);
    if (odd) lines.push(english('effect-odd', { id: entry.id, what: odd }));
  }
  return { counts, lines };
}

/** Why the entry can never match while this list is valid, or on no lane. */
function neverHere(
  entry: ListEntry,
  first: ListEntry | undefined,
  { expires, ref }: Pick<Bundle, 'ref' | 'expires'>,
  lanes?: LaneKinds,
): string | undefined {
  if (entry.validFrom >= expires)
    return english('effect-begins-too-late', { at: iso(entry.validFrom), expires: iso(expires) });
  const kind = KIND[ref.type];
  if (lanes && ![...lanes.values()].includes(kind))
    return english(kind === 'road' ? 'effect-no-road-lane' : 'effect-no-gate-lane', { list: words(ref.type) });
  if (lanes && entry.lanes && !entry.lanes.some((lane) => lanes.get(lane) === kind)) {
    return noSuchLanes(ref.type, entry.lanes);
  }
  if (first && covers(first, entry))
    return english(ref.type === 'plate-list' ? 'effect-same-plate-first' : 'effect-same-number-first', {
      id: first.id,
    });
  return undefined;
}

function covers(first: ListEntry, entry: ListEntry): boolean {
  const same = (a: unknown, b: unknown): boolean => a === undefined || JSON.stringify(a) === JSON.stringify(b);
  const inTime = first.validFrom <= entry.validFrom && first.validUntil >= entry.validUntil;
  return inTime && same(first.lanes, entry.lanes) && same(first.hours, entry.hours);
}

function oddities(
  entry: ListEntry,
  first: ListEntry | undefined,
  type: ListType,
  lanes?: LaneKinds,
): string | undefined {
  if (first) return english(type === 'plate-list' ? 'effect-same-plate' : 'effect-same-number', { id: first.id });
  if (!entry.lanes) return undefined;
  if (!lanes) return english('effect-lanes-only', { lanes: entry.lanes.join(', ') });
  const unknown = entry.lanes.filter((lane) => lanes.get(lane) !== KIND[type]);
  return unknown.length > 0 ? noSuchLanes(type, unknown) : undefined;
}

function noSuchLanes(type: ListType, lanes: readonly string[]): string {
  return english(type === 'plate-list' ? 'effect-lanes-not-road' : 'effect-lanes-not-gate', {
    lanes: lanes.join(', '),
  });
}

const MAX_LINES = 30;

/** For the person who signs or imports. */
export function effectsText({ counts, lines }: ListEffects): string {
  const { now, later, over, never } = counts;
  const more = lines.length - MAX_LINES;
  return [
    ...lines.slice(0, MAX_LINES),
    ...(more > 0 ? [english('effect-more', { more })] : []),
    english('effect-counts', { now, later, over, never }),
  ].join('\n');
}
