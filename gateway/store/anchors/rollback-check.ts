/** At the start of a gateway: is the store as far as its anchors say it has been? One that is not says so in its audit log, and revives nothing. */
import { causeOf } from '../../contracts/errors.ts';
import type { Status } from '../../contracts/status.ts';
import type { Instant, Log } from '../../contracts/base.ts';
import { applyAnchors, readAnchors, saveAnchors, type ReadAnchors } from './anchors.ts';
import { knowsRow, lostHead, readHead, restartAudit } from '../audit.ts';
import type { Db } from '../connection/connection.ts';
import { getMeta, setMeta } from '../db.ts';
import { folderOf, lastHead } from './head-file.ts';
import { isRefusal } from '../connection/health.ts';
import { ANCHORS_FILE } from '../files/names.ts';

export interface AnchorKeeper {
  readonly status: Status;
  /** Writes the anchors where they say less than the store; called once a minute. Never throws. */
  save(): void;
  /** The store was compared with its anchors. Until then nothing is written to it, and neither anchors nor `audit.head` are overwritten. */
  readonly settled: () => boolean;
}

export interface SettleParts {
  readonly now: () => Instant;
  readonly log: Log;
}

/** Set once a store has had anchors: from then on a missing file is odd. */
const HAD_ANCHORS = 'anchorsWritten';

/** A store that refuses writes is settled before the first that it takes. Throws what the store throws otherwise. */
export function settleAnchors(db: Db, { now, log }: SettleParts): AnchorKeeper {
  let settled = false;
  let failed: string | undefined;
  let failures = 0;
  let lost: string | undefined;
  const settleOnce = (): void => {
    const folder = settled ? undefined : folderOf(db);
    if (folder === undefined) return;
    const read = readAnchors(folder);
    const before = lost;
    lost ??= whatIsLost(db, read);
    if (lost !== before) log.error({ why: lost }, 'anchors.json is made anew from the store');
    db.transaction(() => settle(db, folder, read, now(), log)).immediate();
    settled = true;
  };
  const fail = (what: string, error: unknown): void => {
    const cause = causeOf(error);
    failures++;
    if (failed === undefined) log.error({ cause }, what);
    failed = `${what}: ${cause}`;
  };
  const save = (): void => {
    if (db.health.state().refusal) return;
    try {
      settleOnce();
    } catch (error) {
      return fail('the store could not be compared with anchors.json', error);
    }
    try {
      if (!settled) return;
      // What cannot be put aside is tried again with each call, which says so: it keeps no box from starting.
      saveAnchors(db, { settled });
      if (getMeta(db, HAD_ANCHORS) === undefined) setMeta(db, HAD_ANCHORS, '1');
      failed = undefined;
    } catch (error) {
      fail('anchors.json could not be written', error);
    }
  };
  try {
    settleOnce();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  if (settled) save();
  else db.beforeWrites(() => beforeFirst(settleOnce, fail));
  const todo = 'what a backup that is restored could undo is known only since then: see docs/store.md';
  return {
    save,
    settled: () => settled,
    status: {
      problems: () => [
        ...(failed === undefined
          ? []
          : [
              {
                key: 'store:anchors',
                what: `beside the store: ${failed}`,
                todo: 'free space on the disk, or mend the folder; the box tries again each minute',
              },
            ]),
        ...(lost === undefined
          ? []
          : [{ key: 'store:anchors lost', what: `${lost}; it was made anew from the store`, todo }]),
      ],
      readings: () => [
        {
          ...{ name: 'sitebox_anchor_failures_total', type: 'counter', labels: [] },
          help: 'times that anchors.json could not be written, or the store not be compared with it',
          read: () => [[[], failures]],
        },
      ],
    },
  };
}

/** A write before which the store refuses is refused. Anything else is told, and keeps no hit out of the store. */
function beforeFirst(settleOnce: () => void, fail: (what: string, error: unknown) => void): void {
  try {
    settleOnce();
  } catch (error) {
    if (isRefusal(error)) throw error;
    fail('the store could not be compared with anchors.json', error);
  }
}

function whatIsLost(db: Db, read: ReadAnchors): string | undefined {
  if (read.state === 'damaged')
    return `anchors.json is damaged (${read.why}) and is put aside as ${ANCHORS_FILE}.damaged`;
  return read.state === 'missing' && getMeta(db, HAD_ANCHORS) !== undefined ? 'anchors.json was gone' : undefined;
}

function settle(db: Db, folder: string, read: ReadAnchors, now: Instant, log: Log): void {
  const anchors = read.state === 'ok' ? read.anchors : undefined;
  const known = lastHead(folder, anchors);
  const head = readHead(db) ?? lostHead(db);
  const shorter = known !== undefined && (head?.seq ?? 0) < known.seq;
  const other = known !== undefined && !shorter && !knowsRow(db, known);
  if (shorter || other) {
    const why = shorter
      ? `the store ends with audit row ${head?.seq ?? 0}, and row ${known.seq} had been written: rows were lost after they were acknowledged`
      : `audit row ${known.seq} is another one than was written: the store was replaced`;
    log.error({ why }, 'the store is older than it was');
    restartAudit(db, { at: now, who: 'box', why, lastKnown: known.seq });
  }
  if (anchors) applyAnchors(db, anchors, { now, older: shorter || other, head: known });
  else if (shorter || other) {
    const nothing = { anchors: 1, root: null, lists: {}, clockMs: 0, revoked: [], audit: known } as const;
    applyAnchors(db, nothing, { now, older: true, head: known });
  }
}
