/**
 * Grammar-constrained CTC decoding: of all texts that a plate may carry, the one whose best alignment the model finds most
 * probable. A plain reading of the model's output drops or invents characters at the dot and at bolts; this cannot.
 * CTC: Graves et al., "Connectionist Temporal Classification", ICML 2006. Best alignment: Viterbi, IEEE Trans. Inf. Theory 1967.
 */
import type { Band, CharChoice, PlateKind } from '../../gateway/types.ts';
import {
  CONFUSED,
  CONFUSED_WEIGHT,
  FORMS,
  type Form,
  isNarrow,
  keysOf,
  kindOf,
  SEPARATORS,
  SYMBOLS,
} from './grammar.ts';

export interface Decoded {
  readonly text: string;
  readonly kind: PlateKind;
  /** Mean natural-log probability per time step along the best alignment. */
  readonly score: number;
  readonly runnersUp: readonly CharChoice[];
}

/**
 * Takes `steps` × `classes` probabilities (softmax, row by row; class 0 is the blank) and gives the best plate.
 * One decoder serves one thread: it keeps its scratch arrays.
 */
export type Decoder = (probabilities: Float32Array, steps: number, classes: number) => Decoded;

/** Scores at or above are the band's. Measured on real plates: -0.05 keeps 99 % of the reads, 99 % of them right. */
const ACCEPT = -0.05;
const ASK = -0.2;

export function bandOf(score: number): Band {
  return score >= ACCEPT ? 'accept' : score >= ASK ? 'ask' : 'ignore';
}

/** Keeps the logarithm of an impossible step finite, so that one damaged step does not rule out a plate. */
const FLOOR = 1e-6;
/** A runner-up below this is noise. */
const RUNNER_UP_LEAST = 0.01;
const RUNNERS_UP_MOST = 3;

const COUNT = SYMBOLS.length;
/** Back-pointers of a symbol cell: it went on, or it came after a blank; 0 and up: after that symbol of the position before. */
const STAYED = -1;
const AFTER_BLANK = -2;

/** Log probabilities and probabilities of the symbols the grammar knows, `steps` × COUNT, and of the blank. */
interface Scores {
  readonly steps: number;
  readonly probability: Float64Array;
  readonly strict: Float64Array;
  readonly lenient: Float64Array;
  readonly blank: Float64Array;
}

interface Cells {
  readonly symbols: readonly Int16Array[];
  readonly narrow: readonly boolean[];
  readonly form: Form;
}

interface Path {
  readonly score: number;
  readonly text: string;
  /** First and last time step of each character. */
  readonly spans: readonly (readonly [number, number])[];
}

/** `dictionary`: the model's keys from class 1 on, without the trailing space class (it counts as a separator). */
export function openDecoder(dictionary: readonly string[]): Decoder {
  const classOf = new Map(dictionary.map((key, i) => [key, i + 1] as const));
  classOf.set(' ', dictionary.length + 1);
  const classes = (keys: readonly string[]) => keys.map((k) => classOf.get(k)).filter((c) => c !== undefined);
  const columns = SYMBOLS.map((s) => classes(keysOf(s)));
  const blanks = [0, ...classes(SEPARATORS)];
  const forms = FORMS.map(cellsOf);
  return (probabilities, steps, width) => {
    if (width !== dictionary.length + 2) {
      throw new Error(`the reader gives ${width} classes, its dictionary has ${dictionary.length} + 2`);
    }
    const scores = scoresOf(probabilities, steps, width, columns, blanks);
    let best: { path: Path; form: Form } | undefined;
    for (const cells of forms) {
      const path = align(cells, scores);
      if (best === undefined || path.score > best.path.score) best = { path, form: cells.form };
    }
    const { path, form } = best!;
    return {
      text: path.text,
      kind: kindOf(form, path.text),
      score: path.score / steps,
      runnersUp: runnersUp(path, scores),
    };
  };
}

function cellsOf(form: Form): Cells {
  const symbols = form.positions.map((allowed) => Int16Array.from([...allowed], (c) => SYMBOLS.indexOf(c)));
  return { symbols, narrow: form.positions.map(isNarrow), form };
}

/** Look-alikes of each symbol, as column numbers. */
const LOOK_ALIKES = SYMBOLS.map((s) => [...(CONFUSED[s] ?? '')].map((c) => SYMBOLS.indexOf(c)));

function scoresOf(
  data: Float32Array,
  steps: number,
  width: number,
  columns: readonly (readonly number[])[],
  blanks: readonly number[],
): Scores {
  const probability = new Float64Array(steps * COUNT);
  const strict = new Float64Array(steps * COUNT);
  const lenient = new Float64Array(steps * COUNT);
  const blank = new Float64Array(steps);
  for (let t = 0; t < steps; t++) {
    const row = t * width;
    const base = t * COUNT;
    let none = FLOOR;
    for (const c of blanks) none += data[row + c]!;
    blank[t] = Math.log(none);
    for (let s = 0; s < COUNT; s++) {
      let p = 0;
      for (const c of columns[s]!) p += data[row + c]!;
      probability[base + s] = p;
      strict[base + s] = Math.log(p + FLOOR);
    }
    for (let s = 0; s < COUNT; s++) {
      let p = probability[base + s]! + FLOOR;
      for (const other of LOOK_ALIKES[s]!) p += CONFUSED_WEIGHT * probability[base + other]!;
      lenient[base + s] = Math.log(p);
    }
  }
  return { steps, probability, strict, lenient, blank };
}

/**
 * Viterbi over the form's states. After k characters the alignment stands either on the k-th character (one state per allowed
 * symbol, since a repeat needs a blank in between) or on a blank behind it (one state: what follows a blank is free).
 */
function align(cells: Cells, scores: Scores): Path {
  const { symbols } = cells;
  const n = symbols.length;
  const on = symbols.map((s) => new Float64Array(s.length).fill(-Infinity));
  const behind = new Float64Array(n + 1).fill(-Infinity);
  behind[0] = 0;
  const fromOn = symbols.map((s) => new Int8Array(s.length * scores.steps));
  const fromBehind = symbols.map(() => new Int8Array(scores.steps));
  for (let t = 0; t < scores.steps; t++) {
    // From the last position to the first, so that each still sees the earlier ones as they were one step ago.
    for (let k = n - 1; k >= 0; k--) {
      const best = argmax(on[k]!);
      const leaves = on[k]![best]! > behind[k + 1]!;
      fromBehind[k]![t] = leaves ? best : STAYED;
      behind[k + 1] = (leaves ? on[k]![best]! : behind[k + 1]!) + scores.blank[t]!;
      step(cells, scores, on, behind, k, t, fromOn[k]!);
    }
    behind[0] += scores.blank[t]!;
  }
  return trace(cells, scores.steps, on[n - 1]!, behind[n]!, fromOn, fromBehind);
}

/** One time step of the symbol states of position `k`. */
function step(
  cells: Cells,
  scores: Scores,
  on: readonly Float64Array[],
  behind: Float64Array,
  k: number,
  t: number,
  from: Int8Array,
): void {
  const symbols = cells.symbols[k]!;
  const here = on[k]!;
  const before = k > 0 ? on[k - 1]! : undefined;
  const first = before ? argmax(before) : -1;
  const second = before ? argmax(before, first) : -1;
  const emit = cells.narrow[k] ? scores.lenient : scores.strict;
  for (let j = 0; j < symbols.length; j++) {
    let value = here[j]!;
    let origin = STAYED;
    if (behind[k]! > value) {
      value = behind[k]!;
      origin = AFTER_BLANK;
    }
    if (before) {
      // The same symbol twice without a blank would be one character.
      const i = cells.symbols[k - 1]![first] === symbols[j] ? second : first;
      if (i >= 0 && before[i]! > value) {
        value = before[i]!;
        origin = i;
      }
    }
    here[j] = value + emit[t * COUNT + symbols[j]!]!;
    from[t * symbols.length + j] = origin;
  }
}

/** Index of the largest value, leaving out `except`; -1 when nothing is left. */
function argmax(values: Float64Array, except = -1): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (i !== except && (best < 0 || values[i]! > values[best]!)) best = i;
  }
  return best;
}

function trace(
  cells: Cells,
  steps: number,
  last: Float64Array,
  behindLast: number,
  fromOn: readonly Int8Array[],
  fromBehind: readonly Int8Array[],
): Path {
  const { symbols } = cells;
  const spans: [number, number][] = symbols.map(() => [0, 0]);
  const chosen = new Int16Array(symbols.length);
  let k = symbols.length - 1;
  let j = argmax(last);
  const score = Math.max(last[j]!, behindLast);
  // j = -1 stands for the blank behind character k.
  if (behindLast >= last[j]!) j = -1;
  else spans[k]![1] = steps - 1;
  for (let t = steps - 1; t >= 0 && k >= 0; t--) {
    if (j < 0) {
      j = fromBehind[k]![t]!;
      if (j >= 0) spans[k]![1] = t - 1;
      continue;
    }
    const origin = fromOn[k]![t * symbols[k]!.length + j]!;
    if (origin === STAYED) continue;
    spans[k]![0] = t;
    chosen[k] = symbols[k]![j]!;
    k--;
    j = origin === AFTER_BLANK ? -1 : origin;
    if (k >= 0 && j >= 0) spans[k]![1] = t - 1;
  }
  return { score, text: Array.from(chosen, (s) => SYMBOLS[s]!).join(''), spans };
}

/** What else the model saw in the time steps of each character: the highest probability it gave there. */
function runnersUp(path: Path, scores: Scores): CharChoice[] {
  return [...path.text].flatMap((taken, position) => {
    const [from, to] = path.spans[position]!;
    const others = SYMBOLS.map((character, s) => {
      let probability = 0;
      for (let t = from; t <= to; t++) probability = Math.max(probability, scores.probability[t * COUNT + s]!);
      return { position, character, probability };
    });
    return others
      .filter((o) => o.character !== taken && o.probability >= RUNNER_UP_LEAST)
      .sort((a, b) => b.probability - a.probability)
      .slice(0, RUNNERS_UP_MOST);
  });
}
