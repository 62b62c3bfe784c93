/** What a document says by itself and what the list says of it, as the attendant gets it. Pure. */
import type { DocumentReading } from '../contracts/document.ts';
import type { LaneOutcome, LookReason } from '../contracts/display.ts';
import type { ListState, Match } from '../contracts/list.ts';

export function outcomeOf(list: ListState, match: Match | undefined, faults: readonly LookReason[]): LaneOutcome {
  if (list.state !== 'in force') return 'no list';
  if (match) return 'listed';
  return faults.length > 0 ? 'look at the document' : 'clear';
}

/** Days compare as text. `today` is the day at the site, `YYYYMMDD`. */
export function validity({ validFrom, validUntil }: DocumentReading, today: string): LookReason[] {
  if (validUntil !== undefined && validUntil < today) return ['expired'];
  return validFrom !== undefined && validFrom > today ? ['not yet valid'] : [];
}

export function lastFourOf(number: Uint8Array): string {
  return String.fromCharCode(...number.subarray(-4));
}
