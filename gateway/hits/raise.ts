/** Commits hits. While the store refuses (disk full), hits wait in memory, bounded and counted, and are tried again. */
import type { Evidence, Hit, Id, Log } from '../types.ts';

export interface Raiser {
  /**
   * Resolves at the commit, with the id under which the store keeps the hit: that of an earlier one where this was seen again. While the
   * store refuses it is pending. Rejects when the hit is lost, which is logged here.
   */
  raise(hit: Hit, evidence: readonly Evidence[]): Promise<Id>;
  /** Tries what waits; called once a second. */
  retry(): void;
  /** Hits not yet on disk, and hits lost because even the waiting room was full. */
  state(): { readonly waiting: number; readonly lost: number; readonly error: string | undefined };
}

/** Two pictures a hit, about 100 kB: the waiting room holds some megabytes. */
const MOST_WAITING = 64;

interface Waiting {
  readonly hit: Hit;
  readonly evidence: readonly Evidence[];
  committed(id: Id): void;
}

/** `commit` is the one transaction of hit, evidence, audit and outbox; it throws when nothing of it was kept, and says the id it is kept under. */
export function openRaiser(commit: (hit: Hit, evidence: readonly Evidence[]) => Id, log: Log): Raiser {
  const waiting: Waiting[] = [];
  let lost = 0;
  let error: string | undefined;
  const attempt = (hit: Hit, evidence: readonly Evidence[]): Id | undefined => {
    try {
      const id = commit(hit, evidence);
      error = undefined;
      return id;
    } catch (e) {
      const text = e instanceof Error ? e.message : String(e);
      if (error === undefined) log.error({ hit: hit.id, cause: text }, 'a hit could not be stored; it waits in memory');
      error = text;
      return undefined;
    }
  };
  return {
    raise(hit, evidence) {
      // Before a promise is made: a hit that can be stored is on disk when this returns.
      const id = waiting.length === 0 ? attempt(hit, evidence) : undefined;
      if (id !== undefined) return Promise.resolve(id);
      if (waiting.length >= MOST_WAITING) {
        lost++;
        log.error({ hit: hit.id, lost }, 'a hit is lost: the store refuses and the waiting room is full');
        return Promise.reject(new Error('the store refuses and the waiting room is full'));
      }
      return new Promise((committed) => waiting.push({ hit, evidence, committed }));
    },
    retry() {
      for (let next = waiting[0]; next; next = waiting[0]) {
        const id = attempt(next.hit, next.evidence);
        if (id === undefined) return;
        waiting.shift();
        next.committed(id);
      }
    },
    state: () => ({ waiting: waiting.length, lost, error }),
  };
}
