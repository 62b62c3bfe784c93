/** Turns what each poll of the reader found into events: one `document` for each card that is put on the reader. */
import type { ReadFault } from '../../../gateway/contracts/document.ts';

/** `number` and `whole` are digests: of the card's number, and of everything that was read. */
export type PollResult =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'fault'; readonly why: ReadFault }
  | { readonly kind: 'card'; readonly number: string; readonly whole: string };

/** `document` is the card of this poll. */
export type PresenceEvent =
  | { readonly kind: 'document' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'unreadable'; readonly why: ReadFault };

/** A card that comes back within this time after it was last seen is the same presentation. */
const SAME_MS = 5_000;
/** Two readings that have to agree are at most this far apart. */
const AGREE_MS = 10_000;
const MAX_READINGS = 5;
/** After one of these faults a reading without a fault is suspect, and a second one has to confirm it. */
const CONTENT_FAULTS: readonly ReadFault[] = ['check digit', 'unknown document', 'garbled'];
/** A card that stays on the reader is read again this often: it may have been swapped between two polls. */
const RECHECK_MS = 1_000;
/** Some readers lose a card for one poll. */
const EMPTY_POLLS_OF_REMOVED = 2;

export class CardPresence {
  /** The card on the reader, and whether it was reported. */
  #card: { readonly number: string; readonly reported: boolean } | undefined;
  #emptyPolls = EMPTY_POLLS_OF_REMOVED;
  #readAt = -Infinity;
  /** The card that was reported last, and when it was last seen. */
  #last: { readonly number: string; readonly at: number } | undefined;
  /** A reading that the next one has to agree with. */
  #candidate: { readonly whole: string; readonly at: number } | undefined;
  /** Since the card came, or since it was last confirmed: readings that had to be confirmed. */
  #readings = 0;
  /** A fault is reported when it comes twice, or when the card goes without having been read. */
  #fault: ReadFault | undefined;
  #faultReported = false;

  /** Events in order. `nowMs` never steps back; `doubtful` for a while after noise on the line. */
  update(result: PollResult, nowMs: number, doubtful: boolean): PresenceEvent[] {
    if (result.kind === 'nothing') return this.#nothing();
    this.#emptyPolls = 0;
    this.#readAt = nowMs;
    return result.kind === 'fault'
      ? this.#faulty(result.why)
      : this.#read(result.number, result.whole, nowMs, doubtful);
  }

  /** Whether a card that is found now has to be read: always, except for one that is known and was read a moment ago. */
  needsReading(nowMs: number): boolean {
    return !this.#card || this.#emptyPolls > 0 || this.#readings > 0 || nowMs - this.#readAt >= RECHECK_MS;
  }

  /** Whether the card on the reader has to be read again before it can be reported: poll at once. */
  isUndecided(): boolean {
    return this.#emptyPolls === 0 && !this.#faultReported && (this.#fault !== undefined || this.#readings > 0);
  }

  #nothing(): PresenceEvent[] {
    this.#emptyPolls += 1;
    const unread = this.#fault ?? (this.#readings > 0 ? 'not read' : undefined);
    const events = this.#emptyPolls === 1 && unread !== undefined ? this.#reportFault(unread) : [];
    return this.#emptyPolls === EMPTY_POLLS_OF_REMOVED ? [...events, ...this.#removed()] : events;
  }

  #faulty(why: ReadFault): PresenceEvent[] {
    // A card that was read stays read when reading it again fails.
    if (this.#card) return [];
    if (this.#fault !== undefined) return this.#reportFault(why);
    this.#fault = why;
    return [];
  }

  #read(number: string, whole: string, nowMs: number, doubtful: boolean): PresenceEvent[] {
    if (doubtful || this.#readings > 0 || (this.#fault !== undefined && CONTENT_FAULTS.includes(this.#fault))) {
      const agrees = this.#candidate?.whole === whole && nowMs - this.#candidate.at < AGREE_MS;
      this.#candidate = { whole, at: nowMs };
      this.#readings += 1;
      if (!agrees) {
        if (this.#readings < MAX_READINGS) return [];
        this.#readings = 0;
        return this.#reportFault('not read');
      }
    }
    this.#candidate = undefined;
    if (!this.#card) return this.#present(number, nowMs);
    if (this.#card.number !== number) return [...this.#removed(), ...this.#present(number, nowMs)];
    this.#readings = 0;
    if (this.#card.reported) this.#last = { number, at: nowMs };
    return [];
  }

  #present(number: string, nowMs: number): PresenceEvent[] {
    const again = this.#last?.number === number && nowMs - this.#last.at < SAME_MS;
    this.#card = { number, reported: !again };
    this.#fault = undefined;
    this.#readings = 0;
    if (again) return [];
    this.#last = { number, at: nowMs };
    return [{ kind: 'document' }];
  }

  #removed(): PresenceEvent[] {
    const reported = this.#faultReported || this.#card?.reported === true;
    this.#card = undefined;
    this.#fault = undefined;
    this.#faultReported = false;
    this.#readings = 0;
    return reported ? [{ kind: 'removed' }] : [];
  }

  #reportFault(why: ReadFault): PresenceEvent[] {
    if (this.#faultReported || this.#card) return [];
    this.#faultReported = true;
    return [{ kind: 'unreadable', why }];
  }
}
