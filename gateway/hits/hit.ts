/** A passage that matched becomes a hit: the question that goes to people, with what is needed to answer and to check it later. */
import type { Certainty, ClockState, Hit, Id, ListRef, Match, Passage, Sha256 } from '../types.ts';

export interface HitFacts {
  readonly id: Id;
  readonly list: ListRef;
  readonly clock: ClockState;
  readonly config: Sha256;
  readonly models: readonly Sha256[];
}

/** What the reader is not sure of is never more than `possible`, however well the text agrees. */
export function certaintyOf(passage: Passage, match: Match): Certainty {
  return passage.best.band === 'accept' ? match.certainty : 'possible';
}

export function buildHit(passage: Passage, match: Match, facts: HitFacts): Hit {
  const { best } = passage;
  return {
    ...facts,
    lane: passage.lane,
    camera: passage.camera,
    first: passage.first,
    last: passage.last,
    seen: 1,
    entry: match.entry.id,
    category: match.entry.category,
    instruction: match.entry.instruction,
    certainty: certaintyOf(passage, match),
    read: { text: best.text, kind: best.kind, score: best.score, votes: passage.votes },
    listed: match.entry.key,
    direction: passage.direction,
    state: 'unreviewed',
  };
}
