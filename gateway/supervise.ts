/**
 * Watches over whatever runs for as long as the box does: what ends is run again after a growing pause, what fails is named in the log, in
 * /health and as an alarm, and an uncaught error can be traced to the part it came from. Nothing of the box runs for long without it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './contracts/base.ts';
import { causeOf } from './contracts/errors.ts';
import type { Status } from './contracts/status.ts';
import { timerMs } from './contracts/timers.ts';
import { problem } from './contracts/words/problem.ts';
import { english } from './contracts/words/words.ts';

export interface Pauses {
  readonly firstMs: number;
  readonly maxMs: number;
}

export interface SuperviseOptions {
  /** Other pauses after this failure than the usual ones; each set begins with its first one. */
  readonly pausesAfter?: (error: unknown) => Pauses | undefined;
  readonly random?: () => number;
}

/** Runs that lasted this long count as healthy: the next pause is the first one again. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * Calls `run` until `signal` aborts. A run that ends without the signal, by rejection or not, is a loss and is tried again
 * after a pause that doubles from `firstMs` to `maxMs`, with ±20 % of jitter so that many boxes do not knock in step.
 */
export async function supervise(
  run: (signal: AbortSignal) => Promise<void>,
  pauses: Pauses,
  failed: (error: unknown, pauseMs: number) => void,
  signal: AbortSignal,
  options: SuperviseOptions = {},
): Promise<void> {
  const { random = Math.random, pausesAfter = () => undefined } = options;
  let current = pauses;
  let pause = pauses.firstMs;
  while (!signal.aborted) {
    const startedAt = performance.now();
    let error: unknown;
    try {
      await run(signal);
      error = new Error(english('part-ended'));
    } catch (e) {
      error = e;
    }
    if (signal.aborted) return;
    const wanted = pausesAfter(error) ?? pauses;
    if (wanted !== current || performance.now() - startedAt >= HEALTHY_AFTER_MS) pause = wanted.firstMs;
    current = wanted;
    const wait = Math.min(current.maxMs, pause * (0.8 + 0.4 * random()));
    failed(error, wait);
    pause = Math.min(current.maxMs, pause * 2);
    await sleep(timerMs(wait), undefined, { signal }).catch(() => undefined);
  }
}

/** What runs now, and all that it starts, belongs to this part. The one state of a module: a process has one order of calls. */
const currentPart = new AsyncLocalStorage<string>();

/** The part that the running code belongs to, such as `camera:north`; undefined outside of all parts. */
export function partNow(): string | undefined {
  return currentPart.getStore();
}

/** Says that the part works now; `details` go into the log with the first of a run. */
export type Up = (details?: object) => void;
export type Run = (signal: AbortSignal, up: Up) => Promise<void>;

export interface KeepOptions {
  readonly pauses: Pauses;
  /** Other pauses after this failure than the usual ones. */
  readonly pausesAfter?: (error: unknown) => Pauses | undefined;
  /** A run that has lasted this long is up, UP_AFTER_MS if absent; Infinity where only the part itself can say so. */
  readonly upAfterMs?: number;
  /** How the log says that a device came or was lost. Its room says in /health how it is. Absent: the supervisor makes an alarm of its failures. */
  readonly device?: { readonly about: object; readonly up?: string; readonly lost: string };
  /** Called after each loss. */
  readonly lost?: () => void;
}

/** A run that cannot work ends at once. */
const UP_AFTER_MS = 1_000;
/** Work that failed counts as well again after this long without a failure: an alarm that flickers helps nobody. */
const WELL_AFTER_MS = 60_000;

/** How a part is. */
class State {
  /** `camera:north`, `delivery:room`, `task:alarms`. */
  readonly part: string;
  /** It is not run: safe mode has switched it off. */
  readonly off: boolean;
  /** Its room says how it is. */
  isDevice = false;
  /** It works: it has said so, or a run has lasted. */
  up = false;
  /** Why the last run ended; undefined while it is up. */
  error: string | undefined;
  /** How long it waits, or waited, before it runs again after the last failure. */
  pauseMs = 0;
  /** Times that it ended, or failed, since the start. */
  failures = 0;
  /** Times that it was lost while it was up. */
  losses = 0;
  failedAt = -Infinity;

  constructor(part: string, off: boolean) {
    this.part = part;
    this.off = off;
  }
}

export type PartState = Readonly<Omit<State, 'isDevice' | 'failedAt'>>;

export class Supervisor {
  /** Whether this part is not to run. */
  readonly off: (part: string) => boolean;
  readonly status: Status;
  readonly #log: Log;
  readonly #mono: () => number;
  readonly #states = new Map<string, State>();
  readonly #ends = new Map<string, (error: unknown) => void>();

  /** Parts for which `off` is true are not run. */
  constructor(log: Log, off: (part: string) => boolean = () => false, mono = (): number => performance.now()) {
    this.#log = log;
    this.off = off;
    this.#mono = mono;
    this.status = statusOf(this.#states);
  }

  /** How a part is, now and later: the same object each time. */
  state(part: string): PartState {
    return this.#stateOf(part);
  }

  parts(): readonly PartState[] {
    return [...this.#states.values()];
  }

  /** Runs `run` until `signal` aborts, with a signal of its own, and again whenever it ends. Never rejects. */
  async keep(part: string, run: Run, signal: AbortSignal, options: KeepOptions): Promise<void> {
    const { pauses, pausesAfter, upAfterMs = UP_AFTER_MS, device, lost } = options;
    const state = this.#stateOf(part);
    state.isDevice = device !== undefined;
    if (state.off) return;
    const up: Up = (details) => {
      if (state.up) return;
      if (device?.up !== undefined) this.#log.info({ ...device.about, ...details }, device.up);
      state.up = true;
      state.error = undefined;
    };
    const tried = async (ending: AbortSignal): Promise<void> => {
      const lasted = upAfterMs === Infinity ? undefined : setTimeout(up, timerMs(upAfterMs));
      await this.#once(part, (own) => run(own, up), ending).finally(() => clearTimeout(lasted));
    };
    const failed = (error: unknown, pauseMs: number): void => {
      const wasUp = state.up;
      const isNew = this.#note(state, error);
      state.pauseMs = pauseMs;
      const cause = causeOf(error);
      if (device && (wasUp || isNew))
        this.#log.warn({ ...device.about, cause, pauseMs: Math.round(pauseMs) }, device.lost);
      else if (!device && isNew) this.#log.error({ part, cause }, 'a part of the box has ended; it is started again');
      try {
        currentPart.run(part, () => lost?.());
      } catch (e) {
        this.#log.error({ part, cause: causeOf(e) }, 'what follows the loss of a part has failed');
      }
    };
    await supervise(tried, pauses, failed, signal, pausesAfter ? { pausesAfter } : {});
    state.up = false;
  }

  /** Does a short piece of work of a part. Never throws; false where the work did, which is then logged when it begins and an alarm, and where the part is off. */
  attempt(part: string, work: () => void): boolean {
    const state = this.#stateOf(part);
    if (state.off) return false;
    try {
      currentPart.run(part, work);
      if (state.error !== undefined && this.#mono() - state.failedAt >= WELL_AFTER_MS) state.error = undefined;
      return true;
    } catch (error) {
      if (this.#note(state, error))
        this.#log.error({ part, cause: causeOf(error) }, 'a part of the box fails; it is tried again');
      return false;
    }
  }

  /** Ends the run of a part as if it had rejected with `error`. False where no such part runs. */
  fail(part: string, error: unknown): boolean {
    const end = this.#ends.get(part);
    end?.(error);
    return end !== undefined;
  }

  #stateOf(part: string): State {
    const state = this.#states.get(part) ?? new State(part, this.off(part));
    this.#states.set(part, state);
    return state;
  }

  /** True where its cause is another one than before: logged then, and not at each of the many tries. */
  #note(state: State, error: unknown): boolean {
    const cause = causeOf(error);
    const isNew = cause !== state.error;
    if (state.up) state.losses++;
    state.up = false;
    state.error = cause;
    state.failures++;
    state.failedAt = this.#mono();
    return isNew;
  }

  /** Settles when the run has; rejects as it does, or with what `fail` was told. */
  async #once(part: string, run: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    this.#ends.set(part, (error) => {
      failure ??= { error };
      ending.abort(error);
    });
    try {
      await currentPart.run(part, () => run(AbortSignal.any([signal, ending.signal])));
    } finally {
      this.#ends.delete(part);
    }
    if (failure) throw failure.error;
  }
}

function statusOf(states: ReadonlyMap<string, State>): Status {
  return {
    problems: () =>
      [...states.values()].flatMap(({ part, error, isDevice }) =>
        error === undefined || isDevice ? [] : [problem(`part:${part}`, 'part-fails', { part, cause: error })],
      ),
    readings: () => [
      {
        name: 'sitebox_part_failures_total',
        type: 'counter',
        labels: ['part'],
        help: 'Times that a part of the box ended or failed',
        read: () => [...states.values()].map(({ part, failures }) => [[part], failures] as const),
      },
    ],
    health: () => ({
      parts: [...states.values()].map(({ part, error, failures, off }) => ({
        part,
        error: error ?? null,
        failures,
        off,
      })),
    }),
  };
}
