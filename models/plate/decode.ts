/**
 * Grammar-constrained CTC decoding: of all texts that a plate may carry, the one whose best alignment the model finds most
 * probable. A plain reading of the model's output drops or invents characters at the dot and at bolts; this cannot.
 * CTC: Graves et al., "Connectionist Temporal Classification", ICML 2006. Best alignment: Viterbi, IEEE Trans. Inf. Theory 1967.
 */
import type { PlateColour, PlateKind } from '../../gateway/contracts/plate.ts';
import { kindsOf, plateKindOf } from '../../gateway/contracts/plate-text.ts';
import { colourPrior } from './colour.ts';
import { FORMS, isNarrow, keysOf, LOOK_ALIKE_WEIGHT, LOOK_ALIKES, SEPARATORS, SYMBOLS } from './grammar.ts';
import { type Alignment, type Lattice, openLattice } from './lattice.ts';

/** A character that the form allows at a position, with its share of the probability of all that the form allows there. */
export interface CharacterChoice {
  readonly character: string;
  readonly probability: number;
}

export interface DecodedPlate {
  readonly text: string;
  readonly kind: PlateKind;
  /** Natural-log probability of the best alignment, over all time steps; 0 at best. */
  readonly evidence: number;
  /**
   * Natural-log probability of what fits least: a character that the model hardly saw, or a time step in which it saw one that the
   * text leaves out. About -14 where text and model have nothing in common there.
   */
  readonly worst: number;
  /** By how much the best text of any other form falls short of this one, the forms' priors counted in: 0 is level, less is worse. */
  readonly rival: number;
  /** For each character of `text`: what its form allows there, the most probable first; below 0.1 % only the character itself. */
  readonly choices: readonly (readonly CharacterChoice[])[];
}

export type PlateDecoder = ReturnType<typeof openPlateDecoder>;

/** Keeps the logarithm of an impossible step finite, so that one damaged step does not rule out a plate. */
const FLOOR = 1e-6;
/** A choice below this is noise. */
const MIN_CHOICE = 0.001;

const COUNT = SYMBOLS.length;

/** The model's output by symbol of the grammar: rows of COUNT columns. */
interface Scores {
  probability: Float64Array;
  /** Natural logarithms, the second with look-alikes counted in. */
  strict: Float64Array;
  lenient: Float64Array;
  /** Of the blank and the separators. */
  blank: Float64Array;
}

/**
 * `dictionary`: the model's keys from class 1 on, without the trailing space class (it counts as a separator). The decoder takes `steps` ×
 * `width` probabilities (softmax, row by row; class 0 is the blank) and gives the best plate. The colour of the ground counts against forms
 * that never have it. One decoder serves one thread: it keeps its scratch arrays.
 */
export function openPlateDecoder(dictionary: readonly string[]) {
  const columns = columnsOf(dictionary);
  const lattices = FORMS.map((form) => openLattice(form.positions.map(symbolsOf), form.positions.map(isNarrow), COUNT));
  const scores = { ...emptyScores(0) };
  return (probabilities: Float32Array, steps: number, width: number, colour: PlateColour): DecodedPlate => {
    if (width !== dictionary.length + 2) {
      throw new Error(`the reader gives ${width} classes, its dictionary has ${dictionary.length} + 2`);
    }
    if (scores.blank.length < steps) Object.assign(scores, emptyScores(steps));
    fillScores(scores, probabilities, steps, width, columns);
    const evidence = lattices.map((lattice) => lattice.run(scores, steps));
    const totals = FORMS.map((form, f) => evidence[f]! + form.prior + colourPrior(kindsOf(form), colour));
    const best = totals.indexOf(Math.max(...totals));
    const alignment = lattices[best]!.trace();
    const text = textOf(alignment);
    return {
      text,
      kind: plateKindOf(text)!,
      evidence: evidence[best]!,
      worst: worstOf(lattices[best]!, alignment, scores, steps),
      rival: Math.max(...totals.filter((_, f) => f !== best)) - totals[best]!,
      choices: choicesOf(lattices[best]!, alignment, scores),
    };
  };
}

function symbolsOf(allowed: string): readonly number[] {
  return [...allowed].map((c) => SYMBOLS.indexOf(c));
}

/** The model's classes of each symbol: those of symbol s lie from `from[s]` to `from[s + 1]`. */
function columnsOf(dictionary: readonly string[]) {
  const classOf = new Map(dictionary.map((key, i) => [key, i + 1] as const));
  classOf.set(' ', dictionary.length + 1);
  const classes = (keys: readonly string[]) => keys.map((k) => classOf.get(k)).filter((c) => c !== undefined);
  const bySymbol = SYMBOLS.map((s) => classes(keysOf(s)));
  const from = [0];
  for (const of of bySymbol) from.push(from.at(-1)! + of.length);
  return {
    classes: Int32Array.from(bySymbol.flat()),
    from: Int32Array.from(from),
    blanks: Int32Array.from([0, ...classes(SEPARATORS)]),
  };
}

function emptyScores(steps: number): Scores {
  return {
    probability: new Float64Array(steps * COUNT),
    strict: new Float64Array(steps * COUNT),
    lenient: new Float64Array(steps * COUNT),
    blank: new Float64Array(steps),
  };
}

/** Symbols with look-alikes, and those, as column numbers. */
const SYMBOL_LOOK_ALIKES = SYMBOLS.flatMap((s, i) => {
  const others = LOOK_ALIKES[s];
  return others === undefined ? [] : [{ symbol: i, others: symbolsOf(others) }];
});

/** Sums up the few of the model's thousands of classes that plates use, and takes each logarithm once. */
function fillScores(
  to: Scores,
  data: Float32Array,
  steps: number,
  width: number,
  columns: ReturnType<typeof columnsOf>,
): void {
  const { classes, from, blanks } = columns;
  const { probability, strict, lenient } = to;
  for (let t = 0; t < steps; t++) {
    const row = t * width;
    const base = t * COUNT;
    let none = 0;
    for (const c of blanks) none += data[row + c]!;
    for (let s = 0; s < COUNT; s++) {
      let p = 0;
      for (let i = from[s]!; i < from[s + 1]!; i++) p += data[row + classes[i]!]!;
      probability[base + s] = p;
      strict[base + s] = lenient[base + s] = Math.log(p + FLOOR);
    }
    for (const { symbol, others } of SYMBOL_LOOK_ALIKES) {
      let p = probability[base + symbol]! + FLOOR;
      for (const other of others) p += LOOK_ALIKE_WEIGHT * probability[base + other]!;
      lenient[base + symbol] = Math.log(p);
    }
    to.blank[t] = Math.log(none + FLOOR);
  }
}

function textOf({ symbols }: Alignment): string {
  return Array.from(symbols, (s) => SYMBOLS[s]!).join('');
}

/**
 * Of each symbol that the form allows at a place, the highest probability that the model gave it in the time steps of the character
 * there, scaled so that they add up to 1. What no plate bears lowers the evidence, not the choice.
 */
function choicesOf(lattice: Lattice, { symbols, spans }: Alignment, scores: Scores): CharacterChoice[][] {
  return Array.from(symbols, (taken, k) => {
    const [from, to] = spans[k]!;
    const emit = lattice.narrow[k] ? scores.lenient : scores.strict;
    const all = Array.from(lattice.allowed[k]!, (s) => ({ symbol: s, p: Math.exp(highest(emit, COUNT, s, from, to)) }));
    const total = all.reduce((sum, { p }) => sum + p, 0);
    return all
      .map(({ symbol, p }) => ({ character: SYMBOLS[symbol]!, probability: p / total, taken: symbol === taken }))
      .filter((c) => c.taken || c.probability >= MIN_CHOICE)
      .sort((a, b) => b.probability - a.probability)
      .map(({ character, probability }) => ({ character, probability }));
  });
}

function worstOf(lattice: Lattice, { symbols, spans }: Alignment, scores: Scores, steps: number): number {
  let worst = 0;
  let t = 0;
  for (const [k, [from, to]] of spans.entries()) {
    for (; t < from; t++) worst = Math.min(worst, scores.blank[t]!);
    const emit = lattice.narrow[k] ? scores.lenient : scores.strict;
    worst = Math.min(worst, highest(emit, COUNT, symbols[k]!, from, to));
    t = to + 1;
  }
  for (; t < steps; t++) worst = Math.min(worst, scores.blank[t]!);
  return worst;
}

function highest(values: Float64Array, width: number, column: number, from: number, to: number): number {
  let most = -Infinity;
  for (let t = from; t <= to; t++) most = Math.max(most, values[t * width + column]!);
  return most;
}
