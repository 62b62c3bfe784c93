/** The signed list: its entries, the result of a look-up, and whether it is in force. Types only. */
import type { Instant, Sha256 } from './base.ts';

export type ListType = 'plate-list' | 'doc-list';

export interface ListRef {
  readonly type: ListType;
  readonly version: number;
  /** Of the signed bytes. */
  readonly sha256: Sha256;
}

/** Hours of the day in the box's time zone, `HH:MM`; `from` later than `to` spans midnight. */
export interface Hours {
  readonly from: string;
  readonly to: string;
}

export interface ListEntry {
  readonly id: string;
  /** Normalised plate text (plate-list), or the salted digest of a document number (doc-list), which is not stored itself. */
  readonly key: string;
  readonly category: string;
  readonly legalBasis: string;
  readonly issuer: string;
  readonly authorisedBy: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  /** What the crew has to do, in its own language. */
  readonly instruction: string;
  /** Ids of the lanes in which it applies; absent: all lanes of the site. */
  readonly lanes?: readonly string[];
  readonly hours?: Hours;
  /** Portrait of the person sought (doc-list), JPEG or PNG: for the 1:1 comparison once the document has matched. */
  readonly photo?: Uint8Array;
}

/** exact: every character agrees. possible: one confusable character, or only the province, differs. */
export type Certainty = 'exact' | 'possible';

export interface Match {
  readonly entry: ListEntry;
  readonly certainty: Certainty;
}

/** Why no look-up matches now. */
export type ListProblem = 'loading' | 'not loaded' | 'lost' | 'no list' | 'no trust' | 'expired' | FileProblem;

export type FileProblem = 'unsigned' | 'altered' | 'wrong site' | 'rolled back' | 'too big' | 'unreadable';

/** Whether a list of one type is in force now. */
export type ListState =
  | { readonly state: 'in force'; readonly ref: ListRef; readonly expires: Instant; readonly entries: number }
  | { readonly state: 'not in force'; readonly why: ListProblem; readonly detail: string; readonly ref?: ListRef };
