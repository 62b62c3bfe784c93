/** What people said of hits: opinions and outcomes in rows of their own, the state beside the hit, and lists of hits by lane and state. */
import type { Id, Instant } from '../contracts/base.ts';
import type { PersonKind } from '../contracts/people.ts';
import type {
  Opinion,
  OpinionReason,
  OpinionVerdict,
  Review,
  ReviewOrigin,
  ReviewState,
  SpotOutcome,
  SpotReport,
} from '../contracts/review.ts';
import type { Db } from './db.ts';

/** One deed, as the rooms that follow what people say read it. */
export interface ReviewChange {
  readonly seq: number;
  readonly hit: Id;
  /** After it. */
  readonly state: ReviewState;
  readonly verdict: OpinionVerdict | null;
  readonly outcome: SpotOutcome | null;
  readonly atMs: Instant;
}

interface ReviewRow extends ReviewChange {
  readonly serviceNumber: string | null;
  readonly name: string | null;
  readonly kind: PersonKind | null;
  readonly reason: OpinionReason | null;
  readonly opened: string;
  readonly characters: string | null;
  readonly origin: ReviewOrigin;
}

/** Undefined where this box has no such hit and had none. A hit that was erased keeps its review. */
export function reviewOf(db: Db, hit: Id): Review | undefined {
  const rows = db
    .prepare(
      `SELECT seq, hit, serviceNumber, name, kind, verdict, reason, opened, characters, outcome, state, origin, atMs
       FROM reviews WHERE hit = ? ORDER BY seq`,
    )
    .all(hit) as ReviewRow[];
  const stored = db.prepare('SELECT state FROM hits WHERE id = ?').pluck().get(hit) as ReviewState | undefined;
  const state = stored ?? rows.at(-1)?.state;
  if (state === undefined) return undefined;
  return {
    hit,
    state,
    opinions: rows.flatMap((row) => (row.verdict === null ? [] : opinionOf(db, row, row.verdict))),
    reports: rows.flatMap((row) => (row.outcome === null ? [] : reportOf(row, row.outcome))),
  };
}

function opinionOf(db: Db, row: ReviewRow, verdict: OpinionVerdict): Opinion {
  const { hit, serviceNumber, name, kind, reason, opened, origin, atMs } = row;
  const characters =
    row.characters === null ? undefined : db.sealing.open(CHARACTERS, `${hit} ${serviceNumber}`, row.characters);
  return {
    ...(serviceNumber !== null && kind !== null ? { judge: { serviceNumber, kind } } : {}),
    ...(name === null ? {} : { name }),
    verdict,
    ...(reason === null ? {} : { reason }),
    opened: opened === '' ? [] : opened.split(' '),
    ...(characters === undefined ? {} : { characters }),
    origin,
    at: atMs,
  };
}

function reportOf({ serviceNumber, kind, origin, atMs }: ReviewRow, outcome: SpotOutcome): SpotReport {
  return { judge: { serviceNumber: serviceNumber ?? '', kind: kind ?? 'auxiliary' }, outcome, origin, at: atMs };
}

const CHARACTERS = 'reviews.characters';

/** They are part of a plate. The people of an instruction `review.v1`, who have no number, read none. */
function sealed(db: Db, hit: Id, serviceNumber: string | undefined, characters: string | undefined): string | null {
  if (serviceNumber === undefined || characters === undefined) return null;
  return db.sealing.seal(CHARACTERS, `${hit} ${serviceNumber}`, characters);
}

/** Joins the open transaction, in which `state` was decided. */
export function addOpinion(db: Db, hit: Id, { judge, name, ...opinion }: Opinion, state: ReviewState): void {
  insert(db, {
    hit,
    serviceNumber: judge?.serviceNumber ?? null,
    name: name ?? null,
    kind: judge?.kind ?? null,
    verdict: opinion.verdict,
    reason: opinion.reason ?? null,
    opened: opinion.opened.join(' '),
    characters: sealed(db, hit, judge?.serviceNumber, opinion.characters),
    outcome: null,
    state,
    origin: opinion.origin,
    atMs: opinion.at,
  });
  db.prepare('UPDATE hits SET state = ? WHERE id = ?').run(state, hit);
  if (state === 'dismissed')
    db.prepare('INSERT OR IGNORE INTO dismissals (hit, atMs) VALUES (?, ?)').run(hit, opinion.at);
}

/** Joins the open transaction. The state of the hit stays. */
export function addReport(db: Db, hit: Id, { judge, outcome, origin, at }: SpotReport, state: ReviewState): void {
  const { serviceNumber, kind } = judge;
  const empty = { name: null, verdict: null, reason: null, opened: '', characters: null } as const;
  insert(db, { hit, serviceNumber, kind, outcome, state, origin, atMs: at, ...empty });
}

function insert(db: Db, row: Omit<ReviewRow, 'seq'>): void {
  db.prepare(
    `INSERT INTO reviews (hit, serviceNumber, name, kind, verdict, reason, opened, characters, outcome, state, origin, atMs)
     VALUES (@hit, @serviceNumber, @name, @kind, @verdict, @reason, @opened, @characters, @outcome, @state, @origin, @atMs)`,
  ).run(row);
}

/** What people said after row `seq`, oldest first, a bounded number for each call. */
export function reviewsAfter(db: Db, seq: number): readonly ReviewChange[] {
  return db
    .prepare('SELECT seq, hit, state, verdict, outcome, atMs FROM reviews WHERE seq > ? ORDER BY seq LIMIT 100')
    .all(seq) as ReviewChange[];
}

/** A hit in a list: what is beside its body. `getHit` returns the rest. */
export interface HitLine {
  readonly id: Id;
  readonly lane: string;
  readonly state: ReviewState;
  readonly firstMs: Instant;
  readonly lastMs: Instant;
  readonly seen: number;
}

export interface HitFilter {
  readonly lane?: string;
  readonly state?: ReviewState;
  /** Older than this hit: the last one of the page before. */
  readonly before?: Pick<HitLine, 'id' | 'lastMs'>;
  readonly limit: number;
}

/** Newest first. Each of the four reads as many entries of an index as it returns, however many hits there are. */
export function hitLines(db: Db, { lane, state, before, limit }: HitFilter): readonly HitLine[] {
  const from = [before?.lastMs ?? Number.MAX_SAFE_INTEGER, before?.id ?? ''];
  if (lane !== undefined && state !== undefined)
    return db
      .prepare(
        `SELECT id, lane, state, firstMs, lastMs, seen FROM hits
         WHERE lane = ? AND state = ? AND (lastMs, id) < (?, ?) ORDER BY lastMs DESC, id DESC LIMIT ?`,
      )
      .all(lane, state, ...from, limit) as HitLine[];
  if (lane !== undefined)
    return db
      .prepare(
        `SELECT id, lane, state, firstMs, lastMs, seen FROM hits
         WHERE lane = ? AND (lastMs, id) < (?, ?) ORDER BY lastMs DESC, id DESC LIMIT ?`,
      )
      .all(lane, ...from, limit) as HitLine[];
  if (state !== undefined)
    return db
      .prepare(
        `SELECT id, lane, state, firstMs, lastMs, seen FROM hits
         WHERE state = ? AND (lastMs, id) < (?, ?) ORDER BY lastMs DESC, id DESC LIMIT ?`,
      )
      .all(state, ...from, limit) as HitLine[];
  return db
    .prepare(
      `SELECT id, lane, state, firstMs, lastMs, seen FROM hits
       WHERE (lastMs, id) < (?, ?) ORDER BY lastMs DESC, id DESC LIMIT ?`,
    )
    .all(...from, limit) as HitLine[];
}
