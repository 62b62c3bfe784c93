/** The signed list: its entries, what a look-up says, and whether it is in force. Types only. */
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
  /** Normalised plate text (plate-list), or the salted digest of a document number (doc-list): the number itself is nowhere. */
  readonly key: string;
  readonly category: string;
  readonly legalBasis: string;
  readonly issuer: string;
  readonly authorisedBy: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  /** What the crew is to do, in the language of the crew. */
  readonly instruction: string;
  /** Lane ids it holds for; absent = all lanes of the site. */
  readonly lanes?: readonly string[];
  readonly hours?: Hours;
  /** Portrait of the person sought (doc-list): JPEG or PNG, for the 1:1 comparison of a document that is listed. */
  readonly photo?: Uint8Array;
}

/** exact: every character agrees; possible: one confusable character, or the province alone, differs. */
export type Certainty = 'exact' | 'possible';

export interface Match {
  readonly entry: ListEntry;
  readonly certainty: Certainty;
}

/** Why nothing matches at the moment, in words for /health and the alarm. */
export type ListProblem = 'loading' | 'not loaded' | 'lost' | 'no list' | 'no trust' | 'expired' | FileProblem;

export type FileProblem = 'unsigned' | 'altered' | 'wrong site' | 'rolled back' | 'too big' | 'unreadable';

/** What is in force now for one list type. */
export type ListState =
  | { readonly state: 'in force'; readonly ref: ListRef; readonly expires: Instant; readonly entries: number }
  | { readonly state: 'not in force'; readonly why: ListProblem; readonly detail: string; readonly ref?: ListRef };
