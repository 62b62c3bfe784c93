import { expect, test } from 'vitest';
import type { PlateKind } from '../../gateway/contracts/plate.ts';
import type { CharacterChoice } from './decode.ts';
import { isHopeless, isSure, fuseReads, type WindowRead } from './read-fusion.ts';

const BLUE = 'blue';

/** A read in which every character is sure but those named, by position. */
function read(
  text: string,
  evidence: number,
  doubts: Readonly<Record<number, readonly CharacterChoice[]>> = {},
): WindowRead {
  const choices = [...text].map((character, k) => doubts[k] ?? [{ character, probability: 1 }]);
  return { text, kind: 'standard', evidence, worst: evidence, rival: -12, choices, lines: 1 };
}
const choice = (character: string, probability: number): CharacterChoice => ({ character, probability });

test('of several windows the text with most probability wins, not the most frequent one', () => {
  const reads = [read('皖A12345', -9), read('皖A12345', -9), read('皖A12845', -0.1)];
  expect(fuseReads(reads, BLUE)).toMatchObject({ text: '皖A12845', kind: 'standard', lines: 1 });
});

test('windows that agree add up; one that disagrees lowers the plate and the character, and is an alternative', () => {
  const sure = fuseReads([read('皖A12345', -0.5), read('皖A12345', -0.6)], BLUE);
  const torn = fuseReads([read('皖A12345', -0.5), read('皖A12845', -0.9)], BLUE);
  expect(torn.text).toBe('皖A12345');
  expect(torn.probability).toBeLessThan(sure.probability);
  expect(torn.characters[4]).toBeLessThan(Math.min(sure.characters[4]!, torn.characters[3]!));
  const share = Math.exp(-0.9) / (Math.exp(-0.5) + Math.exp(-0.9));
  expect(torn.alternatives).toEqual([{ position: 4, character: '8', probability: expect.closeTo(share, 6) as number }]);
  expect(sure.alternatives).toEqual([]);
});

test('a text of another length is a rival of the plate, not of its characters', () => {
  const alone = fuseReads([read('皖A12345', -0.5)], BLUE);
  const { text, probability, alternatives } = fuseReads([read('皖A12345', -0.5), read('皖AD12345', -0.7)], BLUE);
  expect({ text, alternatives }).toEqual({ text: '皖A12345', alternatives: [] });
  expect(probability).toBeLessThan(alone.probability);
});

test('alternatives are the most probable three of each place, from 1 % on', () => {
  const here = [
    choice('S', 0.5),
    choice('5', 0.3),
    choice('8', 0.1),
    choice('B', 0.05),
    choice('3', 0.02),
    choice('9', 0.001),
  ];
  const { alternatives } = fuseReads([read('皖A1234S', -1, { 6: here })], BLUE);
  expect(alternatives.map((r) => [r.position, r.character])).toEqual([
    [6, '5'],
    [6, '8'],
    [6, 'B'],
  ]);
  const two = fuseReads([read('皖A1234S', -1, { 6: [choice('S', 0.99), choice('9', 0.009)] })], BLUE);
  expect(two.alternatives).toEqual([]);
});

test('a reader in two minds about one character asks, however well the rest of the plate is read', () => {
  const votes = Array.from({ length: 5 }, () => read('皖A6P237', -0.01));
  const torn = (other: number) =>
    fuseReads(
      votes.map((r) => ({
        ...r,
        choices: r.choices.map((c, k) => (k === 2 ? [choice('6', 1 - other), choice('G', other)] : c)),
      })),
      BLUE,
    );
  expect([torn(0.01), torn(0.25), torn(0.45)].map((v) => v.band)).toEqual(['accept', 'check', 'check']);
});

test('a colour that the kind never has lowers the probability; an unknown one does not', () => {
  const at = (colour: 'blue' | 'green' | 'unknown') => fuseReads([read('皖A12345', -0.5)], colour).probability;
  expect(at('green')).toBeLessThan(at('blue'));
  expect(at('unknown')).toBe(at('blue'));
});

test('one window is enough when its evidence, each of its characters and its form are sure', () => {
  const good = read('皖A12345', -0.1);
  expect(isSure([good])).toBe(true);
  expect(isSure([{ ...good, evidence: -2.5 }])).toBe(false);
  expect(isSure([{ ...good, rival: -1 }])).toBe(false);
  expect(isSure([read('皖A12345', -0.1, { 2: [choice('1', 0.9), choice('T', 0.1)] })])).toBe(false);
  expect([isHopeless(read('皖A12345', -30)), isHopeless(good)]).toEqual([true, false]);
});

test('reads that are all but impossible still give a verdict, of the band reject', () => {
  const kinds: readonly PlateKind[] = ['standard', 'armed-police'];
  const reads = [read('皖A12345', -700), { ...read('WJ京12345', -900), kind: kinds[1]! }];
  expect(fuseReads(reads, 'unknown')).toMatchObject({ text: '皖A12345', band: 'reject' });
});
