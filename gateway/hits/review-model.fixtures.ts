/**
 * People and a command room judge one hit in any order, at the box and in a terminal beside it. What comes of it is compared with the rules of the
 * scope, written down here a second time and checked against the rows of the store, not against the code that made them.
 */
import fc from 'fast-check';
import type { Judge } from '../contracts/people.ts';
import type { OpinionVerdict, ReviewPolicy, SpotOutcome } from '../contracts/review.ts';
import { refuse } from '../people/refusal.ts';
import type { Db } from '../store/db.ts';
import type { ReviewAnswer } from './reviews.ts';
import { AUX, eventTexts, LI, OTHER_AUX, plateHit, possibleHit, reviewRig, WANG } from './reviews.fixtures.ts';

const PEOPLE: readonly Judge[] = [LI, WANG, AUX, OTHER_AUX];
const OUTCOMES: readonly SpotOutcome[] = ['right', 'wrong', 'not met'];

export type ReviewStep =
  | {
      readonly do: 'opinion';
      readonly who: number;
      readonly verdict: OpinionVerdict;
      readonly at: 'box' | 'terminal' | 'room';
    }
  | { readonly do: 'pair'; readonly verdict: OpinionVerdict; readonly relay: 'room' | 'stranger' }
  | { readonly do: 'outcome'; readonly who: number; readonly outcome: SpotOutcome }
  | { readonly do: 'disable'; readonly who: number }
  | { readonly do: 'wrong reason'; readonly who: number }
  | { readonly do: 'no characters'; readonly who: number }
  | { readonly do: 'turn' | 'restart' };

export interface ReviewCourse {
  readonly policy: ReviewPolicy;
  readonly isPossible: boolean;
  readonly steps: readonly ReviewStep[];
}

const who = fc.nat(PEOPLE.length - 1);
const verdict = fc.constantFrom<OpinionVerdict>('confirm', 'dismiss');
const opinion = fc.record({
  do: fc.constant('opinion' as const),
  who,
  verdict,
  at: fc.constantFrom('box' as const, 'terminal' as const, 'room' as const),
});
const step: fc.Arbitrary<ReviewStep> = fc.oneof(
  { weight: 6, arbitrary: opinion },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pair' as const),
      verdict,
      relay: fc.constantFrom('room' as const, 'stranger' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('outcome' as const), who, outcome: fc.constantFrom(...OUTCOMES) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disable' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('wrong reason' as const, 'no characters' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('turn' as const, 'restart' as const) }) },
);
export const courses: fc.Arbitrary<ReviewCourse> = fc.record({
  policy: fc.record({ opinions: fc.constantFrom(1 as const, 2 as const), rooms: fc.constantFrom([], ['room']) }),
  isPossible: fc.boolean(),
  steps: fc.array(step, { minLength: 2, maxLength: 12 }),
});

/** The rules once more: who has said what, in the order in which it counted. */
interface Expected {
  state: string;
  readonly said: { readonly number?: string; readonly kind?: string; readonly verdict: OpinionVerdict }[];
  readonly outcomes: { readonly outcome: SpotOutcome; readonly kind: string }[];
}

/** Plays one course on a hit of its own. Throws an Error that says which rule was broken. */
export function playReviews(db: Db, terminalDb: Db, { policy, isPossible, steps }: ReviewCourse, name: string): void {
  const disabled = new Set<string>();
  const heard: string[] = [];
  const options = {
    policy,
    accounts: {
      find: () => undefined,
      mayJudge: (number: string) => (disabled.has(number) ? refuse('login-disabled') : undefined),
    },
    confirmed: (_: unknown, state: string) => void heard.push(state),
    ended: (_: unknown, why: string) => void heard.push(`ended ${why}`),
  };
  let box = reviewRig(db, options);
  const terminal = reviewRig(terminalDb, options);
  box.effects.follow();
  heard.length = 0;
  const id = box.raise((isPossible ? possibleHit : plateHit)({ entry: name }));
  const expected: Expected = { state: 'unreviewed', said: [], outcomes: [] };
  for (const one of steps) {
    if (one.do === 'turn') box.effects.follow();
    if (one.do === 'restart') box = reviewRig(db, options);
    if (one.do === 'disable') disabled.add(PEOPLE[one.who]!.serviceNumber);
    if (!('who' in one || 'relay' in one) || one.do === 'disable') continue;
    const characters = isPossible ? { characters: 'B' } : {};
    const judge = 'who' in one ? PEOPLE[one.who]! : LI;
    const { reviews } = one.do === 'opinion' && one.at === 'terminal' ? terminal : box;
    if (one.do === 'wrong reason') {
      refuses(
        reviews.opinion(id, judge, { verdict: 'confirm', reason: 'other-vehicle', opened: [], ...characters }, 'room'),
        one,
      );
    } else if (one.do === 'no characters') {
      const answer =
        isPossible && reviews.opinion(id, judge, { verdict: 'dismiss', reason: 'other-vehicle', opened: [] }, 'room');
      if (answer !== false) refuses(answer, one);
    } else if (one.do === 'pair') {
      const names: readonly [string, string] = ['Li', 'Wang'];
      compare(
        reviews.pair(id, { verdict: one.verdict, names, relay: one.relay }),
        expectPair(expected, one, policy),
        one,
      );
    } else if (one.do === 'outcome') {
      const next = disabled.has(judge.serviceNumber) ? undefined : expectOutcome(expected, judge, one.outcome);
      compare(reviews.outcome(id, judge, one.outcome, 'box'), next, one);
    } else {
      const reason = one.verdict === 'confirm' ? 'same-vehicle' : 'other-vehicle';
      const origin = one.at === 'room' ? 'room' : 'box';
      const barred = origin === 'box' && disabled.has(judge.serviceNumber);
      const next = barred ? undefined : expectOpinion(expected, judge, one.verdict, policy);
      compare(
        reviews.opinion(id, judge, { verdict: one.verdict, reason, opened: [], ...characters }, origin),
        next,
        one,
      );
    }
    checkRows(db, id, expected, policy);
  }
  box.effects.follow();
  checkEffects(db, id, heard, expected);
}

function refuses(answer: object, one: ReviewStep): void {
  if (!('refused' in answer)) throw new Error(`${one.do} was taken`);
}

function compare(answer: ReviewAnswer, next: string | undefined, one: ReviewStep): void {
  const state = 'state' in answer ? answer.state : undefined;
  if (state !== next) throw new Error(`${JSON.stringify(one)}: ${state}, expected ${next}`);
}

const FINAL = ['confirmed', 'dismissed', 'disputed'];

function expectOpinion(
  e: Expected,
  { serviceNumber: number, kind }: Judge,
  verdict: OpinionVerdict,
  policy: ReviewPolicy,
) {
  const isWrong = e.outcomes.some((o) => o.outcome === 'wrong');
  const [first] = e.said;
  if (FINAL.includes(e.state) || e.said.some((s) => s.number === number)) return undefined;
  if (isWrong && verdict === 'confirm') return undefined;
  if (first && first.kind === 'auxiliary' && kind === 'auxiliary') return undefined;
  e.said.push({ number, kind, verdict });
  if (first) e.state = first.verdict === verdict ? `${verdict}ed` : 'disputed';
  else e.state = policy.opinions === 1 && kind === 'police' ? 'one-opinion' : 'first';
  return e.state;
}

/** One opinion as the store has it. */
export interface OpinionRow {
  readonly serviceNumber: string | null;
  readonly kind: Judge['kind'] | null;
  readonly verdict: OpinionVerdict | null;
  /** After it. */
  readonly state: string;
}

/** The state of a hit that the rules allow after these opinions, oldest first; undefined where they allow one of them not, or another state after it. */
export function allowedState(rows: readonly OpinionRow[], policy: ReviewPolicy): string | undefined {
  const expected: Expected = { state: 'unreviewed', said: [], outcomes: [] };
  for (const { serviceNumber, kind, verdict, state } of rows) {
    if (serviceNumber === null || kind === null || verdict === null) return undefined;
    if (expectOpinion(expected, { serviceNumber, kind }, verdict, policy) !== state) return undefined;
  }
  return expected.state;
}

function expectPair(e: Expected, { verdict, relay }: { verdict: OpinionVerdict; relay: string }, policy: ReviewPolicy) {
  const isWrong = e.outcomes.some((o) => o.outcome === 'wrong');
  if (!policy.rooms.includes(relay) || FINAL.includes(e.state) || (isWrong && verdict === 'confirm')) return undefined;
  e.state = e.said.some((s) => s.verdict !== verdict) ? 'disputed' : `${verdict}ed`;
  e.said.push({ verdict }, { verdict });
  return e.state;
}

function expectOutcome(e: Expected, { kind }: Judge, outcome: SpotOutcome): string | undefined {
  if (e.outcomes.some((o) => o.outcome === 'wrong')) return undefined;
  if (outcome === 'wrong' ? kind !== 'police' : e.outcomes.length > 0) return undefined;
  if (outcome !== 'wrong' && ['unreviewed', 'first', 'dismissed'].includes(e.state)) return undefined;
  e.outcomes.push({ outcome, kind });
  return e.state;
}

/** What the store says, against the rules and against what was counted here. */
function checkRows(db: Db, id: string, expected: Expected, policy: ReviewPolicy): void {
  const state = db.prepare('SELECT state FROM hits WHERE id = ?').pluck().get(id) as string;
  const rows = db.prepare('SELECT * FROM reviews WHERE hit = ? ORDER BY seq').all(id) as Record<
    string,
    string | null
  >[];
  const said = rows.filter((row) => row['verdict'] !== null);
  const numbers = new Set(said.map((row) => row['serviceNumber'] ?? `name ${row['name']}`));
  const broken = (rule: string): never => {
    throw new Error(`${rule}: ${state}, ${JSON.stringify(said)}`);
  };
  if (state !== expected.state || said.length !== expected.said.length) broken('not as counted here');
  if (rows.length - said.length !== expected.outcomes.length) broken('another number of outcomes');
  if (FINAL.includes(state) && numbers.size < 2) broken('one person decided');
  const kinds = said.map((row) => row['kind']);
  if (FINAL.includes(state) && kinds.every((kind) => kind === 'auxiliary')) broken('two auxiliaries decided');
  if (state === 'one-opinion' && policy.opinions !== 1) broken('one opinion was enough without a policy');
  if (said.some((row) => row['name'] !== null) && policy.rooms.length === 0)
    broken('two names counted without a policy');
  checkEvents(db, id, rows.length === 0 ? undefined : state, broken);
}

/** Each deed is an event, and none says what the first person said while a second one may follow. */
function checkEvents(db: Db, id: string, state: string | undefined, broken: (rule: string) => never): void {
  const texts = eventTexts(db, id);
  const last = texts.at(-1);
  if (state !== (last === undefined ? undefined : (JSON.parse(last) as { state: string }).state))
    broken('no event says so');
  for (const text of texts) {
    const event = JSON.parse(text) as { readonly state: string };
    if (!FINAL.includes(event.state) && /verdict|"reason"|opinions/.test(text)) broken('the first answer left the box');
  }
}

/** The crew acts on what is confirmed and not over, and hears each end. */
function checkEffects(db: Db, id: string, heard: readonly string[], { state, outcomes }: Expected): void {
  const changes = db
    .prepare('SELECT verdict, outcome, state FROM reviews WHERE hit = ? ORDER BY seq')
    .all(id) as Record<string, string | null>[];
  const ends = changes.filter(
    (c) =>
      c['outcome'] !== null ||
      c['state'] === 'dismissed' ||
      (c['state'] === 'one-opinion' && c['verdict'] === 'dismiss'),
  );
  if (heard.filter((what) => what.startsWith('ended')).length < ends.length)
    throw new Error(`an end was not heard: ${heard.join()}`);
  if (heard.includes('confirmed') && state !== 'confirmed')
    throw new Error('the crew was sent to a hit that is not confirmed');
  if (state === 'confirmed' && outcomes.length === 0 && !heard.includes('confirmed'))
    throw new Error('the crew was not told');
}
