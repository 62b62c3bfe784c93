import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../gateway/contracts/comparison.ts';
import { visitorStream, type Visitor, type VisitorKind } from '../../devices/gate/visitors.ts';
import type { LaneResult } from '../../rigs/gate.ts';
import { openMarks, WANTED, wrongHits, wrongIn, type Visit } from './visits.ts';

const all = [...visitorStream({ seed: 3, count: 400, shares: { listed: 0.2, borrowed: 0.2, expired: 0.2 } })];
const one = (kind: VisitorKind): Visitor => all.find((v) => v.kind === kind && v.card.kind === 'resident')!;

const same: Comparison = { outcome: 'same', score: 0.8, threshold: 0.49, models: [] };
const different: Comparison = { ...same, outcome: 'different', score: 0.2 };
const not = (why: Extract<Comparison, { outcome: 'not compared' }>['why']): Comparison => ({
  outcome: 'not compared',
  why,
});

/** What the lane shows of a visitor to whom nothing special happens; `last` is what is known later. */
function visit(kind: VisitorKind, first: Partial<LaneResult>, last: Partial<LaneResult>): Visit {
  const visitor = one(kind);
  const lastFour = visitor.card.number.slice(-4);
  const shown: LaneResult = { outcome: 'clear', at: 1, reasons: [], document: 'resident-card', lastFour, ...first };
  return { visitor, first: shown, last: { ...shown, ...last }, outcomeMs: 1, comparedMs: 2, pictureMs: 1 };
}

const EXPIRED = { outcome: 'look at the document', reasons: ['expired'] } as const;
const BORROWED = { outcome: 'look at the document', reasons: ['borrowed'] } as const;

describe('a visit', () => {
  const right: Record<VisitorKind, Visit> = {
    plain: visit('plain', {}, { comparison: same }),
    listed: visit('listed', { outcome: 'listed', ...WANTED }, { comparison: same }),
    expired: visit('expired', EXPIRED, { comparison: same }),
    borrowed: visit('borrowed', {}, { ...BORROWED, comparison: different }),
    'camera-shy': visit('camera-shy', {}, { comparison: not('no face') }),
  };

  it.each(Object.entries(right))('of somebody %s is right', (_, found) => {
    expect(wrongIn(found, true)).toBeUndefined();
  });

  it.each<[string, Visit]>([
    ['a listed one was clear', visit('listed', {}, { comparison: same })],
    ['a listed one has the words of another', visit('listed', { outcome: 'listed' }, { comparison: same })],
    ['a plain one was listed', visit('plain', { outcome: 'listed', ...WANTED }, { comparison: same })],
    ['a holder was taken for another', visit('plain', {}, { ...BORROWED, comparison: different })],
    ['a borrowed card was taken for its own', visit('borrowed', {}, { comparison: same })],
    ['nobody asked about a borrowed card', visit('borrowed', {}, { comparison: different })],
    ['a borrowed card was known too early', visit('borrowed', BORROWED, { comparison: different })],
    ['an expired one was clear', visit('expired', {}, { comparison: same })],
    ['what was shown at once went away', visit('expired', EXPIRED, { reasons: [], comparison: same })],
    ['a face was not compared', visit('plain', {}, { comparison: not('model off') })],
    ['a face was missing for another reason', visit('camera-shy', {}, { comparison: not('no photo') })],
    ['nothing was compared yet', visit('plain', {}, {})],
    ['it was the card of somebody else', visit('plain', { lastFour: '0000' }, { comparison: same })],
    ['it was another kind of card', visit('plain', { document: 'passport' }, { comparison: same })],
  ])('is wrong where %s', (_, found) => {
    expect(wrongIn(found, true)).toMatch(/^visitor \d+ \(.*\): expected .*, shown /);
  });

  it('of a lane without a camera ends with what was shown at once, also for a borrowed card', () => {
    expect(wrongIn(visit('borrowed', {}, { comparison: not('no camera') }), false)).toBeUndefined();
    expect(wrongIn(visit('borrowed', {}, { ...BORROWED, comparison: different }), false)).toBeDefined();
    expect(wrongIn(right.plain, false)).toBeDefined();
  });
});

describe('the hits in the command room', () => {
  const hit = (id: string, entry: string) => ({ id, entry });
  it.each([
    ['each once, with news of it', [hit('a', 'D-1'), hit('b', 'D-2'), hit('a', 'D-1')], []],
    ['one missing', [hit('a', 'D-1')], ['0 hits of the entry D-2']],
    ['one twice', [hit('a', 'D-1'), hit('b', 'D-2'), hit('c', 'D-2')], ['2 hits of the entry D-2']],
    ['one of nobody', [hit('a', 'D-1'), hit('b', 'D-2'), hit('c', 'D-3')], [expect.stringContaining('D-3')]],
  ])('%s', (_, hits, wrong) => expect(wrongHits(hits, ['D-1', 'D-2'])).toEqual(wrong));
});

it('the clock runs from the first reading of a card; the picture is the first one after that', () => {
  let now = 0;
  const { onAnswer, onSent, ...marks } = openMarks(() => now);
  const at = (ms: number, act: () => void): void => {
    now = ms;
    act();
  };
  at(1, onSent);
  at(2, () => onAnswer('2001'));
  expect([marks.cardAt(), marks.pictureAt()]).toEqual([NaN, undefined]);
  at(3, () => onAnswer('3001'));
  at(5, onSent);
  at(6, () => onAnswer('3001'));
  at(7, onSent);
  expect([marks.cardAt(), marks.pictureAt()]).toEqual([3, 5]);
  marks.reset();
  expect([marks.cardAt(), marks.pictureAt()]).toEqual([NaN, undefined]);
});
