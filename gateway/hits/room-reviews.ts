/** Instructions of the command room about hits: one opinion, the judgement of two people, and that it has erased a dismissed hit. */
import type { Clock } from '../clock/clock.ts';
import type { Handled, InstructionHandlers } from '../contracts/instruction.ts';
import { english } from '../contracts/words/words.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { takeReceipt } from '../store/erasure.ts';
import type { ReviewAnswer, Reviews } from './reviews.ts';

export interface RoomReviewsOptions {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now'>;
  readonly reviews: Reviews;
}

export function reviewHandlers({ db, clock, reviews }: RoomReviewsOptions): InstructionHandlers {
  const handled = (answer: ReviewAnswer): Handled => ('refused' in answer ? { refused: english(answer.refused) } : {});
  return {
    review({ hit, outcome, by, second }, relay) {
      const verdict = outcome === 'confirmed' ? 'confirm' : 'dismiss';
      return handled(reviews.pair(hit, { verdict, names: [by, second], relay }));
    },
    opinion: ({ hit, judge, content }) => handled(reviews.opinion(hit, judge, content, 'room')),
    erased({ hit, by }, relay) {
      if (!takeReceipt(db, hit, relay, clock.now())) return { refused: english('review-not-dismissed') };
      appendAudit(db, { at: clock.now(), who: by, what: 'erasure receipt', detail: { hit, relay } });
      return {};
    },
  };
}
