/** Checks the shape of values read back from the store before they are used. Pure. */
import type { Instant } from '../contracts/base.ts';

/** The largest time of a `Date` (ECMA-262, 21.4.1.1). */
const MAX_INSTANT_MS = 8.64e15;

export function isWord(part: unknown): part is string {
  return typeof part === 'string';
}

export function isInstant(time: unknown): time is Instant {
  return typeof time === 'number' && Math.abs(time) <= MAX_INSTANT_MS;
}

/** For display: an invalid time becomes the beginning of 1970, so that the rest can be shown. */
export function instantOrEpoch(time: number): Instant {
  return isInstant(time) ? time : 0;
}

/** A place is of no use without its degrees. */
export function isPlace(part: unknown): part is { readonly lat: number; readonly lon: number } {
  const { lat, lon } = membersOf(part);
  return typeof lat === 'number' && typeof lon === 'number';
}

/** The members of any value; none if it is not an object. */
export function membersOf(part: unknown): Readonly<Record<string, unknown>> {
  return (part ?? {}) as Readonly<Record<string, unknown>>;
}

/** A row of the store as an object of the code: without its nulls, and `raisedMs` as `raised`. */
export function fromRow(row: unknown): object {
  const present = Object.entries(row as object).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([column, value]) => [column.replace(/Ms$/, ''), value as unknown]));
}

/** A member that may be missing. */
export function isOptional(part: unknown, fits: (part: unknown) => boolean): boolean {
  return part === undefined || fits(part);
}
