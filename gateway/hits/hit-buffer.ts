/**
 * Commits hits. While the store refuses (disk full), hits wait in memory, bounded and counted, and are tried again. A hit that cannot be kept for
 * a reason of its own (a damaged page, an outbox that is full) stands aside, so that it holds up no other.
 */
import { causeOf, kindOf } from '../contracts/errors.ts';
import type { Status } from '../contracts/status.ts';
import { isRefusal } from '../store/connection/health.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import type { Id, Log } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { Evidence } from '../contracts/picture.ts';
import { problem } from '../contracts/words/problem.ts';

export interface HitBuffer {
  /**
   * Resolves at the commit, with the id under which the store keeps the hit: that of an earlier one where this was seen again. While it cannot
   * be kept it is pending. Rejects when the hit is lost, which is logged here.
   */
  raise(hit: Hit, evidence: readonly Evidence[]): Promise<Id>;
  /** Tries what waits; called once a second. */
  retry(): void;
  /** Hits not yet on disk because the store refuses, and hits lost because even the waiting room was full. */
  state(): { readonly waiting: number; readonly lost: number; readonly error: string | undefined };
  /** Of the hits that stand aside. */
  readonly status: Status;
}

/** Two pictures a hit, about 100 kB: each of the two rooms holds some megabytes. */
const MAX_WAITING = 64;

interface BufferedHit {
  readonly hit: Hit;
  readonly evidence: readonly Evidence[];
  committed(id: Id): void;
  lost(why: Error): void;
}

/** `refused`: nothing else would be taken now either. `failed`: it is this hit's own. */
type CommitAttempt = { readonly id: Id } | 'refused' | 'failed';

/** `commit` is the one transaction of hit, evidence, audit and outbox; it throws when nothing of it was kept, and says the id it is kept under. */
export function openHitBuffer(commit: (hit: Hit, evidence: readonly Evidence[]) => Id, log: Log): HitBuffer {
  const waiting: BufferedHit[] = [];
  const aside: BufferedHit[] = [];
  let lost = 0;
  let error: string | undefined;
  let asideWhy: string | undefined;
  const attempt = (hit: Hit, evidence: readonly Evidence[]): CommitAttempt => {
    try {
      const id = commit(hit, evidence);
      error = undefined;
      return { id };
    } catch (e) {
      const cause = whyNot(e);
      if (isRefusal(e) && !isOfOnePage(e)) {
        if (error === undefined) log.error({ hit: hit.id, cause }, 'a hit could not be stored; it waits in memory');
        error = cause;
        return 'refused';
      }
      asideWhy = cause;
      return 'failed';
    }
  };
  const wait = (room: BufferedHit[], what: BufferedHit): void => {
    if (room.length < MAX_WAITING) {
      if (room === aside)
        log.error({ hit: what.hit.id, cause: asideWhy }, 'a hit cannot be stored; the others go on without it');
      return void room.push(what);
    }
    lost++;
    const why = room === waiting ? 'the store refuses' : 'the store cannot keep it';
    log.error({ hit: what.hit.id, lost }, `a hit is lost: ${why} and the waiting room is full`);
    what.lost(new Error(`${why} and the waiting room is full`));
  };
  /** Tries each of a room once, until the store refuses. What fails stands aside. */
  const retryRoom = (room: BufferedHit[]): boolean => {
    for (let left = room.length; left > 0; left--) {
      const next = room[0]!;
      const outcome = attempt(next.hit, next.evidence);
      if (outcome === 'refused') return false;
      room.shift();
      if (outcome === 'failed' && room === aside) room.push(next);
      else if (outcome === 'failed') wait(aside, next);
      else next.committed(outcome.id);
    }
    return true;
  };
  return {
    raise(hit, evidence) {
      // Before a promise is made: a hit that can be stored is on disk when this returns.
      const outcome = waiting.length === 0 ? attempt(hit, evidence) : 'refused';
      if (typeof outcome === 'object') return Promise.resolve(outcome.id);
      return new Promise((committed, lose) =>
        wait(outcome === 'refused' ? waiting : aside, { hit, evidence, committed, lost: lose }),
      );
    },
    retry() {
      if (retryRoom(waiting)) retryRoom(aside);
      if (aside.length === 0) asideWhy = undefined;
    },
    state: () => ({ waiting: waiting.length, lost, error }),
    status: {
      problems: () =>
        aside.length === 0
          ? []
          : [problem('storage:aside', 'hits-aside', { hits: aside.length, cause: asideWhy ?? '' })],
      readings: () => [
        {
          name: 'sitebox_hits_aside',
          type: 'gauge',
          labels: [],
          help: 'Hits that cannot be stored for a reason of their own',
          read: () => [[[], aside.length]],
        },
      ],
      health: () => ({ hitsAside: { hits: aside.length, why: asideWhy ?? null } }),
    },
  };
}

/** A page that the disk cannot read is of some hits; what it cannot write is of all. */
function isOfOnePage(error: unknown): boolean {
  return /^SQLITE_IOERR_(READ|SHORT_READ|DATA|CORRUPTFS)$/.test(String((error as { code?: unknown }).code));
}

/** What the store or the outbox says quotes no hit; what anything else says may. */
function whyNot(error: unknown): string {
  const said =
    isRefusal(error) ||
    error instanceof OutboxFull ||
    /^SQLITE_/.test(String((error as { code?: unknown } | null)?.code));
  return said ? causeOf(error) : kindOf(error);
}
