/** Hits: the one transaction that turns a match into hit + evidence + audit + outbox, and the window that merges sightings into one hit. */
import { iso } from '../contracts/time.ts';
import { newId } from '../clock/clock.ts';
import type { Id, Json } from '../contracts/base.ts';
import type { Hit, PlateHit } from '../contracts/hit.ts';
import type { Evidence } from '../contracts/picture.ts';
import { auditHit } from './hit-digest.ts';
import type { Db } from './db.ts';
import { putEvidence } from './evidence.ts';
import type { OutboxWriter } from './outbox/outbox.ts';
import { isInstant, isWord, membersOf } from './shapes.ts';

export interface NewHit {
  readonly hit: Hit;
  readonly evidence: readonly Evidence[];
  /** Sightings of one entry no further apart than this are one hit, across all lanes. */
  readonly windowMs: number;
}

/** How long an update of a known hit waits, so that a car standing before the camera does not flood the command room. */
const UPDATE_EVERY_MS = 5_000;
/** Hits of one entry within a window, newest first: unreadable ones, those read late, and those of a plate that had the entry's id before. */
const MAX_IN_WINDOW = 100;

/**
 * Commits a match; when it returns, it is on disk. `fresh` is true for a new hit; otherwise `hit` is the earlier one with this sighting added. An
 * exact plate after a possible one raises the hit to exact, and adds the new read and pictures to the old ones; otherwise a plate keeps its first
 * pictures. A document adds its picture each time. `sightings: 0` is no sighting but an update of the hit with that id: the outcome of a
 * comparison, or a better read of the same passage with its pictures; one of a hit that people dismissed is dropped, or a hit of its own where it is
 * exact. Throws, and keeps nothing, when the disk or the outbox is full.
 */
export function recordHit(db: Db, given: NewHit, outbox: OutboxWriter): { readonly hit: Hit; readonly fresh: boolean } {
  return db.write(() => {
    const { hit, windowMs } = given;
    if (hit.sightings === 0 && wasDismissed(db, hit.id)) {
      if (!liftsDismissed(hit)) return { hit, fresh: false };
      return { hit: insertHit(db, { ...given, hit: { ...hit, id: newId(outbox.now()) } }, outbox), fresh: true };
    }
    const earlier = (hit.sightings === 0 && findUpdated(db, hit)) || findInWindow(db, hit, windowMs);
    return earlier
      ? { hit: updateHit(db, earlier, given, outbox), fresh: false }
      : { hit: insertHit(db, given, outbox), fresh: true };
  });
}

/** People have dismissed what they were shown: of an update they would see nothing new, but for an `exact` read of a plate. */
function liftsDismissed(hit: Hit): boolean {
  return !('document' in hit) && hit.certainty === 'exact';
}

/** Its data may be erased already. */
function wasDismissed(db: Db, hit: Id): boolean {
  return db.prepare('SELECT 1 FROM dismissals WHERE hit = ?').get(hit) !== undefined;
}

/**
 * The window is in the store and so survives a restart. A clock that was set back falls outside it: a new hit, never a lost one. A current sighting
 * does not join a hit that was read late, because the crew has not heard of that one. A later list version may reuse the id of a withdrawn entry
 * for another plate: that is another hit. So is what is seen after people dismissed the hit before it.
 */
function findInWindow(db: Db, hit: Hit, windowMs: number): Hit | undefined {
  // A sealed body is opened here, since SQL cannot look into it. There are few: further sightings have joined the first.
  const rows = db
    .prepare(
      `SELECT id, body FROM hits WHERE listType = ? AND entry = ? AND lastMs >= ? AND firstMs <= ?
         AND state <> 'dismissed'
       ORDER BY lastMs DESC LIMIT ${MAX_IN_WINDOW}`,
    )
    .all(hit.list.type, hit.entry, hit.last - windowMs, hit.last + windowMs) as HitRow[];
  for (const row of rows) {
    const found = toHit(db, row);
    if (found?.listed === hit.listed && ('late' in hit || !('late' in found))) return found;
  }
  return undefined;
}

interface HitRow {
  readonly id: Id;
  readonly body: string;
}

/** Undefined for an unreadable row: a sighting that would have joined it becomes a hit of its own. */
function toHit(db: Db, { id, body }: HitRow): Hit | undefined {
  const text = db.sealing.open('hits.body', id, body);
  return text === undefined ? undefined : db.damage.read('hits', id, text, isHit);
}

/** Checks the members from which the code computes further. */
function isHit(value: unknown): value is Hit {
  const { id, lane, entry, listed, first, last, sightings, clock } = membersOf(value);
  const isNamed = [id, lane, entry, listed].every(isWord);
  return isNamed && [first, last, membersOf(clock)['highest']].every(isInstant) && typeof sightings === 'number';
}

/** The hit that an update belongs to, however old: a vehicle parked for hours may be read better when it leaves. */
function findUpdated(db: Db, { id, listed }: Hit): Hit | undefined {
  const hit = getHit(db, id);
  return hit?.listed === listed ? hit : undefined;
}

function sealedBody(db: Db, hit: Hit): string {
  return db.sealing.seal('hits.body', hit.id, JSON.stringify(hit));
}

function insertHit(db: Db, given: NewHit, outbox: OutboxWriter): Hit {
  const { evidence } = given;
  const hit: Hit = { ...given.hit, sightings: Math.max(1, given.hit.sightings) };
  db.prepare(
    `INSERT INTO hits (id, listType, entry, lane, firstMs, lastMs, seen, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(hit.id, hit.list.type, hit.entry, hit.lane, hit.first, hit.last, hit.sightings, sealedBody(db, hit));
  putEvidence(db, hit.id, evidence);
  auditHit(db, hit, outbox.now());
  // The event has the hit's id, so that (source, id) names the hit for the receiver.
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
  db.prepare(
    'UPDATE hits SET lane = @lane, firstMs = @first, lastMs = @last, seen = @sightings, body = @body WHERE id = @id',
  ).run({ ...hit, body: sealedBody(db, hit) });
  if (pictures) putEvidence(db, hit.id, evidence);
  auditHit(db, hit, outbox.now(), earlier);
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
  /** The hit as it is now, except its times and number of sightings. */
  readonly news: Hit;
  /** Is sent at once. */
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
  // A cross-check belongs to the camera's read that is replaced.
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

function eventOf(hit: Hit) {
  const type = 'document' in hit ? ('io.sitebox.document.hit.v2' as const) : ('io.sitebox.plate.hit.v2' as const);
  return { type, subject: hit.lane, time: hit.last, data: hitData(hit), stream: `hit:${hit.id}` };
}

/** A hit as the command room receives it (docs/upstream.md). Times are RFC 3339, UTC. The digest of a document number is not sent. */
export function hitData(hit: Hit): Json {
  const { first, last, listed, ...rest } = hit;
  const times = {
    first: iso(first),
    last: iso(last),
    ...('receivedAt' in hit && hit.receivedAt ? { receivedAt: iso(hit.receivedAt) } : {}),
  };
  const clock = { highest: iso(hit.clock.highest), behindMs: hit.clock.behindMs };
  const data = { ...rest, ...('document' in hit ? {} : { listed }), ...times, clock };
  // A hit is plain data; the round trip drops undefined members.
  return JSON.parse(JSON.stringify(data)) as Json;
}

/** Also where its body cannot be read, because the key is lost. */
export function isHitHere(db: Db, id: Id): boolean {
  return db.prepare('SELECT 1 FROM hits WHERE id = ?').get(id) !== undefined;
}

export function getHit(db: Db, id: Id): Hit | undefined {
  const row = db.prepare('SELECT id, body FROM hits WHERE id = ?').get(id) as HitRow | undefined;
  return row && toHit(db, row);
}

/** Grows with each stored hit and call for help. */
export function storedWork(db: Db): number {
  const hits = db.prepare('SELECT max(rowid) FROM hits').pluck().get() as number | null;
  const calls = db.prepare('SELECT max(rowid) FROM sos').pluck().get() as number | null;
  return (hits ?? 0) + (calls ?? 0);
}
