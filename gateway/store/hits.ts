/** Hits: the one transaction in which a match becomes hit + evidence + audit + outbox, and the window in which it is the same hit. */
import { newId } from '../clock/clock.ts';
import type { Id, Instant, Json } from '../contracts/base.ts';
import type { Hit, PlateHit } from '../contracts/hit.ts';
import type { Evidence } from '../contracts/picture.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import { putEvidence } from './evidence.ts';
import type { OutboxWriter } from './outbox/outbox.ts';
import { isInstant, isWord, membersOf } from './shapes.ts';

export interface NewHit {
  readonly hit: Hit;
  readonly evidence: readonly Evidence[];
  /** Sightings of one entry that are no further apart than this are one hit, over all lanes. */
  readonly windowMs: number;
}

/** How long news of a hit that is known already waits, so that a car that stands before the camera does not flood the command room. */
const UPDATE_EVERY_MS = 5_000;

/**
 * Commits a match; when it returns, it is on disk. `fresh` says whether it is a new hit; otherwise `hit` is the earlier one, with this
 * sighting added. An exact plate seen after a possible one lifts the hit to exact, with the new reading and the new pictures beside the
 * old ones; otherwise the first pictures of a plate stand. A document adds its picture each time. `sightings: 0` is no new sighting but news of
 * the hit of that id: the outcome of a comparison, or a better read of the same passage with its pictures. Throws, with nothing kept, when
 * the disk or the outbox is full.
 */
export function recordHit(db: Db, given: NewHit, outbox: OutboxWriter): { readonly hit: Hit; readonly fresh: boolean } {
  return db
    .transaction(() => {
      const earlier =
        (given.hit.sightings === 0 && findById(db, given.hit)) || findInWindow(db, given.hit, given.windowMs);
      return earlier
        ? { hit: updateHit(db, earlier, given, outbox), fresh: false }
        : { hit: insertHit(db, given, outbox), fresh: true };
    })
    .immediate();
}

/**
 * The window is in the store, so that it outlives a restart. A clock that was set back falls outside it: a new hit, never a lost one.
 * A hit that was read late is joined by no sighting of now: the crew has not heard of it.
 * A later version of the list may give the id of a withdrawn entry to another plate: that is another hit.
 */
function findInWindow(db: Db, hit: Hit, windowMs: number): Hit | undefined {
  const row = db
    .prepare(
      `SELECT id, body FROM hits WHERE listType = ? AND entry = ? AND lastMs >= ? AND firstMs <= ?
         AND CASE WHEN json_valid(body) THEN body ->> 'listed' = ? AND (? OR body ->> 'late' IS NULL) END
       ORDER BY lastMs DESC LIMIT 1`,
    )
    .get(hit.list.type, hit.entry, hit.last - windowMs, hit.last + windowMs, hit.listed, Number('late' in hit)) as
    HitRow | undefined;
  return row && toHit(db, row);
}

interface HitRow {
  readonly id: Id;
  readonly body: string;
}

/** Undefined for a row that cannot be read any more: what would have joined it is a hit of its own. */
function toHit(db: Db, { id, body }: HitRow): Hit | undefined {
  return db.damage.read('hits', id, body, isHit);
}

/** What is worked out from a hit that is stored needs these. */
function isHit(value: unknown): value is Hit {
  const { id, lane, entry, listed, first, last, sightings, clock } = membersOf(value);
  const isNamed = [id, lane, entry, listed].every(isWord);
  return isNamed && [first, last, membersOf(clock)['highest']].every(isInstant) && typeof sightings === 'number';
}

/** What news are of, however long ago: a vehicle that was parked for hours may be read better when it leaves. */
function findById(db: Db, { id, listed }: Hit): Hit | undefined {
  const row = db.prepare('SELECT id, body FROM hits WHERE id = ?').get(id) as HitRow | undefined;
  const found = row && toHit(db, row);
  return found?.listed === listed ? found : undefined;
}

function insertHit(db: Db, given: NewHit, outbox: OutboxWriter): Hit {
  const { evidence } = given;
  const hit: Hit = { ...given.hit, sightings: Math.max(1, given.hit.sightings) };
  db.prepare(
    `INSERT INTO hits (id, listType, entry, lane, firstMs, lastMs, seen, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(hit.id, hit.list.type, hit.entry, hit.lane, hit.first, hit.last, hit.sightings, JSON.stringify(hit));
  putEvidence(db, hit.id, evidence);
  appendAudit(db, { at: outbox.now(), who: 'box', what: 'hit raised', detail: auditDetail(hit) });
  // The event carries the hit's own id, so that (source, id) names the hit itself on the other side.
  outbox.enqueue({ ...eventOf(hit), id: hit.id, evidence });
  return hit;
}

function updateHit(db: Db, earlier: Hit, { hit: now, evidence }: NewHit, outbox: OutboxWriter): Hit {
  const { news, urgent, pictures } = newsOf(earlier, now);
  const hit = {
    ...news,
    first: Math.min(earlier.first, now.first),
    last: Math.max(earlier.last, now.last),
    sightings: earlier.sightings + now.sightings,
  } as Hit;
  db.prepare('UPDATE hits SET lane = ?, firstMs = ?, lastMs = ?, seen = ?, body = ? WHERE id = ?').run(
    hit.lane,
    hit.first,
    hit.last,
    hit.sightings,
    JSON.stringify(hit),
    hit.id,
  );
  if (pictures) putEvidence(db, hit.id, evidence);
  if (hit.certainty !== earlier.certainty)
    appendAudit(db, { at: outbox.now(), who: 'box', what: 'hit became exact', detail: auditDetail(hit) });
  const at = outbox.now();
  outbox.enqueue({
    ...eventOf(hit),
    id: newId(at),
    evidence: pictures ? evidence : [],
    notBefore: urgent ? 0 : at + UPDATE_EVERY_MS,
    supersedes: { except: hit.id },
  });
  return hit;
}

interface HitUpdate {
  /** The hit as it is now, but for its times and how often it was seen. */
  readonly news: Hit;
  /** To be sent at once. */
  readonly urgent: boolean;
  /** Whether the new pictures belong to the hit. */
  readonly pictures: boolean;
}

function newsOf(earlier: Hit, now: Hit): HitUpdate {
  if ('document' in now) {
    const { lane, reader, comparison, entryComparison } = now;
    const compared = { ...(comparison ? { comparison } : {}), ...(entryComparison ? { entryComparison } : {}) };
    return {
      news: { ...earlier, lane, reader, ...compared },
      urgent: comparison !== undefined,
      pictures: true,
    };
  }
  const lifted = earlier.certainty === 'possible' && now.certainty === 'exact';
  const better = now.sightings === 0 && (lifted || earlier.certainty === now.certainty);
  if (!lifted && !better) return { news: earlier, urgent: false, pictures: false };
  const { certainty, read, lane, camera, crossCheck, pictureMissing } = now;
  // What the box read in a camera's picture belongs to that camera's read, which is replaced.
  const { crossCheck: _replaced, pictureMissing: _before, ...kept } = earlier as PlateHit;
  const direction = now.direction === 'unknown' ? kept.direction : now.direction;
  const news = {
    ...kept,
    certainty,
    read,
    lane,
    camera,
    direction,
    ...(crossCheck ? { crossCheck } : {}),
    ...(pictureMissing ? { pictureMissing } : {}),
  };
  return { news, urgent: lifted, pictures: true };
}

/** The list entry, not the plate or the number: the log names what was done, the list and the hit say to whom. */
function auditDetail(hit: Hit): Json {
  const { id, lane, entry, certainty } = hit;
  const where =
    'document' in hit ? { reader: hit.reader } : { camera: hit.camera, ...(hit.late ? { late: true } : {}) };
  return { hit: id, lane, ...where, entry, certainty, list: { ...hit.list } };
}

function eventOf(hit: Hit) {
  const type = 'document' in hit ? ('io.sitebox.document.hit.v2' as const) : ('io.sitebox.plate.hit.v2' as const);
  return { type, subject: hit.lane, time: hit.last, data: hitData(hit), stream: `hit:${hit.id}` };
}

/** A hit as the command room gets it (docs/upstream.md). Times are RFC 3339, UTC. The digest of a document number stays here. */
export function hitData(hit: Hit): Json {
  const { first, last, listed, ...rest } = hit;
  const times = {
    first: new Date(first).toISOString(),
    last: new Date(last).toISOString(),
    ...('receivedAt' in hit && hit.receivedAt ? { receivedAt: new Date(hit.receivedAt).toISOString() } : {}),
  };
  const clock = { highest: new Date(hit.clock.highest).toISOString(), behindMs: hit.clock.behindMs };
  const data = { ...rest, ...('document' in hit ? {} : { listed }), ...times, clock };
  // A hit is plain data; the round trip drops what is undefined.
  return JSON.parse(JSON.stringify(data)) as Json;
}

/** A stored hit with the names of its pictures; `getEvidence` has the bytes. */
export interface StoredHit {
  readonly hit: Hit;
  readonly evidence: readonly Pick<Evidence, 'what' | 'sha256'>[];
}

/** Newest first. */
export function listHits(db: Db, page: { readonly limit: number; readonly before?: Instant }): StoredHit[] {
  const rows = db
    .prepare('SELECT id, body FROM hits WHERE lastMs < ? ORDER BY lastMs DESC, id DESC LIMIT ?')
    .all(page.before ?? Number.MAX_SAFE_INTEGER, page.limit) as HitRow[];
  return rows.flatMap((row) => {
    const hit = toHit(db, row);
    return hit ? [withEvidence(db, hit)] : [];
  });
}

export function getHit(db: Db, id: Id): StoredHit | undefined {
  const row = db.prepare('SELECT id, body FROM hits WHERE id = ?').get(id) as HitRow | undefined;
  const hit = row && toHit(db, row);
  return hit && withEvidence(db, hit);
}

function withEvidence(db: Db, hit: Hit): StoredHit {
  const evidence = db.prepare('SELECT what, sha256 FROM hitEvidence WHERE hit = ? ORDER BY rowid').all(hit.id);
  return { hit, evidence: evidence as StoredHit['evidence'] };
}

/** Grows with each hit and each call for help that is stored. */
export function storedWork(db: Db): number {
  const hits = db.prepare('SELECT max(rowid) FROM hits').pluck().get() as number | null;
  const calls = db.prepare('SELECT max(rowid) FROM sos').pluck().get() as number | null;
  return (hits ?? 0) + (calls ?? 0);
}
