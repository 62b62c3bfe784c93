/** What a person has to know who takes over a shift. It holds ids, counts and times: no plate, number, name or place. */
import type { Id, Sha256 } from './base.ts';
import type { ListProblem, ListType } from './list.ts';
import type { Mode } from './instruction.ts';
import type { ServiceNumber } from './people.ts';

/** RFC 3339, UTC. */
type Time = string;

/** Review states in which a hit still takes an opinion. */
export type OpenReviewState = 'unreviewed' | 'first' | 'one-opinion';
export const OPEN_REVIEW_STATES: readonly OpenReviewState[] = ['unreviewed', 'first', 'one-opinion'];

/** The newest of many: `more` are not listed. */
export interface Newest<T> {
  readonly newest: readonly T[];
  readonly more: number;
}

export interface OpenHit {
  readonly id: Id;
  readonly lane: string;
  readonly state: OpenReviewState;
  readonly last: Time;
}

export interface OpenSos {
  readonly id: Id;
  readonly device: string;
  readonly raised: Time;
  /** A person has acknowledged it; it stays open until it is withdrawn, or for twelve hours. */
  readonly seen: boolean;
}

export interface UnreadOrder {
  readonly id: Id;
  readonly created: Time;
  /** Devices on which it was not read. */
  readonly devices: readonly string[];
}

export interface ListEnd {
  readonly type: ListType;
  /** Only of a list in force. */
  readonly version?: number;
  readonly expires?: Time;
  /** Only of one that is not. */
  readonly why?: ListProblem;
  /** It ends before `until`, or is not in force. */
  readonly endsBefore: boolean;
}

/** An alarm that lasts. `key` says which camera or part; `what` is English, `inChinese` finds the other language. */
export interface HeldAlarm {
  readonly key: string;
  readonly what: string;
  /** Unknown of an alarm that an earlier version raised. */
  readonly since?: Time;
}

/** A time in which something was not looked at. */
export interface BlindTime {
  /** Of the alarm; `box` where the box did not run. */
  readonly key: string;
  readonly what: string;
  readonly from: Time;
  /** Absent: it lasts. */
  readonly to?: Time;
}

export interface DeviceFailure {
  readonly device: string;
  /** `tampering`: of a camera that was moved or covered. */
  readonly what: 'battery low' | 'recording fault' | 'silent' | 'tampering';
}

/** Of one command room. */
export interface OutboxBacklog {
  readonly relay: string;
  readonly waiting: number;
  /** Refused for good. */
  readonly dead: number;
}

export interface ShiftSheet {
  /** The end of the next shift. */
  readonly until: Time;
  readonly hits: Newest<OpenHit> & { readonly counts: Readonly<Record<OpenReviewState, number>> };
  readonly sos: Newest<OpenSos>;
  readonly orders: Newest<UnreadOrder>;
  readonly lists: readonly ListEnd[];
  readonly mode: { readonly mode: Mode; readonly until?: Time };
  readonly alarms: readonly HeldAlarm[];
  /** Of the crew, and cameras that were moved or covered. */
  readonly devices: readonly DeviceFailure[];
  /** Since the last hand-over. */
  readonly blind: Newest<BlindTime>;
  /** What has not been transferred. It changes all the time, so the digest does not cover it. */
  readonly outbox: readonly OutboxBacklog[];
}

/** A shift that was handed over. */
export interface Handover {
  readonly id: Id;
  readonly at: Time;
  readonly outgoing: ServiceNumber;
  readonly incoming: ServiceNumber;
  readonly note: string;
  /** What both have signed, and its digest. */
  readonly sheet: ShiftSheet;
  readonly digest: Sha256;
}
