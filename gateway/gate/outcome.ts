/** The outcome of a presentation for the attendant: what the document's dates say, and what the list says. Pure. */
import type { DocumentReading } from '../contracts/document.ts';
import type { Instant } from '../contracts/base.ts';
import type { LaneOutcome, LookReason } from '../contracts/display.ts';
import type { ListState, Match } from '../contracts/list.ts';

export function outcomeOf(list: ListState, match: Match | undefined, reasons: readonly LookReason[]): LaneOutcome {
  if (list.state !== 'in force') return 'no list';
  if (match) return 'listed';
  return reasons.length > 0 ? 'look at the document' : 'clear';
}

/** Dates compare as text. `today` is the date at the site, `YYYYMMDD`. */
export function validityReasons({ validFrom, validUntil }: DocumentReading, today: string): LookReason[] {
  if (validUntil !== undefined && validUntil < today) return ['expired'];
  return validFrom !== undefined && validFrom > today ? ['not yet valid'] : [];
}

export function lastFourOf(number: Uint8Array): string {
  return String.fromCharCode(...number.slice(-4));
}

/** The date of an instant in a time zone, `YYYYMMDD`. */
export function dateIn(timeZone: string): (at: Instant) => string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at).replaceAll('-', '');
}
