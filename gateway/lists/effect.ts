/** What the entries of a list do: hold now, from later, never any more, or never here. Said at signing and at import. */
import type { Instant } from '../contracts/base.ts';
import type { ListEntry, ListType } from '../contracts/list.ts';
import type { Bundle } from './bundle.ts';

export interface Effects {
  readonly counts: { readonly now: number; readonly later: number; readonly over: number; readonly never: number };
  /** One for each entry that does not simply hold now. */
  readonly lines: readonly string[];
}

/** Lane id -> kind, of the box; absent at the list office. */
export type Lanes = ReadonlyMap<string, 'road' | 'gate'>;

const KIND = { 'plate-list': 'road', 'doc-list': 'gate' } as const;

export function effectsOf(bundle: Pick<Bundle, 'ref' | 'expires' | 'entries'>, now: Instant, lanes?: Lanes): Effects {
  const counts = { now: 0, later: 0, over: 0, never: 0 };
  const lines: string[] = [];
  const firsts = new Map<string, ListEntry>();
  for (const entry of bundle.entries) {
    const first = firsts.get(entry.key);
    if (!first) firsts.set(entry.key, entry);
    const never = neverHere(entry, first, bundle, lanes);
    const name = never ? 'never' : entry.validUntil <= now ? 'over' : entry.validFrom > now ? 'later' : 'now';
    counts[name]++;
    if (never) lines.push(`${entry.id}: never here: ${never}`);
    else if (name === 'over') lines.push(`${entry.id}: over since ${iso(entry.validUntil)}: of no effect`);
    else if (name === 'later') lines.push(`${entry.id}: holds from ${iso(entry.validFrom)}`);
    const odd = never ? undefined : oddities(entry, first, bundle.ref.type, lanes);
    if (odd) lines.push(`${entry.id}: ${odd}`);
  }
  return { counts, lines };
}

/** Why the entry can match at no time of this list, or on no lane. */
function neverHere(
  entry: ListEntry,
  first: ListEntry | undefined,
  { expires, ref }: Pick<Bundle, 'ref' | 'expires'>,
  lanes?: Lanes,
): string | undefined {
  if (entry.validFrom >= expires)
    return `it begins at ${iso(entry.validFrom)}, when this list has ended (${iso(expires)})`;
  const kind = KIND[ref.type];
  if (lanes && ![...lanes.values()].includes(kind)) return `this box has no ${kind} lane, where a ${ref.type} is asked`;
  if (lanes && entry.lanes && !entry.lanes.some((lane) => lanes.get(lane) === kind)) {
    return `${entry.lanes.join(', ')} ${entry.lanes.length === 1 ? 'is' : 'are'} no ${kind} lane of this box`;
  }
  if (first && covers(first, entry))
    return `the same ${ref.type === 'plate-list' ? 'plate' : 'number'} stands under ${first.id}, which comes first`;
  return undefined;
}

function covers(first: ListEntry, entry: ListEntry): boolean {
  const same = (a: unknown, b: unknown): boolean => a === undefined || JSON.stringify(a) === JSON.stringify(b);
  const inTime = first.validFrom <= entry.validFrom && first.validUntil >= entry.validUntil;
  return inTime && same(first.lanes, entry.lanes) && same(first.hours, entry.hours);
}

function oddities(entry: ListEntry, first: ListEntry | undefined, type: ListType, lanes?: Lanes): string | undefined {
  if (first)
    return `the same ${type === 'plate-list' ? 'plate' : 'number'} stands under ${first.id} as well; where both hold, ${first.id} is shown`;
  if (!entry.lanes) return undefined;
  if (!lanes) return `holds on lanes ${entry.lanes.join(', ')} only: make sure that the site calls them so`;
  const unknown = entry.lanes.filter((lane) => lanes.get(lane) !== KIND[type]);
  return unknown.length > 0 ? `${unknown.join(', ')} is no ${KIND[type]} lane of this box` : undefined;
}

const MAX_LINES = 30;

/** For the person who signs or imports. */
export function effectText({ counts, lines }: Effects): string {
  const { now, later, over, never } = counts;
  const more = lines.length - MAX_LINES;
  return [
    ...lines.slice(0, MAX_LINES),
    ...(more > 0 ? [`and ${more} more`] : []),
    `${now} hold now, ${later} from later, ${over} over, ${never} never here`,
  ].join('\n');
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
