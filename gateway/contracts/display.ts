/** What the display of a gate lane shows: outcomes to the attendant, and calls for help. Types only. */
import type { DocumentType, ReadFault } from './document.ts';
import type { Id, Instant } from './base.ts';
import type { Comparison } from './comparison.ts';
import type { SosLocation, GeoLocation } from './crew.ts';

export type LaneOutcome = 'clear' | 'listed' | 'look at the document' | 'no list';

/** Why an attendant has to look at the document. `borrowed` is a question: face and photo were found different. */
export type LookReason = 'expired' | 'not yet valid' | 'borrowed' | ReadFault;

/** All that a display shows; sent whole at each change. */
export interface LaneView {
  readonly lane: string;
  /** Grows by one with each change. */
  readonly version: number;
  /** Readers of this lane that do not answer. */
  readonly away: readonly string[];
  /** No reader answers: nothing that is presented here is looked up. */
  readonly noReader: boolean;
  /** A document lies on the reader now. */
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
  readonly sign: string | undefined;
  view(): LaneView;
  /** Calls `changed` at each change. Returns how to stop that. */
  subscribe(changed: (view: LaneView) => void): () => void;
  /** The visitor does not want the comparison: the presentation under way, or else the next one within a minute, goes without. */
  decline(): void;
}

/** A call for help as the lane displays show it: they have no login, so they say no more than a guard's device does. */
export interface ShownSos {
  readonly id: Id;
  /** When it was raised last. */
  readonly at: Instant;
  readonly place?: SosLocation;
  /** Where the caller may be instead. */
  readonly doubtful?: GeoLocation;
  /** Where somebody has acknowledged it: at this box or in the command room. Absent: nobody has. */
  readonly acknowledged?: SosSeenAt;
}

/** The command room, or this box (`npx sitebox sos acknowledge`). */
export type SosSeenAt = 'room' | 'box';

/** Calls for help that are open, those that nobody has seen first, each newest first; `subscribe` is told of each change and gives back how to end that. */
export interface SosFeed {
  open(): readonly ShownSos[];
  subscribe(changed: () => void): () => void;
}

export interface Presentation {
  readonly lane: string;
  readonly at: Instant;
  readonly document: DocumentType | 'unreadable';
  readonly outcome: LaneOutcome;
}
