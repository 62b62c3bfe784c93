/**
 * Acts on what people said of hits, whoever wrote it: this process, or the command line beside it. Follows the rows of the store from where it was
 * before, over restarts, so that the end of an alert is not lost where the box stops between the two.
 */
import type { Clock } from '../clock/clock.ts';
import { kindOf } from '../contracts/errors.ts';
import type { Id, Log } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import { REVIEW_STATES, type ReviewEnd, type ReviewState } from '../contracts/review.ts';
import type { Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { isRefusal } from '../store/connection/health.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import { setMeta, type Db } from '../store/db.ts';
import { eraseDismissed, receiptsMissing } from '../store/erasure.ts';
import { getHit } from '../store/hits.ts';
import { reviewOf, reviewsAfter, type ReviewChange } from '../store/reviews.ts';
import type { DismissalMemory } from './dismissal-memory.ts';

export interface ReviewEffectsOptions {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now' | 'mono'>;
  readonly log: Log;
  readonly memory: DismissalMemory;
  /** Relays whose room can answer with a receipt. */
  readonly relays: readonly string[];
  /** The crew may act on a hit: two people confirmed it, or one where the site's policy says so. */
  readonly confirmed: (hit: Hit, state: 'confirmed' | 'one-opinion') => void;
  /** Whoever was alerted to the hit hears the end of it. May be called twice for one hit. */
  readonly ended: (hit: Id, why: ReviewEnd) => void;
}

/** Of what people said longer ago the crew is not alerted: the vehicle or person is gone. */
const ALERTED_WITHIN_MS = 10 * 60_000;
const ERASE_EVERY_MS = 10_000;
/** Number of the last row that was acted on, in `meta`. */
const CURSOR = 'reviewsActedOn';

export class ReviewEffects {
  readonly #options: ReviewEffectsOptions;
  /** No opinion leaves a hit unreviewed. */
  readonly #counts = new Map<ReviewState, number>(REVIEW_STATES.slice(1).map((state) => [state, 0]));
  #outcomes = 0;
  #cursor: number | undefined;
  #erasedAt = -Infinity;
  #missing: readonly (readonly [relay: string, hits: number])[] = [];

  constructor(options: ReviewEffectsOptions) {
    this.#options = options;
  }

  /** Called once a second, and at once where this process wrote a row. Throws what the store throws; the next turn tries again. */
  turn(): void {
    this.follow();
    const { db, clock, relays } = this.#options;
    if (clock.mono() - this.#erasedAt < ERASE_EVERY_MS) return;
    this.#erasedAt = clock.mono();
    eraseDismissed(db, clock.now());
    this.#missing = relays.flatMap((relay) => {
      const hits = receiptsMissing(db, relay, clock.now());
      return hits === 0 ? [] : [[relay, hits] as const];
    });
  }

  /** Acts on the rows that are new. */
  follow(): void {
    const { db } = this.#options;
    this.#cursor ??= Number(readableMeta(db, CURSOR) ?? 0) || 0;
    const changes = reviewsAfter(db, this.#cursor);
    if (changes.length === 0) return;
    for (const change of changes) this.#act(change);
    this.#cursor = changes.at(-1)!.seq;
    setMeta(db, CURSOR, String(this.#cursor));
  }

  readonly status: Status = {
    problems: () =>
      this.#missing.map(([relay, hits]) => problem(`erasure:${relay}`, 'erasure-unanswered', { relay, hits })),
    readings: () => [
      {
        name: 'sitebox_hit_opinions_total',
        type: 'counter',
        labels: ['state'],
        help: 'Opinions of people on hits, by the state of the hit after them',
        read: () => [...this.#counts].map(([state, n]) => [[state], n] as const),
      },
      {
        name: 'sitebox_hit_outcomes_total',
        type: 'counter',
        labels: [],
        help: 'Outcomes on the spot that people recorded',
        read: () => [[[], this.#outcomes]],
      },
      {
        name: 'sitebox_hits_silenced_total',
        type: 'counter',
        labels: [],
        help: 'Possible reads that raised no hit, because two people dismissed the same read before',
        read: () => [[[], this.#options.memory.silenced()]],
      },
    ],
    health: () => ({
      reviews: {
        opinions: Object.fromEntries(this.#counts),
        outcomes: this.#outcomes,
        silenced: this.#options.memory.silenced(),
        receiptsMissing: Object.fromEntries(this.#missing),
      },
    }),
  };

  #act(change: ReviewChange): void {
    const { db, log } = this.#options;
    try {
      if (change.outcome !== null) this.#outcomes++;
      else this.#counts.set(change.state, (this.#counts.get(change.state) ?? 0) + 1);
      this.#effect(change, getHit(db, change.hit));
    } catch (error) {
      // The row is tried again; a part that fails on it for a reason of its own would hold up all others.
      if (isRefusal(error)) throw error;
      log.error({ hit: change.hit, cause: kindOf(error) }, 'what follows a review failed');
    }
  }

  #effect({ hit: id, state, verdict, outcome, atMs }: ReviewChange, hit: Hit | undefined): void {
    const { db, clock, memory, confirmed, ended } = this.#options;
    if (outcome !== null) return ended(id, 'outcome');
    if (state === 'dismissed') {
      if (hit) memory.remember(hit);
      return ended(id, 'dismissed');
    }
    // Narrows only: the pictures stay until a second person has dismissed the hit too.
    if (state === 'one-opinion' && verdict === 'dismiss') return ended(id, 'dismissed');
    if (state !== 'confirmed' && state !== 'one-opinion') return;
    // Whoever was on the spot has said what there is: an alert would send the crew again.
    const isOver = (reviewOf(db, id)?.reports.length ?? 0) > 0;
    if (hit && !isOver && Math.abs(clock.now() - atMs) < ALERTED_WITHIN_MS) confirmed(hit, state);
  }
}
