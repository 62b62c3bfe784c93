/**
 * A pool of worker threads, one job per thread and no queue: callers look at `free()` or wait for `onFree`, and keep only their newest
 * work until then. The pool does not know what the jobs are.
 */
import { type Transferable, Worker } from 'node:worker_threads';
import { asError, causeOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/base.ts';
import { NO_MORE_JOBS, type WorkerMessage } from './serve.ts';
import { english } from '../contracts/words/words.ts';

export interface PoolOptions {
  readonly threads: number;
  /** Main file of a thread; it ends with `serveJobs`. */
  readonly workerUrl: URL;
  readonly log: Log;
  /** Copied to every thread when it starts, as node:worker_threads' `workerData`. */
  readonly workerData?: unknown;
  /** A thread that is not ready after this long is given up. Default 30 s. */
  readonly readyMs?: number;
  /** Pause before a dead thread is replaced; doubles with each death until a job is done. Default 1 s to 30 s. */
  readonly pauses?: { readonly firstMs: number; readonly maxMs: number };
  /** How long a thread may take to end before it is left behind. Default 10 s. */
  readonly graceMs?: number;
  /**
   * Whether a thread that is left behind is ended by force. Only for threads without native code: force that meets ONNX Runtime in a call
   * aborts the whole process. Default no.
   */
  readonly force?: boolean;
  /** Called for every thread that died, after it was logged. */
  readonly lost?: (error: Error) => void;
}

export type Pool<Job extends { readonly kind: string }, Results extends Record<Job['kind'], unknown>> = ReturnType<
  typeof openPool<Job, Results>
>;

export type PoolState = ReturnType<Pool<never, never>['state']>;

interface Task {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly deadline: NodeJS.Timeout;
}

const DEFAULTS = {
  readyMs: 30_000,
  pauses: { firstMs: 1_000, maxMs: 30_000 },
  workerData: undefined as unknown,
  graceMs: 10_000,
  force: false,
  lost: () => undefined,
};

/** One slot of the pool: its thread, or the pause before the next one. */
class ThreadSlot {
  readonly options: Required<Omit<PoolOptions, 'threads'>>;
  /** Called when the thread becomes free. */
  readonly freed: () => void;
  worker: Worker | undefined;
  ready = false;
  task: Task | undefined;
  /** Of the wait for readiness, or of the pause. */
  timer: NodeJS.Timeout | undefined;
  pauseMs: number;
  restarts = 0;
  done = 0;
  /** Of the thread last given up, until it is gone. */
  ending: Promise<unknown> = Promise.resolve();
  about: unknown;

  constructor(options: PoolOptions, freed: () => void) {
    this.options = { ...DEFAULTS, ...options };
    this.freed = freed;
    this.pauseMs = this.options.pauses.firstMs;
  }
}

export function openPool<Job extends { readonly kind: string }, Results extends Record<Job['kind'], unknown>>(
  options: PoolOptions,
) {
  const listeners = new Set<() => void>();
  let closed = false;
  let about: unknown;
  const slots = Array.from({ length: options.threads }, () => {
    const slot: ThreadSlot = new ThreadSlot(options, () => {
      about = slot.about;
      for (const serve of listeners) serve();
    });
    return slot;
  });
  const freeSlot = () => (closed ? undefined : slots.find((p) => p.ready && p.task === undefined));
  const total = (count: (slot: ThreadSlot) => number) => slots.reduce((sum, p) => sum + count(p), 0);
  slots.forEach(start);
  return {
    /** Whether `run` would take a job now. */
    free: (): boolean => freeSlot() !== undefined,
    /**
     * Runs a job on a free thread. Rejects at once when none is free; when the job fails; when the thread dies; and after `deadlineMs`, when
     * the thread is ended and replaced. Transferred buffers come back only in the result.
     */
    async run<J extends Job>(
      job: J,
      transfer: readonly Transferable[],
      deadlineMs: number,
    ): Promise<Results[J['kind']]> {
      const slot = freeSlot();
      if (slot === undefined) throw new Error(english(closed ? 'thread-pool-closed' : 'thread-none-free'));
      return (await runOn(slot, job, transfer, deadlineMs)) as Results[J['kind']];
    },
    /** Calls `serve` whenever a thread becomes free, also when it becomes ready. Returns a function that stops that. */
    onFree(serve: () => void): () => void {
      listeners.add(serve);
      return () => void listeners.delete(serve);
    },
    /** What the last thread that became ready reported of itself; undefined before. */
    about: () => about,
    state: () => ({
      threads: slots.length,
      /** Threads that said they are ready and live, busy ones included. */
      ready: total((p) => Number(p.ready)),
      busy: total((p) => Number(p.task !== undefined)),
      /** Threads started in slot of dead ones since the pool was opened. */
      restarts: total((p) => p.restarts),
      /** Jobs done since the pool was opened, failed ones included: it grows while the pool makes progress. */
      done: total((p) => p.done),
    }),
    /** Ends all threads; running jobs reject. */
    async close(): Promise<void> {
      closed = true;
      for (const slot of slots) empty(slot, new Error(english('thread-pool-closed')));
      await Promise.all(slots.map((p) => p.ending));
    },
  };
}

function start(slot: ThreadSlot): void {
  const { workerUrl, workerData, readyMs } = slot.options;
  const worker = new Worker(workerUrl, { workerData });
  slot.worker = worker;
  slot.timer = setTimeout(() => lose(slot, new Error(english('thread-not-ready', { ms: readyMs }))), readyMs);
  // A thread that was given up may still send messages or die; only the one in the slot counts.
  const mine = () => slot.worker === worker;
  worker.on('message', (m: WorkerMessage) => mine() && hear(slot, m));
  worker.on('messageerror', (e) => mine() && lose(slot, e));
  worker.on('error', (e) => mine() && lose(slot, asError(e)));
  worker.on('exit', (code) => mine() && lose(slot, new Error(english('thread-ended', { code }))));
}

function hear(slot: ThreadSlot, message: WorkerMessage): void {
  if (message.type === 'ready') {
    clearTimeout(slot.timer);
    slot.ready = true;
    slot.about = message.about;
  } else {
    const task = slot.task;
    clearTimeout(task?.deadline);
    slot.task = undefined;
    slot.pauseMs = slot.options.pauses.firstMs;
    slot.done++;
    if (message.type === 'result') task?.resolve(message.result);
    else task?.reject(new Error(message.message));
  }
  slot.freed();
}

function runOn(
  slot: ThreadSlot,
  job: { readonly kind: string },
  transfer: readonly Transferable[],
  deadlineMs: number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A job that cannot be posted throws here, before the slot counts as busy.
    slot.worker!.postMessage(job, transfer);
    const late = () => lose(slot, new Error(english('thread-job-late', { kind: job.kind, ms: deadlineMs })));
    slot.task = { resolve, reject, deadline: setTimeout(late, deadlineMs) };
  });
}

function lose(slot: ThreadSlot, error: Error): void {
  const { pauseMs } = slot;
  const { log, lost, pauses } = slot.options;
  empty(slot, error);
  log.warn({ cause: causeOf(error), pauseMs }, 'an inference thread died; another one takes its place after a pause');
  slot.pauseMs = Math.min(pauses.maxMs, pauseMs * 2);
  slot.timer = setTimeout(() => {
    slot.restarts++;
    start(slot);
  }, pauseMs);
  lost(error);
}

function empty(slot: ThreadSlot, error: Error): void {
  clearTimeout(slot.timer);
  clearTimeout(slot.task?.deadline);
  slot.task?.reject(error);
  if (slot.worker) slot.ending = Promise.all([slot.ending, dismiss(slot.worker, slot.options)]);
  slot.worker = undefined;
  slot.task = undefined;
  slot.ready = false;
}

/**
 * Asks the thread to end, which it does after the call it is in, when it has released its sessions. One that does not within `graceMs` is left
 * behind: it ends by itself when its call returns, which on a slow machine may be later, and force would meet it in the middle of native code,
 * whose binding then aborts the whole process.
 */
function dismiss(worker: Worker, { graceMs, force, log }: ThreadSlot['options']): Promise<void> {
  // A thread that has ended has no id any more, and emits no second `exit`.
  if (worker.threadId === -1) return Promise.resolve();
  return new Promise((resolve) => {
    const leave = setTimeout(() => {
      log.error({ graceMs }, 'an inference thread does not end; it is left behind');
      if (force) worker.terminate().catch(() => undefined);
      else resolve();
    }, graceMs);
    worker.once('exit', () => {
      clearTimeout(leave);
      resolve();
    });
    worker.postMessage(NO_MORE_JOBS);
  });
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
