import { expect, it } from 'vitest';
import { CardPresence, type PollResult } from './card-presence.ts';

const card = (number: string, whole = number): PollResult => ({ kind: 'card', number, whole });
const nothing: PollResult = { kind: 'nothing' };
const fault = (why: 'not read' | 'check digit'): PollResult => ({ kind: 'fault', why });

/** Plays polls `[ms, result, doubtful?]` in turn; returns the events as words. */
function play(...looks: [number, PollResult, boolean?][]): string[] {
  const presence = new CardPresence();
  return looks.flatMap(([at, look, doubtful = false]) =>
    presence.update(look, at, doubtful).map((s) => (s.kind === 'unreadable' ? s.why : s.kind)),
  );
}

it('one poll without the card is not its removal, two are', () => {
  expect(play([0, card('a')], [300, nothing], [600, card('a')])).toEqual(['document']);
  expect(play([0, card('a')], [300, nothing], [600, nothing], [900, nothing])).toEqual(['document', 'removed']);
});

it('a card that comes back within 5 s of being seen is the same presentation, after that another', () => {
  const gone: [number, PollResult][] = [
    [300, nothing],
    [600, nothing],
  ];
  expect(play([0, card('a')], ...gone, [4_999, card('a')])).toEqual(['document', 'removed']);
  expect(play([0, card('a')], ...gone, [5_000, card('a')])).toEqual(['document', 'removed', 'document']);
  expect(play([0, card('a')], ...gone, [900, card('b')])).toEqual(['document', 'removed', 'document']);
  // Laying it down every four seconds does not put the next presentation off for ever.
  expect(
    play([0, card('a')], ...gone, [4_000, card('a')], [4_300, nothing], [4_600, nothing], [8_000, card('a')]),
  ).toEqual(['document', 'removed', 'document']);
});

it('a card that lies there is read again once a second, at once when it was lost for a look', () => {
  const presence = new CardPresence();
  expect(presence.needsReading(0)).toBe(true);
  presence.update(card('a'), 0, false);
  expect([presence.needsReading(999), presence.needsReading(1_000)]).toEqual([false, true]);
  presence.update(nothing, 300, false);
  expect(presence.needsReading(400)).toBe(true);
});

it('in doubt two readings have to agree in everything, at most 10 s apart', () => {
  expect(play([0, card('a'), true], [300, card('a'), true])).toEqual(['document']);
  expect(play([0, card('a', 'x'), true], [300, card('a', 'y'), true])).toEqual([]);
  expect(play([0, card('a', 'x'), true], [300, card('a', 'y'), true], [600, card('a', 'y'), true])).toEqual([
    'document',
  ]);
  // The doubt is over between the two: the second still has to agree with the first.
  expect(play([0, card('a'), true], [300, card('b')])).toEqual([]);
  // Laid down again, because the reader finds it only once.
  expect(play([0, card('a'), true], [300, nothing], [600, nothing], [2_000, card('a'), true])).toEqual([
    'not read',
    'removed',
    'document',
  ]);
  expect(play([0, card('a'), true], [300, nothing], [600, nothing], [10_000, card('a'), true])).toEqual([
    'not read',
    'removed',
  ]);
});

it('readings that never agree are reported once as not read', () => {
  const looks = Array.from({ length: 20 }, (_, i): [number, PollResult, boolean] => [i * 300, card('a', `${i}`), true]);
  expect(play(...looks)).toEqual(['not read']);
});

it('a fault is reported when it comes twice, or when the card has gone', () => {
  expect(play([0, fault('not read')], [300, card('a')])).toEqual(['document']);
  expect(play([0, fault('not read')], [300, fault('not read')], [600, fault('not read')])).toEqual(['not read']);
  expect(play([0, fault('not read')], [300, nothing], [600, nothing])).toEqual(['not read', 'removed']);
  // Behind a number that cannot be, a good one has to be confirmed.
  expect(play([0, fault('check digit')], [300, card('a')])).toEqual([]);
  expect(play([0, fault('check digit')], [300, card('a')], [600, card('a')])).toEqual(['document']);
});

it('a card that was read is not called unreadable because a later look at it fails', () => {
  const presence = new CardPresence();
  presence.update(card('a'), 0, false);
  for (let i = 1; i < 9; i++) expect(presence.update(fault('not read'), i * 1_000, false)).toEqual([]);
  expect(presence.isUndecided()).toBe(false);
});
