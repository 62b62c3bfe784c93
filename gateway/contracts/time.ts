/** Instants as text. */
import type { Instant } from './base.ts';

/** ISO 8601 in UTC, to the millisecond. */
export function iso(at: Instant): string {
  return new Date(at).toISOString();
}

export function isoOrNull(at: Instant | undefined): string | null {
  return at === undefined ? null : iso(at);
}
