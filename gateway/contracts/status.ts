/** How a room of the box is, for /health, the alarms and /metrics. All three are called on the event loop: they read memory, or run a bounded statement. */
import type { ProblemCode } from './words/words.ts';

/**
 * @example
 * const status: Status = {
 *   problems: () => (pool.ready() ? [] : [problem('inference', 'no-plate-read', pool.state())]),
 *   readings: () => [single('sitebox_inference_threads_ready', 'gauge', 'Reading threads ready', () => pool.ready())],
 *   health: () => ({ inference: pool.state() }),
 * };
 */
export interface Status {
  /** What a person has to look at now; when a problem goes away, its alarm is cleared. Called every second. */
  problems?(): readonly Problem[];
  /** Metrics; called once at the start, each is read at scrape time. */
  readings?(): readonly Reading[];
  /** Blocks of /health by their key. */
  health?(): Readonly<Record<string, unknown>>;
}

/** One thing a person has to look at: what it is and what to do. `key` stays the same while it lasts. */
export interface Problem {
  readonly key: string;
  /** What is wrong, whichever camera or list it is about. */
  readonly code: ProblemCode;
  readonly what: string;
  readonly todo: string;
  /** The same in Chinese. */
  readonly zh: { readonly what: string; readonly todo: string };
}

/** A family of values read at scrape time: `read` returns label values and the figure. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly type: 'gauge' | 'counter';
  read(): readonly (readonly [labels: readonly string[], value: number])[];
}

/** Problems and metrics of the parts of a room, in this order. */
export function together(...parts: readonly Pick<Status, 'problems' | 'readings'>[]): Status {
  return {
    problems: () => parts.flatMap((part) => part.problems?.() ?? []),
    readings: () => parts.flatMap((part) => part.readings?.() ?? []),
  };
}

/** A figure without labels. */
export function single(name: string, type: Reading['type'], help: string, value: () => number): Reading {
  return { name, type, help, labels: [], read: () => [[[], value()]] };
}

/** A figure of each of several things, told apart by one label. */
export function labelled<T>(
  label: string,
  of: () => Iterable<T>,
): (name: string, type: Reading['type'], help: string, value: (one: T) => readonly [string, number]) => Reading {
  return (name, type, help, value) => ({
    name,
    type,
    help,
    labels: [label],
    read: () =>
      [...of()].map((one) => {
        const [id, n] = value(one);
        return [[id], n];
      }),
  });
}
