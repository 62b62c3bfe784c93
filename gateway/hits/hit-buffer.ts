/**
 * Commits hits. While the store refuses (disk full), hits wait in memory, bounded and counted, and are tried again. A hit that cannot be stored
 * for a reason of its own (a damaged page, an outbox that is full) is set aside, so that it does not hold up the others.
 */
import { causeOf, kindOf } from '../contracts/errors.ts';
import { single, type Status } from '../contracts/status.ts';
import { isRefusal } from '../store/connection/health.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import type { Id, Log } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { Evidence } from '../contracts/picture.ts';
import { problem } from '../contracts/words/problem.ts';
import { english } from '../contracts/words/words.ts';

/** Of each of the two queues. Two pictures a hit are about 100 kB, so a full queue holds some megabytes. */
const MAX_BUFFERED = 64;

interface BufferedHit {
  readonly hit: Hit;
  readonly evidence: readonly Evidence[];
  committed(id: Id): void;
  lost(why: Error): void;
}

/** `refused`: the store would take no other hit either. `failed`: only this one cannot be stored. */
type CommitAttempt = { readonly id: Id } | 'refused' | 'failed';

export class HitBuffer {
  readonly #commit: (hit: Hit, evidence: readonly Evidence[]) => Id;
  readonly #log: Log;
  readonly #waiting: BufferedHit[] = [];
  readonly #aside: BufferedHit[] = [];
  #lost = 0;
  #error: string | undefined;
  #asideWhy: string | undefined;

  /** `commit` is one transaction of hit, evidence, audit and outbox: it returns the id under which the store keeps the hit, or throws with nothing stored. */
  constructor(commit: (hit: Hit, evidence: readonly Evidence[]) => Id, log: Log) {
    this.#commit = commit;
    this.#log = log;
  }

  /**
   * Resolves at the commit, with the id under which the store keeps the hit: that of an earlier one where the same vehicle or document was seen
   * again. Pending while it cannot be stored. Rejects when the hit is lost, which is logged here.
   */
  raise(hit: Hit, evidence: readonly Evidence[]): Promise<Id> {
    // Before a promise is made: a hit that can be stored is on disk when this returns.
    const outcome = this.#waiting.length === 0 ? this.#attempt(hit, evidence) : 'refused';
    if (typeof outcome === 'object') return Promise.resolve(outcome.id);
    return new Promise((committed, lost) =>
      this.#add(outcome === 'refused' ? this.#waiting : this.#aside, { hit, evidence, committed, lost }),
    );
  }

  /** Tries again what waits; called once a second. */
  retry(): void {
    if (this.#retryAll(this.#waiting)) this.#retryAll(this.#aside);
    if (this.#aside.length === 0) this.#asideWhy = undefined;
  }

  /** Hits that wait because the store refuses (`error`), and hits lost because the buffer was full. */
  state(): { readonly waiting: number; readonly lost: number; readonly error: string | undefined } {
    return { waiting: this.#waiting.length, lost: this.#lost, error: this.#error };
  }

  /** Of the hits that were set aside. */
  readonly status: Status = {
    problems: () =>
      this.#aside.length === 0
        ? []
        : [problem('storage:aside', 'hits-aside', { hits: this.#aside.length, cause: this.#asideWhy ?? '' })],
    readings: () => [
      single(
        'sitebox_hits_aside',
        'gauge',
        'Hits that cannot be stored for a reason of their own',
        () => this.#aside.length,
      ),
    ],
    health: () => ({ hitsAside: { hits: this.#aside.length, why: this.#asideWhy ?? null } }),
  };

  #attempt(hit: Hit, evidence: readonly Evidence[]): CommitAttempt {
    try {
      const id = this.#commit(hit, evidence);
      this.#error = undefined;
      return { id };
    } catch (error) {
      const cause = causeWithoutHit(error);
      if (!isRefusal(error) || isOfOnePage(error)) {
        this.#asideWhy = cause;
        return 'failed';
      }
      if (this.#error === undefined) {
        this.#log.error({ hit: hit.id, cause }, 'a hit could not be stored; it waits in memory');
      }
      this.#error = cause;
      return 'refused';
    }
  }

  #add(queue: BufferedHit[], buffered: BufferedHit): void {
    const hit = buffered.hit.id;
    if (queue.length < MAX_BUFFERED) {
      queue.push(buffered);
      if (queue === this.#waiting) return;
      return this.#log.error({ hit, cause: this.#asideWhy }, 'a hit cannot be stored; the others go on without it');
    }
    const why = english(queue === this.#waiting ? 'push-hit-lost' : 'push-hit-lost-aside');
    this.#lost++;
    this.#log.error({ hit, lost: this.#lost }, `a hit is lost: ${why}`);
    buffered.lost(new Error(why));
  }

  /** Tries each hit of a queue once, until the store refuses (false). A hit that fails goes to the end of `#aside`. */
  #retryAll(queue: BufferedHit[]): boolean {
    for (let left = queue.length; left > 0; left--) {
      const next = queue[0]!;
      const outcome = this.#attempt(next.hit, next.evidence);
      if (outcome === 'refused') return false;
      queue.shift();
      if (outcome === 'failed' && queue === this.#aside) queue.push(next);
      else if (outcome === 'failed') this.#add(this.#aside, next);
      else next.committed(outcome.id);
    }
    return true;
  }
}

/** A page that cannot be read concerns some hits; one that cannot be written concerns all. */
function isOfOnePage(error: unknown): boolean {
  return /^SQLITE_IOERR_(READ|SHORT_READ|DATA|CORRUPTFS)$/.test(String((error as { code?: unknown }).code));
}

/** Messages of the store and the outbox quote no hit; those of other errors may, so only their kind is named. */
function causeWithoutHit(error: unknown): string {
  const quotesNothing =
    isRefusal(error) ||
    error instanceof OutboxFull ||
    /^SQLITE_/.test(String((error as { code?: unknown } | null)?.code));
  return quotesNothing ? causeOf(error) : kindOf(error);
}
