/** Reviews of hits by people in the command room. */
import type { Clock } from '../clock/clock.ts';
import type { Handled, Instruction } from '../contracts/instruction.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { getHit } from '../store/hits.ts';
import type { Hit } from '../contracts/hit.ts';

export interface ReviewParts {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now'>;
  /** Two people have confirmed a hit, and that is on disk. */
  readonly confirmed: (hit: Hit) => void;
}

/** The handler of reviews. The hit stays as it was raised: the command room keeps the review, the box an audit row. */
export function reviewHandler({
  db,
  clock,
  confirmed,
}: ReviewParts): (review: Extract<Instruction, { kind: 'review' }>) => Handled {
  return ({ hit, outcome, by, second }) => {
    const stored = getHit(db, hit);
    const detail = { hit, outcome, second, known: stored !== undefined };
    appendAudit(db, { at: clock.now(), who: by, what: 'hit reviewed', detail });
    if (!stored) return { refused: `this box has no hit ${hit}` };
    return outcome === 'confirmed' ? { after: () => confirmed(stored) } : {};
  };
}
