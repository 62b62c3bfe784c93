/** Commits hits. While the store refuses (disk full), hits wait in memory, bounded and counted, and are tried again. */
import type { Evidence, Hit, Log } from '../types.ts';

export interface Raiser {
  raise(hit: Hit, evidence: readonly Evidence[]): void;
  /** Tries what waits; called once a second. */
  retry(): void;
  /** Hits not yet on disk, and hits lost because even the waiting room was full. */
  state(): { readonly waiting: number; readonly lost: number; readonly error: string | undefined };
}

/** Two pictures a hit, about 100 kB: the waiting room holds some megabytes. */
const MOST_WAITING = 64;

/** `commit` is the one transaction of hit, evidence, audit and outbox; it throws when nothing of it was kept. */
export function openRaiser(commit: (hit: Hit, evidence: readonly Evidence[]) => void, log: Log): Raiser {
  const waiting: { hit: Hit; evidence: readonly Evidence[] }[] = [];
  let lost = 0;
  let error: string | undefined;
  const attempt = (hit: Hit, evidence: readonly Evidence[]): boolean => {
    try {
      commit(hit, evidence);
      error = undefined;
      return true;
    } catch (e) {
      const text = e instanceof Error ? e.message : String(e);
      if (error === undefined) log.error({ hit: hit.id, cause: text }, 'a hit could not be stored; it waits in memory');
      error = text;
      return false;
    }
  };
  return {
    raise(hit, evidence) {
      if (waiting.length === 0 && attempt(hit, evidence)) return;
      if (waiting.length >= MOST_WAITING) {
        lost++;
        log.error({ hit: hit.id, lost }, 'a hit is lost: the store refuses and the waiting room is full');
        return;
      }
      waiting.push({ hit, evidence });
    },
    retry() {
      while (waiting[0] && attempt(waiting[0].hit, waiting[0].evidence)) waiting.shift();
    },
    state: () => ({ waiting: waiting.length, lost, error }),
  };
}
