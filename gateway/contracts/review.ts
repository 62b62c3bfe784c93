/** What people say of a hit: two independent opinions, and what was found on the spot. */
import type { Id, Instant } from './base.ts';
import type { Judge } from './people.ts';

/**
 * `first`: one opinion is in, and a second one is needed. `one-opinion`: one is enough by the signed policy of the site; a second may follow. The
 * last three are final. The event that raises a hit always says `unreviewed`; `io.sitebox.review.v1` says the rest.
 */
export type ReviewState = 'unreviewed' | 'first' | 'one-opinion' | 'confirmed' | 'dismissed' | 'disputed';

export const REVIEW_STATES: readonly ReviewState[] = [
  'unreviewed',
  'first',
  'one-opinion',
  'confirmed',
  'dismissed',
  'disputed',
];

export type OpinionVerdict = 'confirm' | 'dismiss';

/** Of plate hits and of document hits. */
export const OPINION_REASONS = {
  plate: {
    confirm: ['same-vehicle', 'clone-suspected'],
    dismiss: ['plate-misread', 'other-vehicle', 'entry-out-of-date', 'picture-too-poor'],
  },
  document: {
    confirm: ['same-person', 'listed-document'],
    dismiss: ['other-person', 'entry-out-of-date', 'picture-too-poor'],
  },
} as const;

type ReasonsOf<T> = T extends readonly (infer Reason)[] ? Reason : never;
type ReasonsByVerdict = (typeof OPINION_REASONS)[keyof typeof OPINION_REASONS];
export type OpinionReason = ReasonsOf<ReasonsByVerdict[OpinionVerdict]>;

/** What was found on the spot. Each ends the alert of the crew. */
export type SpotOutcome = 'right' | 'wrong' | 'clone suspected' | 'not met' | 'cannot say';

export const SPOT_OUTCOMES: readonly SpotOutcome[] = ['right', 'wrong', 'clone suspected', 'not met', 'cannot say'];

/** What one person says of a hit. */
export interface OpinionContent {
  readonly verdict: OpinionVerdict;
  readonly reason: OpinionReason;
  /** Digests of the pictures that the person opened before. */
  readonly opened: readonly string[];
  /** Of a `possible` plate hit: what the person read at the doubtful positions before the listed plate was shown; `?` where nothing can be read. */
  readonly characters?: string;
}

/** As it is kept. */
export interface Opinion extends Omit<OpinionContent, 'reason'> {
  /** Absent for the two people of an instruction `review.v1`, of whom the room says the names alone. */
  readonly judge?: Judge;
  readonly name?: string;
  readonly reason?: OpinionReason;
  readonly origin: ReviewOrigin;
  readonly at: Instant;
}

/** At the box, or in the command room. */
export type ReviewOrigin = 'box' | 'room';

/** What was found on the spot, and by whom. */
export interface SpotReport {
  readonly judge: Judge;
  readonly outcome: SpotOutcome;
  readonly origin: ReviewOrigin;
  readonly at: Instant;
}

/** All that people have said of one hit, oldest first. */
export interface Review {
  readonly hit: Id;
  readonly state: ReviewState;
  readonly opinions: readonly Opinion[];
  /** Two at most: the second one is `wrong`. */
  readonly reports: readonly SpotReport[];
}

/** Of a site, by its signed policy; without one in force `DEFAULT_POLICY`. */
export interface ReviewPolicy {
  /** How many people have to judge a hit before the crew acts on it. */
  readonly opinions: 1 | 2;
  /** Relays whose instruction `review.v1`, which names two people without their numbers, counts as both opinions. */
  readonly rooms: readonly string[];
}

export const DEFAULT_POLICY: ReviewPolicy = { opinions: 2, rooms: [] };

/** Why the alert of a hit ends. */
export type ReviewEnd = 'dismissed' | 'outcome';
