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

export interface Pauses {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** What happened, for health, metrics and the log. */
export interface Watcher {
  started(): void;
  failed(error: unknown, pauseMs: number): void;
}

/** Runs that lasted this long count as healthy: the next pause is the first one again. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * Calls `run` until `signal` aborts. A run that ends without the signal, by rejection or not, is a loss and is tried again
 * after a pause that doubles from `firstMs` to `mostMs`, with ±20 % of jitter so that many boxes do not knock in step.
 */
export async function supervise(
  run: (signal: AbortSignal) => Promise<void>,
  pauses: Pauses,
  watcher: Watcher,
  signal: AbortSignal,
  random: () => number = Math.random,
): Promise<void> {
  let pause = pauses.firstMs;
  while (!signal.aborted) {
    const startedAt = performance.now();
    let error: unknown;
    try {
      watcher.started();
      await run(signal);
      error = new Error('ended without being asked to');
    } catch (e) {
      error = e;
    }
    if (signal.aborted) return;
    if (performance.now() - startedAt >= HEALTHY_AFTER_MS) pause = pauses.firstMs;
    const wait = Math.min(pauses.mostMs, pause * (0.8 + 0.4 * random()));
    watcher.failed(error, wait);
    pause = Math.min(pauses.mostMs, pause * 2);
    await sleep(timerMs(wait), undefined, { signal }).catch(() => undefined);
  }
}

/** What runs now, and all that it starts, belongs to this part. The one state of a module: a process has one order of calls. */
const currentPart = new AsyncLocalStorage<string>();

/** The part that the running code belongs to, such as `camera:north`; undefined outside of all parts. */
export function partNow(): string | undefined {
  return currentPart.getStore();
}

export interface PartState {
  /** `camera:north`, `delivery:room`, `duty:alarms`. */
  readonly part: string;
  /** What went wrong last; undefined once it has been well for a while. */
  readonly error: string | undefined;
  /** Times that it ended, or failed, since the start. */
  readonly failures: number;
  /** It is not run: safe mode has switched it off. */
  readonly off: boolean;
}

export interface Kept {
  readonly pauses: Pauses;
  /** For a part that says otherwise how it is; absent, the supervisor logs its losses and makes them alarms. */
  readonly watcher?: Watcher;
}

export interface Supervisor {
  /** Runs `run` until `signal` aborts, with a signal of its own, and again whenever it ends. Never rejects. */
  keep(part: string, run: (signal: AbortSignal) => Promise<void>, signal: AbortSignal, kept: Kept): Promise<void>;
  /** Does a short piece of work of a part. Never throws; false where the work did, which is then logged when it begins and an alarm, and where the part is off. */
  attempt(part: string, work: () => void): boolean;
  /** Ends the run of a part as if it had rejected with `error`. False where no such part runs. */
  fail(part: string, error: unknown): boolean;
  parts(): readonly PartState[];
  /** Whether this part is not to run. */
  readonly off: (part: string) => boolean;
  readonly status: Status;
}

export interface SupervisorOptions {
  readonly log: Log;
  /** Parts that are not run. */
  readonly off?: (part: string) => boolean;
  readonly mono?: () => number;
}

/** A run that has lasted so long works: one that cannot work ends at once. */
const UP_AFTER_MS = 1_000;
/** Work that failed counts as well again after so long without a failure: an alarm that flickers helps nobody. */
const WELL_AFTER_MS = 60_000;

interface State {
  readonly part: string;
  readonly off: boolean;
  /** Somebody else says how it is. */
  readonly quiet: boolean;
  error: string | undefined;
  failures: number;
  failedAt: number;
}

export function openSupervisor({
  log,
  off = () => false,
  mono = () => performance.now(),
}: SupervisorOptions): Supervisor {
  const states = new Map<string, State>();
  const runs = new Map<string, (error: unknown) => void>();

  const stateOf = (part: string, quiet = false): State => {
    const known = states.get(part);
    if (known) return known;
    const state: State = { part, quiet, off: off(part), error: undefined, failures: 0, failedAt: -Infinity };
    states.set(part, state);
    return state;
  };
  /** Logged when it begins and when its cause changes, not at each of the many tries. */
  const failed = (state: State, error: unknown, what: string): void => {
    const cause = causeOf(error);
    if (!state.quiet && cause !== state.error) log.error({ part: state.part, cause }, what);
    state.error = cause;
    state.failures++;
    state.failedAt = mono();
  };
  /** Settles when the run has; rejects as it does, or with what `fail` was told. */
  const once = async (
    part: string,
    run: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> => {
    const ending = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    runs.set(part, (error) => {
      failure ??= { error };
      ending.abort(error);
    });
    try {
      await currentPart.run(part, () => run(AbortSignal.any([signal, ending.signal])));
    } finally {
      runs.delete(part);
    }
    if (failure) throw failure.error;
  };

  return {
    async keep(part, run, signal, { pauses, watcher }) {
      const state = stateOf(part, watcher !== undefined);
      if (state.off) return;
      const tried = async (ending: AbortSignal): Promise<void> => {
        const lasted = setTimeout(() => (state.error = undefined), UP_AFTER_MS);
        await once(part, run, ending).finally(() => clearTimeout(lasted));
      };
      const told: Watcher = {
        started: () => watcher?.started(),
        failed(error, pauseMs) {
          failed(state, error, 'a part of the box has ended; it is started again');
          try {
            currentPart.run(part, () => watcher?.failed(error, pauseMs));
          } catch (e) {
            log.error({ part, cause: causeOf(e) }, 'what follows the loss of a part has failed');
          }
        },
      };
      await supervise(tried, pauses, told, signal);
    },
    attempt(part, work) {
      const state = stateOf(part);
      if (state.off) return false;
      try {
        currentPart.run(part, work);
        if (state.error !== undefined && mono() - state.failedAt >= WELL_AFTER_MS) state.error = undefined;
        return true;
      } catch (error) {
        failed(state, error, 'a part of the box fails; it is tried again');
        return false;
      }
    },
    fail(part, error) {
      const end = runs.get(part);
      end?.(error);
      return end !== undefined;
    },
    parts: () => [...states.values()],
    off,
    status: statusOf(states),
  };
}

function statusOf(states: ReadonlyMap<string, State>): Status {
  return {
    problems: () =>
      [...states.values()].flatMap(({ part, error, quiet }) =>
        error === undefined || quiet ? [] : [problem(`part:${part}`, 'part-fails', { part, cause: error })],
      ),
    readings: () => [
      {
        ...{ name: 'sitebox_part_failures_total', type: 'counter', labels: ['part'] },
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
