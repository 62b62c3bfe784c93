/** Finds the entry of a key that is in force at this lane and time; both matchers use it. */
import type { Instant } from '../../contracts/base.ts';
import type { ListEntry } from '../../contracts/list.ts';
import type { EntriesByKey } from './packed.ts';

export interface LookUpContext {
  readonly lane: string;
  /** Trusted time. */
  readonly now: Instant;
  /** See `localTimeIn`. */
  readonly localTime: (at: Instant) => string;
}

export function entryInForce(entries: EntriesByKey, key: string, where: LookUpContext): ListEntry | undefined {
  return entries.get(key)?.find((entry) => isInForce(entry, where));
}

/** `validUntil` and `hours.to` are exclusive. */
export function isInForce(entry: ListEntry, { lane, now, localTime }: LookUpContext): boolean {
  if (now < entry.validFrom || now >= entry.validUntil) return false;
  if (entry.lanes && !entry.lanes.includes(lane)) return false;
  if (!entry.hours) return true;
  const { from, to } = entry.hours;
  const time = localTime(now);
  // Zero-padded HH:MM compares as text. Where `from` is later than `to`, the hours span midnight.
  return from < to ? from <= time && time < to : from <= time || time < to;
}

/** The time of day, `HH:MM`, in a time zone (IANA name). */
export function localTimeIn(timeZone: string): (at: Instant) => string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (at) => format.format(at);
}
