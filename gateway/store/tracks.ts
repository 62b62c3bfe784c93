/** Where the crew's own devices were: staff data. Written in batches, deleted after a time, and read only by a named person. */
import { iso } from '../contracts/time.ts';
import type { Position } from '../contracts/crew.ts';
import type { Instant } from '../contracts/base.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import { fromRow } from './shapes.ts';

/** One position of a track. `at` is when the box received it. */
export interface TrackPoint extends Pick<Position, 'lat' | 'lon' | 'trusted'> {
  readonly device: string;
  readonly at: Instant;
}

/** Who reads, when and why: becomes an audit row in the same transaction. */
export interface TrackReader {
  readonly who: string;
  readonly why: string;
  readonly now: Instant;
}

/** Bounded, so that a box that was off for days does not hang at its start; takes some ms. Ten times what 1,000 devices write. */
const DELETED_AT_ONCE = 10_000;
/** An older position helps no search. */
const LATEST_WITHIN_MS = 3_600_000;
/** More than a day at one point every ten seconds. */
const MAX_POINTS = 10_000;

/** One transaction for all: a commit costs far more than a row. */
export function appendTracks(db: Db, points: readonly TrackPoint[]): void {
  db.write(() => {
    // The numbers of earlier versions stay in their columns, which are 0 where the place is sealed.
    const add = db.prepare('INSERT INTO tracks (device, atMs, lat, lon, trusted, place) VALUES (?, ?, 0, 0, ?, ?)');
    for (const { device, at, lat, lon, trusted } of points) {
      const place = db.sealing.sealBytes('tracks.place', `${device} ${at}`, bytesOfPlace(lat, lon));
      add.run(device, at, trusted ? 1 : 0, place);
    }
  });
}

/** Deletes points older than `keepMs`, a bounded number per call, and those that a wrong clock dated as far ahead. Returns how many. */
export function deleteTracks(db: Db, now: Instant, keepMs: number): number {
  const { changes } = db
    .prepare(
      `DELETE FROM tracks WHERE rowid IN (
       SELECT rowid FROM tracks WHERE atMs <= ? UNION ALL SELECT rowid FROM tracks WHERE atMs > ? LIMIT ${DELETED_AT_ONCE})`,
    )
    .run(now - keepMs, now + keepMs);
  return changes;
}

/** The last point of each device within the last hour, ordered by device. */
export function latestTracks(db: Db, { who, why, now }: TrackReader): TrackPoint[] {
  return db.write(() => {
    // SQLite takes the other columns from the row that has the maximum (lang_select.html, "bare columns").
    const rows = db
      .prepare(
        `SELECT device, max(atMs) AS atMs, lat, lon, trusted, place FROM tracks WHERE atMs > ? AND atMs <= ?
           GROUP BY device ORDER BY device`,
      )
      .all(now - LATEST_WITHIN_MS, now);
    appendAudit(db, { at: now, who, what: 'positions read', detail: { devices: rows.length, why } });
    return rows.flatMap((row) => toPoint(db, row) ?? []);
  });
}

/** Where `device` last was within `withinMs`, for a call of its own. No person reads it, so there is no audit row. */
export function lastTrackPoint(
  db: Db,
  device: string,
  { now, withinMs }: { readonly now: Instant; readonly withinMs: number },
): TrackPoint | undefined {
  const row = db
    .prepare(
      'SELECT device, atMs, lat, lon, trusted, place FROM tracks WHERE device = ? AND atMs BETWEEN ? AND ? ORDER BY atMs DESC LIMIT 1',
    )
    .get(device, now - withinMs, now);
  return row ? toPoint(db, row) : undefined;
}

/** The points of one device from `from` up to `to`, both included, oldest first, 10,000 at most. */
export function readTrack(
  db: Db,
  { device, from, to }: { readonly device: string; readonly from: Instant; readonly to: Instant },
  { who, why, now }: TrackReader,
): TrackPoint[] {
  return db.write(() => {
    const rows = db
      .prepare(
        `SELECT device, atMs, lat, lon, trusted, place FROM tracks WHERE device = ? AND atMs BETWEEN ? AND ?
           ORDER BY atMs LIMIT ${MAX_POINTS}`,
      )
      .all(device, from, to);
    const span = { from: iso(from), to: iso(to) };
    appendAudit(db, { at: now, who, what: 'track read', detail: { device, ...span, points: rows.length, why } });
    return rows.flatMap((row) => toPoint(db, row) ?? []);
  });
}

/** Undefined for a place that cannot be opened. */
function toPoint(db: Db, row: unknown): TrackPoint | undefined {
  const { trusted, place, lat, lon, ...point } = fromRow(row) as TrackRow;
  if (place === undefined) return { ...point, lat, lon, trusted: trusted === 1 };
  const bytes = db.sealing.openBytes('tracks.place', `${point.device} ${point.at}`, place);
  return bytes && { ...point, ...placeOf(bytes), trusted: trusted === 1 };
}

interface TrackRow extends Omit<TrackPoint, 'trusted'> {
  readonly trusted: number;
  readonly place?: Buffer;
}

function placeOf(bytes: Buffer): Pick<TrackPoint, 'lat' | 'lon'> {
  return { lat: bytes.readDoubleLE(0), lon: bytes.readDoubleLE(8) };
}

/** As a point's place is sealed. */
export function bytesOfPlace(lat: number, lon: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeDoubleLE(lat, 0);
  bytes.writeDoubleLE(lon, 8);
  return bytes;
}
