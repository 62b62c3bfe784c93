/**
 * The lists of the running box: loaded by a thread, so that a list of 100,000 entries never holds up the event loop, and taken over in one step.
 * Until then what was loaded before stays in force.
 */
import { Worker } from 'node:worker_threads';
import { unlessDamaged } from '../../store/db.ts';
import { storedListBytes } from '../../store/lists.ts';
import { causeOf } from '../../contracts/errors.ts';
import type { Instant, Log } from '../../contracts/base.ts';
import { openInForce, type ListsOptions, type LookUpLists } from './active.ts';
import type { LoadRequest } from './load-worker.ts';
import type { LoadedStore } from './load.ts';
import { type Problem } from '../../contracts/status.ts';
import { english } from '../../contracts/words/words.ts';

export interface FollowOptions extends ListsOptions {
  /** Of the store. */
  readonly folder: string;
  /** Trusted time. */
  readonly now: () => Instant;
  readonly log: Log;
  /** A load that takes longer counts as failed until it ends after all. */
  readonly maxLoadMs?: number;
}

export interface FollowedLists extends LookUpLists {
  /** Loads again where another process has imported or rotated something. Cheap otherwise: to be called about once a second. */
  turn(): void;
  /** Resolves when the lists are loaded or could not be: at once where they are so long that the box had better serve meanwhile. */
  started(): Promise<void>;
  /** The store has not taken a root that is in force; it is tried again. */
  rootUnstored(): Problem | undefined;
  /** Why the last load failed; what was loaded before stays. It is tried again. */
  loadError(): string | undefined;
  /** A load is under way. */
  loading(): boolean;
  close(): Promise<void>;
}

/** Up to this size the start waits for the lists, which takes a fraction of a second. */
export const MAX_AWAITED_BYTES = 2 ** 20;
/** The heap that the thread may use; a list of the longest kind took 420 MB. */
const MAX_HEAP_MB = 1536;
const RETRY_MS = 30_000;
/** The longest list takes seconds, and more where all cores are busy. One that a disk holds up cannot be ended: it is only said. */
const MAX_LOAD_MS = 600_000;
const WORKER = new URL('./load-worker.ts', import.meta.url);

/** Loading begins at once. */
export function followLists(options: FollowOptions): FollowedLists {
  const { db, folder, site, trustFile, limits, log, maxLoadMs = MAX_LOAD_MS } = options;
  const inForce = openInForce(options);
  const request = (): LoadRequest => {
    const isSalvaged = db.health.state().refusal?.kind === 'damaged';
    return { folder, site, trustFile, limits, isSalvaged, inMemory: db.inMemory() };
  };
  let worker: Worker | undefined;
  let error: string | undefined;
  let triedAt = 0;
  let closed = false;

  /** Ends with the first load, or when that takes too long. */
  const first = Promise.withResolvers<void>();
  const failed = (cause: unknown): void => {
    first.resolve();
    if (closed) return;
    error = causeOf(cause);
    inForce.failed(error);
    log.error({ cause: error }, 'the lists cannot be loaded: what was in force before stays; they are tried again');
  };
  const load = async (): Promise<void> => {
    triedAt = performance.now();
    const thread = new Worker(WORKER, {
      workerData: request(),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
      // Flags of a test runner are not for this thread.
      execArgv: [],
    });
    worker = thread;
    const late = setTimeout(
      () => failed(new Error(english('lists-load-too-slow', { seconds: maxLoadMs / 1000 }))),
      maxLoadMs,
    );
    try {
      const loaded = await answerOf(thread);
      if (closed) return;
      inForce.take(loaded, options.now());
      error = undefined;
    } finally {
      clearTimeout(late);
      // Once its heap is freed, and never two at a time.
      await thread.terminate();
      worker = undefined;
    }
  };
  load()
    .then(() => first.resolve())
    .catch(failed);
  return {
    ...inForce.lookUps,
    turn() {
      if (worker || closed) return;
      const again = performance.now() - triedAt > RETRY_MS;
      if (error === undefined ? inForce.changed() : again) {
        load().catch(failed);
      } else if (again && inForce.rootUnstored()) {
        triedAt = performance.now();
        inForce.storeRoot(options.now());
      }
    },
    started: () =>
      unlessDamaged(() => storedListBytes(db), 0) > MAX_AWAITED_BYTES ? Promise.resolve() : first.promise,
    rootUnstored: () => inForce.rootUnstored(),
    loadError: () => error,
    loading: () => worker !== undefined,
    async close() {
      closed = true;
      first.resolve();
      await worker?.terminate();
    },
  };
}

/** Rejects when the thread fails, or ends without an answer. */
function answerOf(thread: Worker): Promise<LoadedStore> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error(english('lists-load-no-answer'))));
  });
}
