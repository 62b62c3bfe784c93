/** Compares the store with its anchors when a gateway starts. A store that is behind them records it in its audit log, and revives nothing. */
import { causeOf } from '../../contracts/errors.ts';
import { single, type Problem, type Status } from '../../contracts/status.ts';
import type { Instant, Log } from '../../contracts/base.ts';
import { AnchorsError, applyAnchors, readAnchors, saveAnchors, type AnchorsFileState } from './anchors.ts';
import { knowsRow, lostHead, readHead, restartAudit } from '../audit.ts';
import type { Db } from '../connection/connection.ts';
import { getMeta, setMeta } from '../db.ts';
import { folderOf, lastHead } from './head-file.ts';
import { isRefusal } from '../connection/health.ts';
import { ANCHORS_FILE } from '../files/names.ts';
import { NO_ANCHORS } from './shape.ts';
import { problem } from '../../contracts/words/problem.ts';
import { english } from '../../contracts/words/words.ts';

/** Set once a store has anchors: from then on a missing file is a problem. */
const HAD_ANCHORS = 'anchorsWritten';

/** Settles the store now, or before its first write if it still refuses writes. Throws what the store throws otherwise. */
export function settleAnchors(db: Db, { now, log }: { readonly now: () => Instant; readonly log: Log }) {
  let settled = false;
  let failed: { readonly code: Failure; readonly cause: string } | undefined;
  let failures = 0;
  let lost: Problem | undefined;
  const settleOnce = (): void => {
    const folder = settled ? undefined : folderOf(db);
    if (folder === undefined) return;
    const read = readAnchors(folder);
    const before = lost;
    lost ??= whatIsLost(db, read);
    if (lost && lost !== before) log.error({ why: lost.what }, 'anchors.json is made anew from the store');
    db.write(() => settle(db, folder, read, now(), log));
    settled = true;
  };
  const fail = (code: Failure, error: unknown): void => {
    const cause = causeOf(error);
    failures++;
    if (failed === undefined) log.error({ cause, code }, 'anchors.json is not up to date');
    failed = { code, cause };
  };
  const save = (): void => {
    if (db.health.state().refusal) return;
    try {
      settleOnce();
    } catch (error) {
      return fail('anchors-uncompared', error);
    }
    try {
      if (!settled) return;
      // A damaged file that cannot be moved aside is tried again with each call and reported; it does not prevent the start.
      saveAnchors(db, { settled });
      if (getMeta(db, HAD_ANCHORS) === undefined) setMeta(db, HAD_ANCHORS, '1');
      failed = undefined;
    } catch (error) {
      fail('anchors-unwritten', error instanceof AnchorsError ? error.cause : error);
    }
  };
  try {
    settleOnce();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  if (settled) save();
  else
    db.beforeWrites(() => {
      try {
        settleOnce();
      } catch (error) {
        // If the store itself refuses, the next write is refused too. Any other failure is reported, and no hit is lost for it.
        if (isRefusal(error)) throw error;
        fail('anchors-uncompared', error);
      }
    });
  const status: Status = {
    problems: () => [
      ...(failed === undefined ? [] : [problem('store:anchors', failed.code, { cause: failed.cause })]),
      ...(lost ? [lost] : []),
    ],
    readings: () => [
      single(
        'sitebox_anchor_failures_total',
        'counter',
        'times that anchors.json could not be written, or the store not be compared with it',
        () => failures,
      ),
    ],
  };
  return {
    status,
    /** Writes the anchors if they are behind the store; called every minute. Never throws. */
    save,
    /** The store was compared with its anchors. Until then nothing is written to it, and neither anchors nor `audit.head` are overwritten. */
    settled: () => settled,
  };
}

/** A failure beside the store. */
type Failure = 'anchors-uncompared' | 'anchors-unwritten';

function whatIsLost(db: Db, read: AnchorsFileState): Problem | undefined {
  const key = 'store:anchors lost';
  if (read.state === 'damaged')
    return problem(key, 'anchors-damaged', { cause: read.why, aside: `${ANCHORS_FILE}.damaged` });
  const wasThere = read.state === 'missing' && getMeta(db, HAD_ANCHORS) !== undefined;
  return wasThere ? problem(key, 'anchors-gone') : undefined;
}

function settle(db: Db, folder: string, read: AnchorsFileState, now: Instant, log: Log): void {
  const anchors = read.state === 'ok' ? read.anchors : undefined;
  const last = lastHead(folder, anchors);
  const head = readHead(db) ?? lostHead(db);
  const shorter = last !== undefined && (head?.seq ?? 0) < last.seq;
  const older = last !== undefined && (shorter || !knowsRow(db, last));
  if (older) {
    const why = shorter
      ? english('store-shorter', { last: head?.seq ?? 0, known: last.seq })
      : english('store-replaced', { known: last.seq });
    log.error({ why }, 'the store is older than it was');
    restartAudit(db, { at: now, who: 'box', why, lastKnown: last.seq });
  }
  if (anchors || older) applyAnchors(db, anchors ?? NO_ANCHORS, { now, older, head: last });
}
