/**
 * The nouns of a gate lane: what a reader gives, what a comparison says, what the attendant sees. Types only.
 * A face template has no type here, and nothing here can hold a name, an address, a sex or a date of birth.
 */
import type { Instant, Sha256 } from './types.ts';

/** What kind of paper it is; nothing about its holder. */
export type DocumentType =
  /** 居民身份证 */
  | 'resident-card'
  /** 港澳台居民居住证, flag J */
  | 'residence-permit'
  /** 外国人永久居留身份证, flags I and Y */
  | 'permanent-resident-card'
  /** Machine-readable, TD3 */
  | 'passport'
  /** Machine-readable, TD1 and TD2 */
  | 'travel-card';

/** A day as documents write it, `YYYYMMDD`. */
export type Day = string;

/** One document, once. Memory only: the lane that gets it fills its buffers with zeros when the presentation is over. */
export interface DocumentReading {
  readonly reader: string;
  /** When the last byte came in. */
  readonly at: Instant;
  readonly type: DocumentType;
  /** ASCII of 0-9 and A-Z, its check digits right. Bytes and not a string, because a string cannot be wiped. */
  readonly number: Uint8Array;
  readonly validFrom?: Day;
  /** Absent: it has no end, or does not say. */
  readonly validUntil?: Day;
  /** As the chip holds it: for the photo decoder. */
  readonly photo?: Uint8Array;
}

/** Why a document that lies there gave no number. None of them says anything about its holder. */
export type ReadFault =
  /** The number does not fit its check digit: the reader is at fault, or the document is forged. */
  | 'check digit'
  /** A card of a kind that is not known here. */
  | 'unknown document'
  /** Fields that cannot be what they should be: an empty number, full-width digits, a date that is none. */
  | 'garbled'
  /** Lifted too early, or the chip did not answer. */
  | 'not read'
  /** Card and reader do not accept each other. */
  | 'refused';

/**
 * What a reader emits. `ready` comes once the device has answered (or its port is open, where it speaks only by itself); `passing` says
 * that it only sees documents pass, and so will never say `removed`.
 */
export type ReaderObservation =
  | { readonly kind: 'ready'; readonly passing?: true }
  | { readonly kind: 'document'; readonly reading: DocumentReading }
  | { readonly kind: 'unreadable'; readonly why: ReadFault }
  /** The document is not there any more. */
  | { readonly kind: 'removed' }
  /** A ticket code. A token of the lane, never a key of a look-up. */
  | { readonly kind: 'ticket'; readonly token: string };

/** Makes a picture (PNG, JPEG or BMP) of the photo on a chip. Rejects when it cannot, or when `signal` aborts. */
export interface PhotoDecoder {
  decode(photo: Uint8Array, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

// ---------------------------------------------------------------- 1:1 comparison

/** What is wrong with a picture of a face. */
export type FaceProblem = 'no face' | 'several faces' | 'too small' | 'blurred' | 'turned' | 'dark';

export type WhyNotCompared =
  | FaceProblem
  /** The lane has no camera, or it shows nothing. */
  | 'no camera'
  /** The document has none that can be decoded here. */
  | 'no photo'
  /** It was decoded, and no face can be made out on it. */
  | 'photo unusable'
  | 'model off'
  /** The lane does not compare. */
  | 'switched off'
  /** The visitor did not want it. */
  | 'declined'
  /** The document was taken away before a picture could be compared. */
  | 'removed';

/** `score` is a similarity: higher is more alike; `same` at `threshold` and above. */
export type Comparison =
  | {
      readonly outcome: 'same' | 'different';
      readonly score: number;
      readonly threshold: number;
      readonly models: readonly Sha256[];
    }
  | { readonly outcome: 'not compared'; readonly why: WhyNotCompared };

// ---------------------------------------------------------------- what the attendant sees

export type LaneOutcome = 'clear' | 'listed' | 'look at the document' | 'no list';

/** Why to look at the document. `borrowed` is a question: the face before the camera and the photo were found different. */
export type LookReason = 'expired' | 'not yet valid' | 'borrowed' | ReadFault;

/** Everything a lane's display shows; sent whole at each change. */
export interface LaneView {
  readonly lane: string;
  /** Grows by one with each change. */
  readonly version: number;
  /** Readers of this lane that do not answer. */
  readonly away: readonly string[];
  /** None of them answers: nothing that is presented here is looked up. */
  readonly noReader: boolean;
  /** Whether a document lies on the reader now. */
  readonly presented: boolean;
  /** The last outcome; undefined before the first. */
  readonly last:
    | {
        readonly outcome: LaneOutcome;
        readonly at: Instant;
        readonly reasons: readonly LookReason[];
        /** Last four characters of the number, for ten seconds. */
        readonly lastFour?: string;
        readonly document?: DocumentType;
        /** Of the entry, for `listed`. */
        readonly category?: string;
        readonly instruction?: string;
        /** With the photo on the document; absent while it is under way. */
        readonly comparison?: Comparison;
        /** With the photo of the list entry, where it has one. */
        readonly entryComparison?: Comparison;
      }
    | undefined;
  /** The last ticket code, for ten seconds. */
  readonly ticket?: string;
  /** The next visitor's face will not be compared. */
  readonly declined: boolean;
}

/** One lane as the page server sees it. */
export interface LaneFeed {
  /** Whether the lane compares faces at all, and the text of the sign that the site has to show if it does. */
  readonly compares: boolean;
  readonly sign?: string;
  view(): LaneView;
  /** Calls `changed` at each change. Returns how to stop that. */
  subscribe(changed: (view: LaneView) => void): () => void;
  /** The visitor does not want the comparison: the presentation under way, or else the next one within a minute, goes without. */
  decline(): void;
}
