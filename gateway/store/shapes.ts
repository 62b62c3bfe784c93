/** What a value that was read back from the store has to be before it is gone on with. Pure. */
import type { Instant } from '../contracts/base.ts';

/** The last that a `Date` can say (ECMA-262, 21.4.1.1). */
const MAX_INSTANT_MS = 8.64e15;

export function isWord(part: unknown): part is string {
  return typeof part === 'string';
}

export function isInstant(time: unknown): time is Instant {
  return typeof time === 'number' && Math.abs(time) <= MAX_INSTANT_MS;
}

/** For people: a time that is none is told as the beginning of 1970, so that the rest is told. */
export function toldInstant(time: number): Instant {
  return isInstant(time) ? time : 0;
}

/** Degrees: whatever else is said of a place is of no use without them. */
export function isPlace(part: unknown): part is { readonly lat: number; readonly lon: number } {
  const { lat, lon } = membersOf(part);
  return typeof lat === 'number' && typeof lon === 'number';
}

/** Of anything: what is no object has none. */
export function membersOf(part: unknown): Readonly<Record<string, unknown>> {
  return (part ?? {}) as Readonly<Record<string, unknown>>;
}

/** A member that may be missing. */
export function isOptional(part: unknown, fits: (part: unknown) => boolean): boolean {
  return part === undefined || fits(part);
}
