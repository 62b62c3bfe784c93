/** What people say of hits, each deed in one transaction: row, state, audit row and event for the command room. */
import { iso } from '../contracts/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { Id, Json } from '../contracts/base.ts';
import type { Deeds } from '../contracts/deeds.ts';
import type { Hit } from '../contracts/hit.ts';
import type { Judge } from '../contracts/people.ts';
import type {
  Opinion,
  OpinionContent,
  OpinionVerdict,
  Review,
  ReviewOrigin,
  ReviewPolicy,
  ReviewState,
  SpotOutcome,
} from '../contracts/review.ts';
import type { Accounts } from '../people/accounts.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { ERASED_WITHIN_MS } from '../store/erasure.ts';
import { picturesOf } from '../store/evidence.ts';
import { getHit, isHitHere } from '../store/hits.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import { addOpinion, addReport, reviewOf } from '../store/reviews.ts';
import {
  afterOpinion,
  afterOutcome,
  afterPair,
  isFinal,
  type ReviewTransition,
  type ReviewRefusal,
} from './review-state.ts';
import { doubtfulPositions, type HitToJudge } from './second-view.ts';

export interface ReviewsOptions {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<Clock, 'now'>;
  /** In force now. */
  readonly policy: () => ReviewPolicy;
  /** Asked in the transaction, since an account may be disabled meanwhile. */
  readonly accounts: Pick<Accounts, 'find' | 'mayJudge'>;
  /** A deed is on disk. Absent on the command line: the box beside it follows the rows. Must not throw. */
  readonly recorded?: () => void;
}

/** `unknown`: no such hit, or it was erased. */
export type ReviewAnswer = { readonly state: ReviewState } | { readonly refused: RefusedReview };
export type RefusedReview =
  ReviewRefusal | 'review-unknown-hit' | 'review-unreadable' | 'review-not-allowed' | 'review-other-kind';

/** The two people of an instruction `review.v1`. */
export interface RoomPair {
  readonly verdict: OpinionVerdict;
  readonly names: readonly [string, string];
  readonly relay: string;
}

export class Reviews {
  readonly #options: ReviewsOptions;

  constructor(options: ReviewsOptions) {
    this.#options = options;
  }

  /** One opinion. Throws, and keeps nothing, where the store or the outbox refuses. */
  opinion(id: Id, judge: Judge, content: OpinionContent, origin: ReviewOrigin): ReviewAnswer {
    return this.#deed(id, judge.serviceNumber, ({ hit, review, pictures }) => {
      const barred = this.#barred(judge, origin);
      if (barred) return { refused: barred };
      const of = 'document' in hit ? 'document' : 'plate';
      const doubtful = doubtfulPositions(hit).length;
      const judged = afterOpinion(review, { judge, ...content }, { of, doubtful }, this.#options.policy());
      if ('refused' in judged) return judged;
      const { verdict, reason, characters } = content;
      const opened = content.opened.filter((picture) => pictures.includes(picture));
      const read = characters === undefined || characters === '' ? {} : { characters };
      const at = this.#options.clock.now();
      addOpinion(this.#options.db, id, { judge, verdict, reason, opened, ...read, origin, at }, judged.state);
      const detail = { hit: id, kind: judge.kind, verdict, reason, opened, origin, state: judged.state };
      return { ...judged, what: 'hit reviewed', detail };
    });
  }

  /** What was found on the spot. Throws as `opinion`. */
  outcome(id: Id, judge: Judge, outcome: SpotOutcome, origin: ReviewOrigin): ReviewAnswer {
    return this.#deed(id, judge.serviceNumber, ({ review }) => {
      const barred = this.#barred(judge, origin);
      if (barred) return { refused: barred };
      const judged = afterOutcome(review, judge, outcome);
      if ('refused' in judged) return judged;
      const at = this.#options.clock.now();
      addReport(this.#options.db, id, { judge, outcome, origin, at }, judged.state);
      const detail = { hit: id, kind: judge.kind, outcome, origin, state: judged.state };
      return { ...judged, what: 'outcome recorded', detail };
    });
  }

  /** Two people of a command room, by their names alone. Throws as `opinion`. */
  pair(id: Id, { verdict, names, relay }: RoomPair): ReviewAnswer {
    return this.#deed(id, names[0], ({ review }) => {
      const judged = afterPair(review, verdict, relay, this.#options.policy());
      if ('refused' in judged) return judged;
      const { db, clock } = this.#options;
      const opinion: Opinion = { verdict, opened: [], origin: 'room', at: clock.now() };
      const between = review.state === 'unreviewed' ? 'first' : review.state;
      addOpinion(db, id, { ...opinion, name: names[0] }, between);
      addOpinion(db, id, { ...opinion, name: names[1] }, judged.state);
      const detail = { hit: id, verdict, second: names[1], relay, origin: 'room', state: judged.state };
      return { ...judged, what: 'hit reviewed', detail };
    });
  }

  /** Undefined where this box has no such hit, or can read it no more. */
  stored(id: Id): (HitToJudge & { readonly review: Review }) | undefined {
    const { db } = this.#options;
    const [hit, review] = [getHit(db, id), reviewOf(db, id)];
    return hit && review && { hit, evidence: picturesOf(db, id), review };
  }

  /** Why `stored` has nothing. */
  whyMissing(id: Id): 'review-unknown-hit' | 'review-unreadable' {
    return isHitHere(this.#options.db, id) ? 'review-unreadable' : 'review-unknown-hit';
  }

  /** A person of the command room needs no account here; one who has an account is who it says, and judges nowhere once it is disabled. */
  #barred({ serviceNumber, kind }: Judge, origin: ReviewOrigin): RefusedReview | undefined {
    const { accounts } = this.#options;
    if (origin === 'box') return accounts.mayJudge(serviceNumber) ? 'review-not-allowed' : undefined;
    const account = accounts.find(serviceNumber);
    if (account?.disabled !== undefined) return 'review-not-allowed';
    return account && account.kind !== kind ? 'review-other-kind' : undefined;
  }

  /** In one transaction; what it refuses is in the audit log too. */
  #deed(id: Id, who: string, work: (found: DeedOn) => Deed): ReviewAnswer {
    const { db, outbox, clock, recorded } = this.#options;
    return db.write((): ReviewAnswer => {
      const hit = getHit(db, id);
      const review = reviewOf(db, id);
      const refuse = (refused: RefusedReview): ReviewAnswer => {
        appendAudit(db, { at: clock.now(), who, what: 'review refused', detail: { hit: id, why: refused } });
        return { refused };
      };
      if (!hit || !review) return refuse(this.whyMissing(id));
      const pictures = picturesOf(db, id).map((picture) => picture.sha256);
      const done = work({ hit, review, pictures });
      if ('refused' in done) return refuse(done.refused);
      const { state, what, detail } = done;
      appendAudit(db, { at: clock.now(), who, what, detail });
      const event = { type: 'io.sitebox.review.v1', subject: hit.lane, time: clock.now() } as const;
      outbox.enqueue({ ...event, data: reviewData(reviewOf(db, id)!, clock.now()), stream: `hit:${id}` });
      db.afterCommit(() => recorded?.());
      return { state };
    });
  }
}

interface DeedOn {
  readonly hit: Hit;
  readonly review: Review;
  readonly pictures: readonly string[];
}

type Deed =
  | { readonly refused: RefusedReview }
  | (Extract<ReviewTransition, { state: ReviewState }> & {
      readonly what: 'hit reviewed' | 'outcome recorded';
      readonly detail: Deeds['hit reviewed' | 'outcome recorded'];
    });

/** For the command room (docs/upstream.md). While a second opinion may follow it says neither the first answer nor whose it is. */
function reviewData({ hit, state, opinions, reports }: Review, now: number): Json {
  return {
    hit,
    state,
    ...(isFinal(state) ? { opinions: opinions.map(opinionData) } : {}),
    ...(reports.length === 0
      ? {}
      : { outcomes: reports.map(({ judge, outcome, origin, at }) => ({ ...judge, outcome, origin, at: iso(at) })) }),
    ...(state === 'dismissed' ? { erase: { until: iso(now + ERASED_WITHIN_MS) } } : {}),
  };
}

/** The characters that a person read are part of a plate, and stay in the box. */
function opinionData({ judge, name, verdict, reason, opened, origin, at }: Opinion): Json {
  return {
    ...(judge ? { serviceNumber: judge.serviceNumber, kind: judge.kind } : {}),
    ...(name === undefined ? {} : { name }),
    verdict,
    ...(reason === undefined ? {} : { reason }),
    opened: [...opened],
    origin,
    at: iso(at),
  };
}
