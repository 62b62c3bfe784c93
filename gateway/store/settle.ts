/** At the start of a gateway: is the store as far as its anchors say it has been? One that is not says so in its audit log, and revives nothing. */
import { causeOf } from '../errors.ts';
import type { Status } from '../ops/status.ts';
import type { Instant, Log } from '../types.ts';
import {
  ANCHORS_FILE,
  applyAnchors,
  folderOf,
  lastHead,
  readAnchors,
  saveAnchors,
  type ReadAnchors,
} from './anchors.ts';
import { auditHash, lostHead, readHead, restartAudit } from './audit.ts';
import type { Db } from './connection.ts';
import { getMeta, setMeta } from './db.ts';

export interface AnchorKeeper {
  readonly status: Status;
  /** Writes the anchors where they say less than the store; called once a minute. Never throws. */
  save(): void;
}

/** Set once a store has had anchors: from then on a missing file is odd. */
const HAD_ANCHORS = 'anchorsWritten';

/** Throws what the store throws. Nothing is done where it cannot be written. */
export function settleAnchors(db: Db, { now, log }: { readonly now: Instant; readonly log: Log }): AnchorKeeper {
  const folder = folderOf(db);
  let failed: string | undefined;
  let lost: string | undefined;
  const save = (): void => {
    try {
      if (db.health.state().refusal) return;
      saveAnchors(db);
      if (getMeta(db, HAD_ANCHORS) === undefined) setMeta(db, HAD_ANCHORS, '1');
      failed = undefined;
    } catch (error) {
      if (failed === undefined) log.error({ cause: causeOf(error) }, 'anchors.json could not be written');
      failed = causeOf(error);
    }
  };
  if (folder !== undefined && !db.health.state().refusal) {
    const read = readAnchors(folder);
    lost = whatIsLost(db, read);
    if (lost !== undefined) log.error({ why: lost }, 'anchors.json is made anew from the store');
    // What cannot be put aside is tried again with each `save`, which says so: it keeps no box from starting.
    settle(db, folder, read, now, log);
    save();
  }
  const todo = 'what a backup that is restored could undo is known only since then: see docs/store.md';
  return {
    save,
    status: {
      problems: () => [
        ...(failed === undefined
          ? []
          : [
              {
                key: 'store:anchors',
                what: `anchors.json beside the store could not be written: ${failed}`,
                todo: 'free space on the disk, or mend the folder; the box tries again each minute',
              },
            ]),
        ...(lost === undefined
          ? []
          : [{ key: 'store:anchors lost', what: `${lost}; it was made anew from the store`, todo }]),
      ],
    },
  };
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
  const other = known !== undefined && !shorter && auditHash(db, known.seq) !== known.hash;
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
