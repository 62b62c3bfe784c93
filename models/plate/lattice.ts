/**
 * The Viterbi search of decode.ts for one form of plate. All arrays are flat and made once: a frame with several plates runs this for every
 * form and window, and it must cost little beside the network.
 */

/** Logarithms of probabilities: rows of one column per symbol, and one value per time step for the blank. */
export interface Emissions {
  readonly strict: Float64Array;
  /** For positions that allow few symbols: look-alikes speak for them. */
  readonly lenient: Float64Array;
  readonly blank: Float64Array;
}

export interface Alignment {
  /** One for each position. */
  readonly symbols: Int16Array;
  /** First and last time step of each. */
  readonly spans: readonly (readonly [number, number])[];
}

export type Lattice = ReturnType<typeof openLattice>;

/** Back-pointers of a symbol cell: it went on, or it came after a blank; 0 and up: after that symbol of the position before. */
const STAYED = -1;
const AFTER_BLANK = -2;

/** One position of the text: the cells of its symbols, and the blank behind it. */
interface LatticePosition {
  readonly symbols: Int16Array;
  readonly narrow: boolean;
  /** Log probability of the best alignment that ends on each symbol now. */
  readonly on: Float64Array;
  /** Index of the best cell and of the second best, as they were one step ago. */
  best: number;
  second: number;
  /** Of the best alignment that ends on a blank behind this position. */
  behind: number;
  /** By time step, then by cell. */
  fromOn: Int8Array;
  fromBehind: Int8Array;
}

/** `width`: columns of a row of emissions. */
export function openLattice(allowed: readonly (readonly number[])[], narrow: readonly boolean[], width: number) {
  const places = allowed.map((symbols, k) => newPosition(Int16Array.from(symbols), narrow[k]!));
  let ran = 0;
  return {
    /** Symbols allowed at each position. */
    allowed: places.map((p) => p.symbols),
    narrow,
    /** Log probability of the best alignment of any text of the form; -Infinity when `steps` are too few. */
    run(scores: Emissions, steps: number): number {
      ran = steps;
      for (const place of places) reset(place, steps);
      let before = 0;
      for (let t = 0; t < steps; t++) {
        const blank = scores.blank[t]!;
        // From the last position to the first, so that each still sees the earlier ones as they were one step ago.
        for (let k = places.length - 1; k >= 0; k--) {
          const behind = k > 0 ? places[k - 1]!.behind : before;
          stepBlank(places[k]!, blank, t);
          stepSymbols(places[k]!, places[k - 1], behind, places[k]!.narrow ? scores.lenient : scores.strict, t, width);
        }
        before += blank;
      }
      const last = places.at(-1)!;
      return Math.max(last.behind, last.on[last.best]!);
    },
    /** The alignment that the last run found. */
    trace: (): Alignment => trace(places, ran),
  };
}

function newPosition(symbols: Int16Array, narrow: boolean): LatticePosition {
  const on = new Float64Array(symbols.length);
  const none = new Int8Array(0);
  return { symbols, narrow, on, best: 0, second: -1, behind: -Infinity, fromOn: none, fromBehind: none };
}

function reset(place: LatticePosition, steps: number): void {
  place.on.fill(-Infinity);
  place.best = 0;
  place.second = -1;
  place.behind = -Infinity;
  if (place.fromBehind.length >= steps) return;
  place.fromOn = new Int8Array(place.symbols.length * steps);
  place.fromBehind = new Int8Array(steps);
}

/** The blank behind a character goes on, or the best alignment on the character ends there. */
function stepBlank(place: LatticePosition, blank: number, t: number): void {
  const leaving = place.on[place.best]!;
  const leaves = leaving > place.behind;
  place.fromBehind[t] = leaves ? place.best : STAYED;
  place.behind = (leaves ? leaving : place.behind) + blank;
}

/** One time step of the symbols of a place. `behind`: the best alignment on the blank before it, one step ago. */
function stepSymbols(
  place: LatticePosition,
  before: LatticePosition | undefined,
  behind: number,
  emit: Float64Array,
  t: number,
  width: number,
): void {
  const { symbols, on, fromOn } = place;
  const count = symbols.length;
  const row = t * width;
  const from = t * count;
  // The same symbol twice without a blank would be one character, so the repeat of the best has to come from the second best.
  const repeat = before ? before.symbols[before.best]! : -1;
  const first = before ? before.on[before.best]! : -Infinity;
  const other = before && before.second >= 0 ? before.on[before.second]! : -Infinity;
  let best = 0;
  let second = -1;
  for (let j = 0; j < count; j++) {
    const symbol = symbols[j]!;
    let value = on[j]!;
    let origin = STAYED;
    if (behind > value) {
      value = behind;
      origin = AFTER_BLANK;
    }
    const joined = symbol === repeat ? other : first;
    if (joined > value) {
      value = joined;
      origin = symbol === repeat ? before!.second : before!.best;
    }
    value += emit[row + symbol]!;
    on[j] = value;
    fromOn[from + j] = origin;
    if (j === 0) continue;
    if (value > on[best]!) {
      second = best;
      best = j;
    } else if (second < 0 || value > on[second]!) second = j;
  }
  place.best = best;
  place.second = second;
}

function trace(places: readonly LatticePosition[], steps: number): Alignment {
  const spans: [number, number][] = places.map(() => [0, 0]);
  const chosen = new Int16Array(places.length);
  let k = places.length - 1;
  const last = places[k]!;
  let j = last.best;
  // j = -1 stands for the blank behind character k.
  if (last.behind >= last.on[j]!) j = -1;
  else spans[k]![1] = steps - 1;
  for (let t = steps - 1; t >= 0 && k >= 0; t--) {
    const place = places[k]!;
    if (j < 0) {
      j = place.fromBehind[t]!;
      if (j >= 0) spans[k]![1] = t - 1;
      continue;
    }
    const origin = place.fromOn[t * place.symbols.length + j]!;
    if (origin === STAYED) continue;
    spans[k]![0] = t;
    chosen[k] = place.symbols[j]!;
    k--;
    j = origin === AFTER_BLANK ? -1 : origin;
    if (k >= 0 && j >= 0) spans[k]![1] = t - 1;
  }
  return { symbols: chosen, spans };
}
