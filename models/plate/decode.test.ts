import { expect, test } from 'vitest';
import { bandOf, openDecoder } from './decode.ts';
import { FORMS, kindOf, SEPARATORS, SYMBOLS } from './grammar.ts';

// A small dictionary with everything the grammar knows, some of its aliases, and characters it does not know.
const KEYS = [...SYMBOLS, ...SEPARATORS, 'O', 'I', 'o', 'l', 'a', '學', '我', '$'];
const WIDTH = KEYS.length + 2;
const decode = openDecoder(KEYS);

/** One time step: probabilities of characters; the blank has the rest. `_` stands for nothing but the blank. */
type Step = Readonly<Record<string, number>>;

function matrix(steps: readonly Step[]): Float32Array {
  const data = new Float32Array(steps.length * WIDTH);
  steps.forEach((step, t) => {
    let rest = 1;
    for (const [character, p] of Object.entries(step)) {
      data[t * WIDTH + KEYS.indexOf(character) + 1] = p;
      rest -= p;
    }
    data[t * WIDTH] = rest;
  });
  return data;
}

/** Each character sure in one step, a blank behind it, and blanks up to the 40 steps of the real reader. */
function sure(text: string): Step[] {
  const steps = [...text].flatMap((c): Step[] => [{ [c]: 0.98 }, {}]);
  return [...steps, ...Array.from({ length: 40 - steps.length }, () => ({}))];
}

function read(steps: readonly Step[]) {
  return decode(matrix(steps), steps.length, WIDTH);
}

/** What a reader without a grammar makes of the same probabilities: the best class of each step, repeats and blanks dropped. */
function greedy(steps: readonly Step[]): string {
  const data = matrix(steps);
  let text = '';
  let last = 0;
  steps.forEach((_, t) => {
    const row = data.subarray(t * WIDTH, (t + 1) * WIDTH);
    const best = row.indexOf(Math.max(...row));
    if (best !== last && best > 0) text += KEYS[best - 1];
    last = best;
  });
  return text;
}

test.each([
  ['皖A12345', 'standard'],
  ['京N0P9Z8', 'standard'],
  ['鄂F8888警', 'police'],
  ['鲁B7035学', 'coach'],
  ['冀C8206挂', 'trailer'],
  ['粤Z59F7港', 'hong-kong'],
  ['粤ZM83C澳', 'macao'],
  ['沪A0231领', 'consulate'],
  ['沪22417领', 'consulate'],
  ['京A8304使', 'embassy'],
  ['224578使', 'embassy'],
  ['使014532', 'embassy'],
  ['沪AF71017', 'new-energy-small'],
  ['浙ADQ9712', 'new-energy-small'],
  ['川A30725F', 'new-energy-large'],
])('%s is read as %s', (text, kind) => {
  const result = read(sure(text));
  expect(result).toMatchObject({ text, kind });
  expect(bandOf(result.score)).toBe('accept');
});

test('the dot and other separators count as nothing; a reader without grammar keeps them', () => {
  for (const separator of ['·', '.', '-', '•']) {
    const steps = sure(`苏E${separator}D51712`);
    expect(read(steps)).toMatchObject({ text: '苏ED51712', kind: 'new-energy-small' });
    expect(greedy(steps)).toBe(`苏E${separator}D51712`);
  }
});

test('repeated characters need a blank between them, and one character over several steps is one', () => {
  expect(read(sure('陕K75555')).text).toBe('陕K75555');
  const held = [...sure('皖A1234').slice(0, 14), { '5': 0.9 }, { '5': 0.9 }, { '5': 0.9 }, {}, {}];
  expect(read(held).text).toBe('皖A12345');
  // Without the blank, two fives are one: the sixth character has to be found elsewhere, at a price.
  const steps: Step[] = [...sure('皖A123').slice(0, 10), { '5': 0.9 }, { '5': 0.9 }, {}, {}];
  expect(bandOf(read(steps).score)).toBe('ignore');
});

test('what cannot stand on a plate is read as what it looks like', () => {
  const steps = [...'皖AO1I2l'].flatMap((c): Step[] => [{ [c]: 0.95 }, {}]);
  expect(read(steps).text).toBe('皖A01121');
  expect(read(sure('鲁B7035學')).text).toBe('鲁B7035学');
  // A position that allows digits only: the D of a new-energy number was a 0.
  const energy = [...'沪AF71D17'].flatMap((c): Step[] => [{ [c]: 0.98 }, {}]);
  const { text, runnersUp } = read(energy);
  expect(text).toBe('沪AF71017');
  expect(runnersUp).toContainEqual({ position: 5, character: 'D', probability: expect.closeTo(0.98, 5) as number });
});

test('runners-up carry the probability the model gave them at that position, and only there', () => {
  const steps = sure('皖A12345');
  const wavering = steps.map((s, t): Step =>
    t === 0 ? { 皖: 0.7, 鄂: 0.2, 川: 0.05, 京: 0.005 } : t === 12 ? { '5': 0.6, S: 0.35 } : s,
  );
  expect(read(wavering).text).toBe('皖A12345');
  expect(read(wavering).runnersUp).toEqual([
    { position: 0, character: '鄂', probability: expect.closeTo(0.2, 5) as number },
    { position: 0, character: '川', probability: expect.closeTo(0.05, 5) as number },
    { position: 6, character: 'S', probability: expect.closeTo(0.35, 5) as number },
  ]);
  expect(read(steps).runnersUp).toEqual([]);
});

test('the score is the mean log probability per step, and falls with every missing or foreign character', () => {
  const steps = sure('皖A12345');
  const expected = (7 * Math.log(0.98)) / 40;
  expect(read(steps).score).toBeCloseTo(expected, 4);
  const missing = steps.map((s, t): Step => (t === 4 ? {} : s));
  expect(bandOf(read(missing).score)).toBe('ignore');
  expect(bandOf(read(sure('我$我$我$我')).score)).toBe('ignore');
  expect(bandOf(read(Array.from({ length: 40 }, () => ({}))).score)).toBe('ignore');
  expect([bandOf(-0.05), bandOf(-0.051), bandOf(-0.2), bandOf(-0.201)]).toEqual(['accept', 'ask', 'ask', 'ignore']);
});

test('a text one character off the grammar is never given: every read is one of the forms', () => {
  for (const near of ['AA12345', '皖112345', '皖I12345', '粤Z59F7警', '皖Z59F7港', '2A4578使']) {
    const { text, kind } = read(sure(near));
    const fits = FORMS.filter(
      (f) => [...text].length === f.positions.length && f.positions.every((p, i) => p.includes([...text][i]!)),
    );
    expect(fits.map((f) => kindOf(f, text))).toContain(kind);
  }
});

test('a matrix of another width than the dictionary’s is refused', () => {
  expect(() => decode(new Float32Array(40), 4, 10)).toThrow(/10 classes/);
});
