/** Logistic regression and what tells whether its probabilities can be believed. */

export interface Case {
  /** The first is 1. */
  readonly inputs: readonly number[];
  readonly right: boolean;
}

/** Keeps weights finite where a feature never errs; the larger, the smaller the weights. */
const RIDGE = 1;
const ROUNDS = 60;
const CLOSE = 1e-9;

/** Weights, one for each input, of the largest likelihood (Newton's method). Throws where there is nothing to learn from. */
export function fitLogistic(cases: readonly Case[]): number[] {
  if (!cases.some((c) => c.right) || !cases.some((c) => !c.right)) {
    throw new Error(`${cases.length} cases that are all right or all wrong fit any weights; take more`);
  }
  const n = cases[0]!.inputs.length;
  const weights = new Array<number>(n).fill(0);
  for (let round = 0; round < ROUNDS; round++) {
    const slope = weights.map((w, i) => (i === 0 ? 0 : -RIDGE * w));
    const bend = weights.map((_, i) => weights.map((_, j) => (i === j && i > 0 ? RIDGE : 0)));
    for (const { inputs, right } of cases) {
      const p = predict(weights, inputs);
      const spread = p * (1 - p);
      for (let i = 0; i < n; i++) {
        slope[i]! += (Number(right) - p) * inputs[i]!;
        for (let j = 0; j < n; j++) bend[i]![j]! += spread * inputs[i]! * inputs[j]!;
      }
    }
    const step = solve(bend, slope);
    for (let i = 0; i < n; i++) weights[i]! += step[i]!;
    if (step.every((s) => Math.abs(s) < CLOSE)) break;
  }
  return weights;
}

export function predict(weights: readonly number[], inputs: readonly number[]): number {
  return 1 / (1 + Math.exp(-weights.reduce((sum, w, i) => sum + w * inputs[i]!, 0)));
}

/** Gaussian elimination with pivots; `a` is square and not singular. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(rows[r]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = rows[r]![i]! / rows[i]![i]!;
      for (let c = i; c <= n; c++) rows[r]![c]! -= factor * rows[i]![c]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

export interface Judged {
  /** 0..1. */
  readonly predicted: number;
  readonly right: boolean;
}

/** A tenth of the range of probabilities. */
interface Bin {
  readonly from: number;
  readonly n: number;
  /** Means of what was predicted and of what was so. */
  readonly predicted: number;
  readonly observed: number;
  /** 95 % interval of `observed`. */
  readonly interval: readonly [number, number];
}

const BINS = 10;

/** Reliability table; empty bins are left out. */
export function reliability(judged: readonly Judged[]): Bin[] {
  return Array.from({ length: BINS }, (_, b) => {
    const here = judged.filter((j) => Math.min(BINS - 1, Math.floor(j.predicted * BINS)) === b);
    const n = here.length;
    const right = here.filter((j) => j.right).length;
    const predicted = here.reduce((sum, j) => sum + j.predicted, 0) / n;
    return { from: b / BINS, n, predicted, observed: right / n, interval: wilson(right, n) };
  }).filter((bin) => bin.n > 0);
}

/** Expected calibration error: how far predicted and observed are apart, by the size of the bins. */
export function calibrationError(bins: readonly Bin[]): number {
  const all = bins.reduce((sum, b) => sum + b.n, 0);
  return bins.reduce((sum, b) => sum + (b.n / all) * Math.abs(b.predicted - b.observed), 0);
}

/** 95 % score interval of a share (Wilson, JASA 22, 1927). */
export function wilson(part: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.96;
  const p = part / n;
  const centre = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const whole = 1 + (z * z) / n;
  return [Math.max(0, (centre - half) / whole), Math.min(1, (centre + half) / whole)];
}
