/** Every path through the review of a hit, and a broken rule for each safeguard, which the same courses must find. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import type { Review } from '../contracts/review.ts';
import { verifyAudit } from '../store/audit.ts';
import { openDb, type Db } from '../store/db.ts';
import { PATIENCE_FACTOR } from '../../simulators/patience.ts';
import { courses, playReviews } from './review-model.fixtures.ts';
import type * as State from './review-state.ts';

/** The rule that is broken now; none at first. */
const mutant = vi.hoisted(() => ({ rule: '' }));

vi.mock(import('./review-state.ts'), async (original) => {
  const real = await original();
  const open = (review: Review): Review => ({ ...review, state: review.opinions.length > 0 ? 'first' : 'unreviewed' });
  const afterOpinion: typeof State.afterOpinion = (review, given, hit, policy) => {
    const { judge } = given;
    const nobody = { ...judge, serviceNumber: `${judge.serviceNumber}-${review.opinions.length}` };
    const answer =
      (
        {
          'one person twice': () => real.afterOpinion(review, { ...given, judge: nobody }, hit, policy),
          'two auxiliaries': () =>
            real.afterOpinion(review, { ...given, judge: { ...judge, kind: 'police' } }, hit, policy),
          'what is final changes': () => real.afterOpinion(open(review), given, hit, policy),
          'one is always enough': () => real.afterOpinion(review, given, hit, { ...policy, opinions: 1 }),
          'no characters': () =>
            real.afterOpinion(review, { ...given, characters: 'B' }, { ...hit, doubtful: 1 }, policy),
          'any reason': () =>
            real.afterOpinion(
              review,
              { ...given, reason: given.verdict === 'confirm' ? 'same-vehicle' : 'other-vehicle' },
              hit,
              policy,
            ),
          'wrong is forgotten': () => real.afterOpinion({ ...review, reports: [] }, given, hit, policy),
        } as Readonly<Record<string, () => State.ReviewTransition>>
      )[mutant.rule]?.() ?? real.afterOpinion(review, given, hit, policy);
    if (!('state' in answer)) return answer;
    if (mutant.rule === 'one opinion confirms' && answer.state === 'one-opinion') return { state: 'confirmed' };
    if (mutant.rule === 'the last one decides' && answer.state === 'disputed') return { state: 'confirmed' };
    return answer;
  };
  return {
    ...real,
    afterOpinion,
    afterPair: (review, verdict, relay, policy) =>
      real.afterPair(review, verdict, relay, mutant.rule === 'any room' ? { ...policy, rooms: [relay] } : policy),
    afterOutcome: (review, judge, outcome) =>
      mutant.rule === 'anybody says wrong'
        ? real.afterOutcome(review, { ...judge, kind: 'police' }, outcome)
        : real.afterOutcome(review, judge, outcome),
    isFinal: (state) => mutant.rule === 'the first answer leaves' || real.isFinal(state),
  };
});

vi.mock(import('../store/reviews.ts'), async (original) => {
  const real = await original();
  const before = new Map<string, Review>();
  return {
    ...real,
    // What another process wrote meanwhile is not seen.
    reviewOf: (db, hit) => {
      const now = real.reviewOf(db, hit);
      if (mutant.rule !== 'read before the transaction' || !now) return now;
      const seen = before.get(hit) ?? now;
      return before.set(hit, seen) && seen;
    },
    reviewsAfter: (db, seq) =>
      real.reviewsAfter(db, seq).filter(({ outcome }) => outcome === null || mutant.rule !== 'outcomes end no alert'),
  };
});

let box: Db;
let terminal: Db;
let played = 0;
beforeAll(() => {
  const folder = tempFolder();
  box = openDb(folder);
  terminal = openDb(folder);
});
afterAll(() => {
  terminal.close();
  box.close();
});

const play = (numRuns: number): void =>
  fc.assert(
    fc.property(courses, (course) => playReviews(box, terminal, course, `E-${played++}`)),
    { numRuns, endOnFailure: true, seed: 20_260_101 },
  );

it(
  'every course of opinions, outcomes, rooms, restarts and disabled people keeps the rules',
  () => {
    mutant.rule = '';
    play(150);
    expect(verifyAudit(box).ok).toBe(true);
  },
  120_000 * PATIENCE_FACTOR,
);

it.each([
  'one person twice',
  'two auxiliaries',
  'what is final changes',
  'one is always enough',
  'no characters',
  'any reason',
  'wrong is forgotten',
  'one opinion confirms',
  'the last one decides',
  'any room',
  'anybody says wrong',
  'the first answer leaves',
  'read before the transaction',
  'outcomes end no alert',
])(
  '(the courses find a box with a broken rule: %s)',
  (rule) => {
    mutant.rule = rule;
    expect(() => play(400)).toThrow();
  },
  120_000 * PATIENCE_FACTOR,
);
