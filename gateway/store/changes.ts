/** What changed since a place in the table that triggers fill (migrations.ts): the place outlives restarts, and every program's changes are in it. */
import type { Id, Instant } from '../contracts/base.ts';
import type { ListType } from '../contracts/list.ts';
import type { ReviewState } from '../contracts/review.ts';
import type { Db } from './db.ts';
import type { Outage } from './outages.ts';
import { fromRow } from './shapes.ts';

export interface Change {
  readonly seq: number;
  readonly kind: 'hit' | 'sos' | 'order' | 'alert' | 'alarm';
  /** Id of the hit, call or order; of an alert that of its hit; of an alarm the number for `alarmOf`. */
  readonly about: string;
  readonly mark: string;
}

/** At one reading. */
export const MAX_CHANGES = 100;
const PLACE = /^(\d{1,15})-([0-9a-f]{8})$/;

/** Oldest first, at most MAX_CHANGES. */
export function changesAfter(db: Db, seq: number): readonly Change[] {
  return db
    .prepare(`SELECT seq, kind, about, mark FROM changes WHERE seq > ? ORDER BY seq LIMIT ${MAX_CHANGES}`)
    .all(seq) as Change[];
}

export function newestChange(db: Db): Change | undefined {
  return db.prepare('SELECT seq, kind, about, mark FROM changes WHERE seq = (SELECT max(seq) FROM changes)').get() as
    Change | undefined;
}

export function placeOf({ seq, mark }: Change): string {
  return `${seq}-${mark}`;
}

/** The number of the change at `place`. Undefined: it is no place of this store, or so old that the changes after it are not all kept. */
export function seqAt(db: Db, place: string): number | undefined {
  const [, seq, mark] = PLACE.exec(place) ?? [];
  if (seq === undefined) return undefined;
  return db.prepare('SELECT seq FROM changes WHERE seq = ? AND mark = ?').pluck().get(Number(seq), mark) as
    number | undefined;
}

interface HitFacts {
  readonly id: Id;
  readonly lane: string;
  readonly state: ReviewState;
  readonly list: ListType;
  readonly last: Instant;
}

/** What lies beside the sealed body. */
export function hitFacts(db: Db, hit: Id): HitFacts | undefined {
  const row = db.prepare('SELECT id, lane, state, listType AS list, lastMs FROM hits WHERE id = ?').get(hit);
  return row === undefined ? undefined : (fromRow(row) as HitFacts);
}

export interface WaitingHits {
  readonly lane: string;
  readonly hits: number;
}

const MAX_COUNTED = 1_000;

/** Hits that wait for an opinion, by lane; of each state the newest MAX_COUNTED. */
export function waitingHits(db: Db): readonly WaitingHits[] {
  return db
    .prepare(
      `SELECT lane, count(*) AS hits FROM (
         SELECT * FROM (SELECT lane FROM hits WHERE state = 'unreviewed' ORDER BY lastMs DESC, id DESC LIMIT ${MAX_COUNTED})
         UNION ALL
         SELECT * FROM (SELECT lane FROM hits WHERE state = 'first' ORDER BY lastMs DESC, id DESC LIMIT ${MAX_COUNTED}))
       GROUP BY lane ORDER BY lane`,
    )
    .all() as WaitingHits[];
}

/** An alarm from its beginning, or to its end. Undefined: it is forgotten. */
export function alarmOf(db: Db, about: string): Outage | undefined {
  const row = db.prepare('SELECT key, what, fromMs, toMs FROM outages WHERE seq = ?').get(Number(about));
  return row === undefined ? undefined : (fromRow(row) as Outage);
}
