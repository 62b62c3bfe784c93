/**
 * A pool of worker threads, one job per thread and no queue: who has work looks at `free()` or is told by `onFree`, and keeps
 * only the newest piece until then. It knows nothing of what the jobs are.
 */
import { type Transferable, Worker } from 'node:worker_threads';
import type { Log } from '../types.ts';
import type { Message } from './serve.ts';

export interface PoolOptions {
  readonly threads: number;
  /** Main file of a thread; it ends with `serveJobs`. */
  readonly workerUrl: URL;
  readonly log: Log;
  /** A thread that is not ready after this long is given up. Default 30 s. */
  readonly readyMs?: number;
  /** Pause before a dead thread is replaced; doubles with each death until a job is done. Default 1 s to 30 s. */
  readonly pauses?: { readonly firstMs: number; readonly mostMs: number };
  /** Told of every thread that died, after it was logged. */
  readonly lost?: (error: Error) => void;
}

export interface PoolState {
  readonly threads: number;
  /** Threads that said they are ready and live, busy ones included. */
  readonly ready: number;
  readonly busy: number;
  /** Threads started in place of dead ones since the pool was opened. */
  readonly restarts: number;
  /** Jobs done since the pool was opened, failed ones included: it grows while the pool makes progress. */
  readonly done: number;
}

export interface Pool<Job extends { readonly kind: string }, Results extends Record<Job['kind'], unknown>> {
  /** Whether `run` would take a job now. */
  free(): boolean;
  /**
   * Runs a job on a free thread. Rejects at once when none is free; when the thread says the job failed; when the thread dies;
   * and after `deadlineMs`, when the thread is ended and replaced. Transferred buffers come back only as the result says.
   */
  run<J extends Job>(job: J, transfer: readonly Transferable[], deadlineMs: number): Promise<Results[J['kind']]>;
  /** Calls `serve` whenever a thread becomes free, its first time included. Returns how to stop that. */
  onFree(serve: () => void): () => void;
  /** What the last thread that became ready said of itself; undefined before. */
  about(): unknown;
  state(): PoolState;
  /** Ends all threads; running jobs reject. */
  close(): Promise<void>;
}

interface Task {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly deadline: NodeJS.Timeout;
}

/** One place of the pool: the thread in it, or the pause before the next one. */
interface Place {
  worker: Worker | undefined;
  ready: boolean;
  task: Task | undefined;
  /** Of the wait for readiness, or of the pause. */
  timer: NodeJS.Timeout | undefined;
  pauseMs: number;
}

const READY_MS = 30_000;
const PAUSES = { firstMs: 1_000, mostMs: 30_000 };

export function openPool<Job extends { readonly kind: string }, Results extends Record<Job['kind'], unknown>>(
  options: PoolOptions,
): Pool<Job, Results> {
  const { log, readyMs = READY_MS, pauses = PAUSES } = options;
  const listeners = new Set<() => void>();
  const endings = new Set<Promise<unknown>>();
  let closed = false;
  let restarts = 0;
  let done = 0;
  let about: unknown;
  const places = Array.from({ length: options.threads }, (): Place => {
    return { worker: undefined, ready: false, task: undefined, timer: undefined, pauseMs: pauses.firstMs };
  });
  const freePlace = () => places.find((p) => p.ready && p.task === undefined);

  function start(place: Place): void {
    const worker = new Worker(options.workerUrl);
    place.worker = worker;
    place.timer = setTimeout(() => lose(place, new Error(`thread was not ready within ${readyMs} ms`)), readyMs);
    // A thread that was given up may still speak or die; only the one that holds the place counts.
    const mine = (act: () => void) => () => void (place.worker === worker && act());
    worker.on('message', (m: Message) => mine(() => hear(place, m))());
    worker.on('messageerror', (e) => mine(() => lose(place, e))());
    worker.on('error', (e) => mine(() => lose(place, e instanceof Error ? e : new Error(String(e))))());
    worker.on('exit', (code) => mine(() => lose(place, new Error(`thread ended by itself with code ${code}`)))());
  }

  function hear(place: Place, message: Message): void {
    if (message.type === 'ready') {
      clearTimeout(place.timer);
      place.ready = true;
      about = message.about;
    } else {
      const task = place.task;
      clearTimeout(task?.deadline);
      place.task = undefined;
      place.pauseMs = pauses.firstMs;
      done++;
      if (message.type === 'result') task?.resolve(message.result);
      else task?.reject(new Error(message.message));
    }
    for (const serve of listeners) serve();
  }

  function lose(place: Place, error: Error): void {
    empty(place, error);
    const { pauseMs } = place;
    log.warn({ err: error, pauseMs }, 'an inference thread died; another one takes its place after a pause');
    place.pauseMs = Math.min(pauses.mostMs, pauseMs * 2);
    place.timer = setTimeout(() => {
      restarts++;
      start(place);
    }, pauseMs);
    options.lost?.(error);
  }

  function empty(place: Place, error: Error): void {
    clearTimeout(place.timer);
    clearTimeout(place.task?.deadline);
    place.task?.reject(error);
    const ending = place.worker?.terminate();
    if (ending) {
      endings.add(ending);
      void ending.finally(() => endings.delete(ending));
    }
    place.worker = undefined;
    place.task = undefined;
    place.ready = false;
  }

  function run<J extends Job>(
    job: J,
    transfer: readonly Transferable[],
    deadlineMs: number,
  ): Promise<Results[J['kind']]> {
    return new Promise((resolve, reject) => {
      const place = closed ? undefined : freePlace();
      if (place === undefined) throw new Error(closed ? 'the pool is closed' : 'no inference thread is free');
      // A job that cannot be posted throws here, before the place counts as busy.
      place.worker!.postMessage(job, transfer);
      const late = () => lose(place, new Error(`job "${job.kind}" was not done within ${deadlineMs} ms`));
      place.task = { resolve: resolve as Task['resolve'], reject, deadline: setTimeout(late, deadlineMs) };
    });
  }

  places.forEach(start);
  return {
    free: () => !closed && freePlace() !== undefined,
    run,
    onFree(serve) {
      listeners.add(serve);
      return () => void listeners.delete(serve);
    },
    about: () => about,
    state() {
      const ready = places.filter((p) => p.ready);
      return { threads: places.length, ready: ready.length, busy: ready.filter((p) => p.task).length, restarts, done };
    },
    async close() {
      closed = true;
      for (const place of places) empty(place, new Error('the pool is closed'));
      await Promise.all(endings);
    },
  };
}

/** Resolves when a thread of the pool is free. */
export function untilFree(pool: Pick<Pool<never, never>, 'free' | 'onFree'>): Promise<void> {
  if (pool.free()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = pool.onFree(() => {
      if (!pool.free()) return;
      stop();
      resolve();
    });
  });
}
