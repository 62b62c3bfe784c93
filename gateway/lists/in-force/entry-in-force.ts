/** What the matchers of both kinds of list share: whether an entry holds here and now. */
import type { Instant } from '../../contracts/base.ts';
import type { ListEntry } from '../../contracts/list.ts';
import type { EntriesByKey } from './packed.ts';

export interface LookUpContext {
  readonly lane: string;
  /** Trusted time. */
  readonly now: Instant;
  /** `HH:MM` of an instant in the box's time zone, see `clockIn`. */
  readonly localTime: (at: Instant) => string;
}

/** The first entry of `key` that holds. */
export function entryInForce(entries: EntriesByKey, key: string, where: LookUpContext): ListEntry | undefined {
  return entries.get(key)?.find((entry) => isInForce(entry, where));
}

/** In its time, for this lane, at this hour. `validUntil` and `hours.to` themselves are outside. */
export function isInForce(entry: ListEntry, { lane, now, localTime }: LookUpContext): boolean {
  if (now < entry.validFrom || now >= entry.validUntil) return false;
  if (entry.lanes && !entry.lanes.includes(lane)) return false;
  if (!entry.hours) return true;
  const { from, to } = entry.hours;
  const time = localTime(now);
  // Text compares as time does: HH:MM, zero-padded. From later than to spans midnight.
  return from < to ? from <= time && time < to : from <= time || time < to;
}

/** The local time of day in `timeZone` (IANA name), as `HH:MM`. */
export function localTimeIn(timeZone: string): (at: Instant) => string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (at) => format.format(at);
}
