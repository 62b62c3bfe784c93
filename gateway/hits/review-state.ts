/** How the opinions of people change the state of a hit, and which are refused. Pure: page, command line and command room use it alike. */
import type { Judge } from '../contracts/people.ts';
import {
  OPINION_REASONS,
  type OpinionContent,
  type OpinionVerdict,
  type Review,
  type ReviewPolicy,
  type ReviewState,
  type SpotOutcome,
} from '../contracts/review.ts';
import { charactersRead } from './second-view.ts';

/** Codes of the catalogue. */
export type ReviewRefusal =
  | 'review-final'
  | 'review-same-person'
  | 'review-two-auxiliaries'
  | 'review-wrong-reason'
  | 'review-characters-missing'
  | 'review-was-wrong'
  | 'review-outcome-early'
  | 'review-outcome-given'
  | 'review-wrong-by-police'
  | 'review-room-not-named';

export type ReviewTransition = { readonly state: ReviewState } | { readonly refused: ReviewRefusal };

/** What an opinion has to fit. */
export interface JudgedHit {
  readonly of: 'plate' | 'document';
  /** Positions that the reviewer has to read before the listed plate is shown; 0 for an `exact` hit. */
  readonly doubtful: number;
}

const FINAL: ReadonlySet<ReviewState> = new Set(['confirmed', 'dismissed', 'disputed']);

export function isFinal(state: ReviewState): boolean {
  return FINAL.has(state);
}

/** The state after one more opinion. Two different service numbers decide, at least one of them police. */
export function afterOpinion(
  review: Review,
  { judge, verdict, reason, characters }: { readonly judge: Judge } & OpinionContent,
  hit: JudgedHit,
  policy: ReviewPolicy,
): ReviewTransition {
  const { state, opinions } = review;
  if (isFinal(state)) return { refused: 'review-final' };
  if (opinions.some((o) => o.judge?.serviceNumber === judge.serviceNumber)) return { refused: 'review-same-person' };
  const reasons: readonly string[] = OPINION_REASONS[hit.of][verdict];
  if (!reasons.includes(reason)) return { refused: 'review-wrong-reason' };
  if (charactersRead(characters ?? '', hit.doubtful) === undefined) return { refused: 'review-characters-missing' };
  // What was found wrong on the spot can only become narrower.
  if (verdict === 'confirm' && isWrong(review)) return { refused: 'review-was-wrong' };
  const [first] = opinions;
  if (!first) return { state: policy.opinions === 1 && judge.kind === 'police' ? 'one-opinion' : 'first' };
  if (judge.kind === 'auxiliary' && first.judge?.kind === 'auxiliary') return { refused: 'review-two-auxiliaries' };
  return { state: agreed(first.verdict, verdict) };
}

/** The state after `review.v1`: two people of the command room `relay` judged together. Where one person judged here before, they have to agree. */
export function afterPair(
  review: Review,
  verdict: OpinionVerdict,
  relay: string,
  policy: ReviewPolicy,
): ReviewTransition {
  if (!policy.rooms.includes(relay)) return { refused: 'review-room-not-named' };
  if (isFinal(review.state)) return { refused: 'review-final' };
  if (verdict === 'confirm' && isWrong(review)) return { refused: 'review-was-wrong' };
  return { state: agreed(review.opinions[0]?.verdict ?? verdict, verdict) };
}

/**
 * Whether `judge` may say what was found on the spot; the state stays. One outcome for each hit, once the crew may have acted on it. Only `wrong` may
 * be said at any time, and after another outcome, and it is a police officer who says it: it ends what is wrong at once.
 */
export function afterOutcome(review: Review, judge: Judge, outcome: SpotOutcome): ReviewTransition {
  const { state, reports } = review;
  if (isWrong(review)) return { refused: 'review-outcome-given' };
  if (outcome === 'wrong') return judge.kind === 'police' ? { state } : { refused: 'review-wrong-by-police' };
  if (reports.length > 0) return { refused: 'review-outcome-given' };
  const acted = state === 'confirmed' || state === 'one-opinion' || state === 'disputed';
  return acted ? { state } : { refused: 'review-outcome-early' };
}

export function isWrong({ reports }: Pick<Review, 'reports'>): boolean {
  return reports.some((report) => report.outcome === 'wrong');
}

function agreed(one: OpinionVerdict, other: OpinionVerdict): ReviewState {
  if (one !== other) return 'disputed';
  return one === 'confirm' ? 'confirmed' : 'dismissed';
}
