import { expect, test } from 'vitest';
import type { PlateColour } from '../../gateway/contracts/plate.ts';
import { openPlateDecoder } from './decode.ts';
import { kindsOf } from '../../gateway/contracts/plate-text.ts';
import { FORMS, SEPARATORS, SYMBOLS } from './grammar.ts';
import { type Emissions, type Lattice, openLattice } from './lattice.ts';

// A small dictionary with everything the grammar knows, some of its aliases, and characters it does not know.
const KEYS = [...SYMBOLS, ...SEPARATORS, 'O', 'I', 'o', 'l', 'a', '學', '我', '$'];
const WIDTH = KEYS.length + 2;
const decode = openPlateDecoder(KEYS);

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

function read(steps: readonly Step[], colour: PlateColour = 'unknown') {
  return decode(matrix(steps), steps.length, WIDTH, colour);
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
  ['WJ京12345', 'armed-police'],
  ['WJ新0482B', 'armed-police'],
])('%s is read as %s', (text, kind) => {
  const result = read(sure(text));
  expect(result).toMatchObject({ text, kind });
  expect(result.evidence).toBeCloseTo([...text].length * Math.log(0.98), 3);
  expect(result.rival).toBeLessThan(-2);
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
  expect(read(steps).evidence).toBeLessThan(-10);
});

test('what cannot stand on a plate is read as what it looks like', () => {
  const steps = [...'皖AO1I2l'].flatMap((c): Step[] => [{ [c]: 0.95 }, {}]);
  expect(read(steps).text).toBe('皖A01121');
  expect(read(sure('鲁B7035學')).text).toBe('鲁B7035学');
  // A position that allows digits only: the D of a new-energy number was a 0.
  const energy = [...'沪AF71D17'].flatMap((c): Step[] => [{ [c]: 0.98 }, {}]);
  expect(read(energy).text).toBe('沪AF71017');
});

test('a character’s choices are what the model saw in its time steps, shared out among what may stand there', () => {
  const steps = sure('皖A12345');
  const wavering = steps.map((s, t): Step => {
    if (t === 0) return { 皖: 0.6, 鄂: 0.2, 川: 0.05, 京: 0.0001 };
    return t === 12 ? { '5': 0.6, S: 0.3, 我: 0.1 } : s;
  });
  const { text, choices } = read(wavering);
  expect(text).toBe('皖A12345');
  const shares = (position: number) => choices[position]!.map((c) => [c.character, Math.round(c.probability * 1000)]);
  expect(shares(0)).toEqual([
    ['皖', 706],
    ['鄂', 235],
    ['川', 59],
  ]);
  expect(shares(6)).toEqual([
    ['5', 667],
    ['S', 333],
  ]);
  expect(shares(1)).toEqual([['A', 1000]]);
});

test('the evidence is the log probability of the alignment, and falls with every missing or foreign character', () => {
  const steps = sure('皖A12345');
  expect(read(steps).evidence).toBeCloseTo(7 * Math.log(0.98), 3);
  const missing = steps.map((s, t): Step => (t === 4 ? {} : s));
  for (const bad of [missing, sure('我$我$我$我'), Array.from({ length: 40 }, () => ({}))]) {
    expect(read(bad).evidence).toBeLessThan(-10);
  }
});

test('what fits least is told: a character that was not seen, or one that was seen and left out', () => {
  const steps = sure('皖A12345');
  expect(read(steps).worst).toBeCloseTo(Math.log(0.98), 3);
  // The form adds the mark to six digits; an eighth character has no place on a standard plate.
  expect(read(sure('224578')).worst).toBeLessThan(-13);
  const eighth = steps.map((s, t): Step => (t === 14 ? { 我: 0.97 } : s));
  expect(read(eighth)).toMatchObject({ text: '皖A12345', worst: expect.closeTo(Math.log(0.03), 2) as number });
});

test('a rare form needs evidence: where the model cannot choose, the plate is the usual one', () => {
  const last = (mark: number): Step[] => [
    ...sure('皖A1234').slice(0, 12),
    { '5': 0.45, 学: mark },
    ...sure('').slice(0, 27),
  ];
  expect(read(last(0.5))).toMatchObject({ text: '皖A12345', kind: 'standard' });
  expect(read(last(0.5)).rival).toBeCloseTo(Math.log(0.5 / 0.45) - 2, 3);
  expect(read([...last(0).slice(0, 12), { '5': 0.05, 学: 0.9 }, ...last(0).slice(13)]).text).toBe('皖A1234学');
});

test('a text one character off the grammar is never given: every read is one of the forms', () => {
  for (const near of ['AA12345', '皖112345', '皖I12345', '粤Z59F7警', '皖Z59F7港', '2A4578使']) {
    const { text, kind } = read(sure(near));
    const fits = FORMS.filter(
      (f) => [...text].length === f.positions.length && f.positions.every((p, i) => p.includes([...text][i]!)),
    );
    expect(fits.flatMap(kindsOf)).toContain(kind);
  }
});

test('a matrix of another width than the dictionary’s is refused', () => {
  expect(() => decode(new Float32Array(40), 4, 10, 'unknown')).toThrow(/10 classes/);
});

test('the colour speaks against forms that never have it: what looks like 领 on black is no N, on blue it may be', () => {
  const steps: Step[] = [...sure('鲁N424R').slice(0, 12), { N: 0.6, 领: 0.2 }, ...sure('').slice(0, 27)];
  expect(read(steps, 'blue')).toMatchObject({ text: '鲁N424RN', kind: 'standard' });
  expect(read(steps, 'unknown')).toMatchObject({ text: '鲁N424RN', kind: 'standard' });
  expect(read(steps, 'black')).toMatchObject({ text: '鲁N424R领', kind: 'consulate' });
});

/** Every text of the form and every alignment of it, tried one by one. */
function exhaustive(lattice: Lattice, scores: Emissions, steps: number, width: number): number {
  let best = -Infinity;
  // `at`: characters begun; `on`: the symbol that the last step gave, or none after a blank.
  const walk = (t: number, at: number, on: number | undefined, sum: number): void => {
    if (t === steps) {
      if (at === lattice.allowed.length) best = Math.max(best, sum);
      return;
    }
    walk(t + 1, at, undefined, sum + scores.blank[t]!);
    const emit = (k: number, s: number) => (lattice.narrow[k] ? scores.lenient : scores.strict)[t * width + s]!;
    if (on !== undefined) walk(t + 1, at, on, sum + emit(at - 1, on));
    for (const s of lattice.allowed[at] ?? []) if (s !== on) walk(t + 1, at + 1, s, sum + emit(at, s));
  };
  walk(0, 0, undefined, 0);
  return best;
}

test('the search finds the best of all alignments, as trying every one does', () => {
  let seed = 7;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const [width, steps] = [4, 6];
  const lattice = openLattice(
    [
      [0, 1, 2],
      [1, 2],
      [1, 2, 3],
    ],
    [false, true, false],
    width,
  );
  for (let round = 0; round < 200; round++) {
    const logs = (n: number) => Float64Array.from({ length: n }, () => Math.log(random()));
    const scores = { strict: logs(steps * width), lenient: logs(steps * width), blank: logs(steps) };
    const found = lattice.run(scores, steps);
    expect(found).toBeCloseTo(exhaustive(lattice, scores, steps, width), 9);
    // The alignment it traces has that very score.
    const { symbols, spans } = lattice.trace();
    let sum = 0;
    for (let t = 0; t < steps; t++) {
      const k = spans.findIndex(([from, to]) => t >= from && t <= to);
      const emit = lattice.narrow[k] ? scores.lenient : scores.strict;
      sum += k < 0 ? scores.blank[t]! : emit[t * width + symbols[k]!]!;
    }
    expect(sum).toBeCloseTo(found, 9);
  }
});
