/** What a soak measures, and how it is judged. Pure. */

export interface SoakPlan {
  readonly folder: string;
  readonly minutes: number;
  /** Not judged: caches fill and code is compiled. */
  readonly warmUpMinutes: number;
}

export interface SoakOutcome {
  /** Of the lowest resident size in each window of WINDOW_S after the warm-up, by least squares. */
  readonly slopeMibPerHour: number;
  readonly firstMib: number;
  readonly lastMib: number;
  readonly windows: number;
  readonly done: Readonly<Record<keyof typeof MIN_PER_MINUTE, number>>;
}

/** What is done in a minute on a machine that is four times slower than the load is meant for. With less, too little happened. */
export const MIN_PER_MINUTE = {
  pushes: { of: 'pushes answered', least: 30 },
  receipts: { of: 'receipts of the crew', least: 8 },
  events: { of: 'events delivered', least: 20 },
  visits: { of: 'visitors of the gate whose outcome came to its display', least: 6 },
  answers: { of: 'answers to monitoring', least: 20 },
} as const;

export const SAMPLE_EVERY_MS = 2_000;
/** The garbage collector lets the size swing within seconds: what counts is the lowest of each window. */
const WINDOW_S = 60;

/** `samples`: MiB, every SAMPLE_EVERY_MS. */
export function slopeOf(
  samples: readonly number[],
): Pick<SoakOutcome, 'slopeMibPerHour' | 'firstMib' | 'lastMib' | 'windows'> {
  const each = (WINDOW_S * 1000) / SAMPLE_EVERY_MS;
  const lows: number[] = [];
  for (let at = 0; at + each <= samples.length; at += each) lows.push(Math.min(...samples.slice(at, at + each)));
  const n = lows.length;
  const [meanX, meanY] = [(n - 1) / 2, lows.reduce((sum, y) => sum + y, 0) / n];
  const covariance = lows.reduce((sum, y, x) => sum + (x - meanX) * (y - meanY), 0);
  const variance = lows.reduce((sum, _, x) => sum + (x - meanX) ** 2, 0);
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    slopeMibPerHour: round((covariance / variance) * (3600 / WINDOW_S)),
    firstMib: round(lows[0] ?? NaN),
    lastMib: round(lows.at(-1) ?? NaN),
    windows: n,
  };
}
