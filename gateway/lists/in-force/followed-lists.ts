/**
 * The lists of the running box. A thread loads them, so that a list of 100,000 entries never blocks the event loop, and they are swapped in
 * in one step; until then the ones before stay in force.
 */
import { Worker } from 'node:worker_threads';
import { unlessDamaged } from '../../store/db.ts';
import { storedListBytes } from '../../store/lists.ts';
import { causeOf } from '../../contracts/errors.ts';
import type { Instant, Log } from '../../contracts/base.ts';
import { ActiveLists, type ListsOptions } from './active-lists.ts';
import { english } from '../../contracts/words/words.ts';
import type { LoadRequest } from './load-worker.ts';
import type { LoadedStore } from './load-store.ts';

interface FollowOptions extends ListsOptions {
  /** Of the store. */
  readonly folder: string;
  /** Trusted time. */
  readonly now: () => Instant;
  readonly log: Log;
  /** A load that takes longer counts as failed until it ends after all. */
  readonly maxLoadMs?: number;
}

/** Up to this size the start waits for the lists, which takes a fraction of a second. */
const MAX_AWAITED_BYTES = 2 ** 20;
/** Heap of the thread; the longest list took 420 MB. */
const MAX_HEAP_MB = 1536;
const RETRY_MS = 30_000;
/** The longest list takes seconds, or more where all cores are busy. A load that hangs in the disk cannot be ended, only reported. */
const MAX_LOAD_MS = 600_000;
const WORKER = new URL('./load-worker.ts', import.meta.url);

/** Loading begins at once. */
export class FollowedLists extends ActiveLists {
  readonly #options: FollowOptions;
  /** Settles with the first load, or when that takes too long. */
  readonly #first = Promise.withResolvers<void>();
  /** Resolves when the running thread has ended. */
  #ended: Promise<void> | undefined;
  #error: string | undefined;
  #triedAt = 0;
  #closed = false;

  constructor(options: FollowOptions) {
    super(options);
    this.#options = options;
    this.#reload();
  }

  /** Loads again where another process has imported or rotated something. Cheap otherwise: call it about once a second. */
  reloadIfChanged(): void {
    if (this.#ended || this.#closed) return;
    const retry = performance.now() - this.#triedAt > RETRY_MS;
    if (this.#error === undefined ? this.changed() : retry) {
      this.#reload();
    } else if (retry && this.unstoredRoot()) {
      this.#triedAt = performance.now();
      this.storeRoot(this.#options.now());
    }
  }

  /** Resolves when the lists are loaded or could not be; at once where they are so long that the box should serve meanwhile. */
  started(): Promise<void> {
    const bytes = unlessDamaged(() => storedListBytes(this.#options.db), 0);
    return bytes > MAX_AWAITED_BYTES ? Promise.resolve() : this.#first.promise;
  }

  /** Why the last load failed. What was loaded before stays in force, and the load is tried again. */
  loadError(): string | undefined {
    return this.#error;
  }

  loading(): boolean {
    return this.#ended !== undefined;
  }

  /** Waits for a running load, which takes seconds for the longest lists: a thread that is forced to end aborts the process (decision 003). */
  async close(): Promise<void> {
    this.#closed = true;
    this.#first.resolve();
    await this.#ended;
  }

  #reload(): void {
    this.#load()
      .then(() => this.#first.resolve())
      .catch((error: unknown) => this.#loadFailed(error));
  }

  async #load(): Promise<void> {
    const { maxLoadMs = MAX_LOAD_MS, now } = this.#options;
    this.#triedAt = performance.now();
    const worker = new Worker(WORKER, {
      workerData: this.#request(),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
      // Flags of a test runner are not for this thread.
      execArgv: [],
    });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#ended = ended;
    const late = (): void => this.#loadFailed(new Error(english('lists-load-too-slow', { seconds: maxLoadMs / 1000 })));
    const timer = setTimeout(late, maxLoadMs);
    try {
      const loaded = await answerOf(worker);
      if (this.#closed) return;
      this.take(loaded, now());
      this.#error = undefined;
    } finally {
      clearTimeout(timer);
      // The next load waits until this heap is freed.
      await ended;
      this.#ended = undefined;
    }
  }

  #request(): LoadRequest {
    const { db, folder, site, trustFile, limits } = this.#options;
    const isSalvaged = db.health.state().refusal?.kind === 'damaged';
    return { folder, site, trustFile, limits, isSalvaged, inMemory: db.inMemory() };
  }

  #loadFailed(cause: unknown): void {
    this.#first.resolve();
    if (this.#closed) return;
    this.#error = causeOf(cause);
    this.failed(this.#error);
    this.#options.log.error(
      { cause: this.#error },
      'the lists cannot be loaded: what was in force before stays in force; the load is tried again',
    );
  }
}

/** Rejects when the thread fails, or ends without an answer. */
function answerOf(thread: Worker): Promise<LoadedStore> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error(english('lists-load-no-answer'))));
  });
}
