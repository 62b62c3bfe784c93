/** From what each look at the reader found to what is said about it: once for each card that is laid down. Pure. */
import type { ReadFault } from '../../../gateway/contracts/document.ts';

/** What one look at the reader found. Keys are digests that stand for a number, and for all that was read. */
export type Look =
  | { readonly found: 'nothing' }
  | { readonly found: 'fault'; readonly why: ReadFault }
  | { readonly found: 'card'; readonly number: string; readonly whole: string };

/** `document` stands for the card of this look. */
export type Said =
  | { readonly kind: 'document' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'unreadable'; readonly why: ReadFault };

export interface Laying {
  /** `nowMs` never steps back; `doubtful` after noise on the line. What is to be said, in order. */
  look(look: Look, nowMs: number, doubtful: boolean): Said[];
  /** Whether a card that is found now has to be read: always, but for one that is known to lie there, and was read just now. */
  wantsReading(nowMs: number): boolean;
  /** Whether a card lies there that has to be read again before anything can be said: do not wait. */
  readonly undecided: () => boolean;
}

/** Within this time after it was last seen, a card that is laid down again is the same presentation. */
const SAME_MS = 5_000;
/** Two readings that have to agree lie at most this far apart. */
const AGREE_MS = 10_000;
const MAX_READINGS = 5;
/** Behind one of these, a reading without fault is the odd one out: it has to be confirmed. */
const ABOUT_CONTENT: readonly ReadFault[] = ['check digit', 'unknown document', 'garbled'];
/** A card that is found again and again might have been swapped between two looks. */
const RECHECK_MS = 1_000;
/** Some readers lose a card for a moment. */
const NOTHINGS_OF_REMOVED = 2;

export function createLaying(): Laying {
  /** The card that lies there, and whether it was said. */
  let lying: { readonly number: string; readonly said: boolean } | undefined;
  let nothings = NOTHINGS_OF_REMOVED;
  let readAt = -Infinity;
  /** The card that was last said, and when it was last seen. */
  let last: { readonly number: string; readonly at: number } | undefined;
  /** A reading that another one has to agree with. */
  let candidate: { readonly whole: string; readonly at: number } | undefined;
  let readings = 0;
  /** A fault is said when it comes twice, or when the card has gone without having been read. */
  let fault: ReadFault | undefined;
  let faultSaid = false;

  const removed = (): Said[] => {
    const said = faultSaid || lying?.said === true;
    lying = undefined;
    fault = undefined;
    faultSaid = false;
    readings = 0;
    return said ? [{ kind: 'removed' }] : [];
  };
  const sayFault = (why: ReadFault): Said[] => {
    if (faultSaid || lying) return [];
    faultSaid = true;
    return [{ kind: 'unreadable', why }];
  };
  const onNothing = (): Said[] => {
    nothings += 1;
    const unread = fault ?? (readings > 0 ? 'not read' : undefined);
    const said = nothings === 1 && unread !== undefined ? sayFault(unread) : [];
    return nothings === NOTHINGS_OF_REMOVED ? [...said, ...removed()] : said;
  };
  const onFault = (why: ReadFault, nowMs: number): Said[] => {
    nothings = 0;
    readAt = nowMs;
    // Looking again at a card that was read already changes nothing when it fails.
    if (lying) return [];
    if (fault !== undefined) return sayFault(why);
    fault = why;
    return [];
  };
  const onCard = (number: string, whole: string, nowMs: number, doubtful: boolean): Said[] => {
    nothings = 0;
    readAt = nowMs;
    if (doubtful || readings > 0 || (fault !== undefined && ABOUT_CONTENT.includes(fault))) {
      const agrees = candidate?.whole === whole && nowMs - candidate.at < AGREE_MS;
      candidate = { whole, at: nowMs };
      readings += 1;
      if (!agrees) {
        if (readings < MAX_READINGS) return [];
        readings = 0;
        return sayFault('not read');
      }
    }
    candidate = undefined;
    if (lying && lying.number !== number) return [...removed(), ...present(number, nowMs)];
    if (lying) {
      readings = 0;
      if (lying.said) last = { number, at: nowMs };
      return [];
    }
    return present(number, nowMs);
  };
  const present = (number: string, nowMs: number): Said[] => {
    const again = last?.number === number && nowMs - last.at < SAME_MS;
    lying = { number, said: !again };
    fault = undefined;
    readings = 0;
    if (again) return [];
    last = { number, at: nowMs };
    return [{ kind: 'document' }];
  };
  return {
    look(look, nowMs, doubtful) {
      if (look.found === 'nothing') return onNothing();
      return look.found === 'fault' ? onFault(look.why, nowMs) : onCard(look.number, look.whole, nowMs, doubtful);
    },
    wantsReading: (nowMs) => !lying || nothings > 0 || readings > 0 || nowMs - readAt >= RECHECK_MS,
    undecided: () => nothings === 0 && !faultSaid && (fault !== undefined || readings > 0),
  };
}
