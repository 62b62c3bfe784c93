/** What each device said of itself last, in memory; its positions go to disk in batches, where tracks are kept at all. */
import type { Clock } from '../clock/clock.ts';
import type { DeviceReport, Position } from '../contracts/crew.ts';
import type { Db } from '../store/db.ts';
import { allDevices, devicesVersion } from '../store/devices.ts';
import { appendTracks, deleteTracks, type TrackPoint } from '../store/tracks.ts';
import type { Instant } from '../contracts/base.ts';
import { distanceM } from './nearest.ts';
import { monoOf, wallOf } from './wall-time.ts';

/** All that is known of a device: what its reports said, put together. Times are those of the box. */
export interface Known extends Omit<DeviceReport, 'sequence' | 'invalidFields'> {
  /** When it last said anything. */
  readonly at: Instant;
  /** When that came: in the wall time of now, also where the clock was set since. */
  readonly positionAt?: Instant;
  /** A newer one that it cannot have reached, and when it came. */
  readonly held?: { readonly position: Position; readonly at: Instant };
  /** Messages can be delivered to it. */
  readonly online: boolean;
  /** It said goodbye before it went. */
  readonly left: boolean;
  /** How often it reports, in seconds: what it says itself, or what is asked of it, or what it was seen to do where that is slower. */
  readonly intervalS: number;
}

export interface Positions {
  /** `repeat`: came before, and changes nothing. `held`: taken but for the position, which awaits two more that agree with it. */
  report(report: DeviceReport): 'taken' | 'repeat' | 'held';
  /** `goodbye`: it said that it goes. */
  presence(device: string, online: boolean, goodbye?: boolean): void;
  latest(device: string): Known | undefined;
  /** When its position came, monotonic. */
  positionMono(device: string): number | undefined;
  /** In order of the first word of each. */
  all(): readonly Known[];
  /** Called each second: writes tracks every 10 s, deletes old ones, forgets devices that were revoked. Throws what the store throws. */
  turn(): void;
  /** Writes what waits to be written. */
  flush(): void;
}

export interface PositionParts {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now' | 'mono'>;
  /** 0: none are kept. */
  readonly keepTracksH: number;
  /** How often devices are asked to report now. */
  readonly intervalS: () => number;
}

/** A position, and when it came by the monotonic clock. */
interface Fix {
  readonly position: Position;
  /** What its report says of that, monotonic. */
  readonly saidMono: number;
  readonly mono: number;
}

interface Entry {
  /** Its `intervalS` is the one the device says. */
  known: Omit<Known, 'intervalS' | 'held' | 'positionAt'> & { readonly intervalS?: number };
  sequence?: number;
  /** It went, and may have been switched off in between: it may count from the beginning again. */
  returned: boolean;
  lastMono: number;
  /** Between its last reports, in seconds, newest first. */
  gapsS: readonly number[];
  believed?: Fix;
  /** What could not be reached, and how many before it, in a row, agreed with it. */
  held?: Fix & { readonly agreed: number };
  written?: TrackPoint;
}

/** A report is late after so many intervals. */
const INTERVALS = 3;
const MIN_LATE_AFTER_MS = 30_000;
/** A device that says, or seems, to report less often than this is late all the same. */
const MAX_INTERVAL_S = 600;
/** Numbers so little below the last one are repeats; a device that starts again falls further, or has come back. */
const REPEATS_WITHIN = 1_000;
/** Faster than any patrol vehicle or drone on its way, slower than what a flipped bit of a degree makes of a position. */
const FASTEST_KMH = 400;
/** Of two positions that both could not be reached from the last one believed: two that were damaged rarely agree so well. */
const AGREED_KMH = 150;
/** So many agree with the first of them. */
const AGREED = 2;
/** On top, because fixes wander, and reports that were held up on their way come close together. */
const WANDER_M = 500;
const FLUSH_EVERY_MS = 10_000;
/** A track gets a point when the device has moved so far, which is beyond what a fix wanders while it stands, or after so long. */
const MOVED_M = 10;
const POINT_EVERY_MS = 60_000;

/** After so long without a word a device is late: three of its intervals, at least 30 s. */
export function lateAfterMs({ intervalS }: Known): number {
  return Math.max(INTERVALS * intervalS * 1000, MIN_LATE_AFTER_MS);
}

/**
 * Whether its position (of a device without one, its last word) is older than that. What comes from the future is, too: the clock was set back
 * since, and nobody knows how old it is.
 */
export function isStale(known: Known, now: Instant): boolean {
  return Math.abs(now - (known.positionAt ?? known.at)) > lateAfterMs(known);
}

export function openPositions({ db, clock, keepTracksH, intervalS }: PositionParts): Positions {
  const entries = new Map<string, Entry>();
  /** At most one of each device. */
  const points = new Map<string, TrackPoint>();
  const keepMs = keepTracksH * 3_600_000;
  let flushed = -Infinity;
  let version = devicesVersion(db);

  const knownOf = ({ known, gapsS, believed, held }: Entry): Known => {
    const interval = known.intervalS ?? Math.max(intervalS(), seenInterval(gapsS));
    const where = believed && { positionAt: wallOf(believed.saidMono, clock) };
    const doubted = held && { held: { position: held.position, at: wallOf(held.saidMono, clock) } };
    return { ...known, ...where, ...doubted, intervalS: Math.min(interval, MAX_INTERVAL_S) };
  };
  const entryOf = (device: string, at: Instant): Entry => {
    const entry = entries.get(device) ?? newEntry(device, at, clock.mono());
    entries.set(device, entry);
    return entry;
  };
  const note = (entry: Entry, point: TrackPoint): void => {
    if (keepMs === 0 || !isNews(entry.written, point)) return;
    points.set(point.device, point);
  };
  const write = db.transaction(() => {
    deleteTracks(db, clock.now(), keepMs);
    appendTracks(db, [...points.values()]);
  });
  const flush = (): void => {
    write.expendable();
    for (const point of points.values()) {
      const entry = entries.get(point.device);
      if (entry) entry.written = point;
    }
    points.clear();
  };
  const forgetRevoked = (): void => {
    const now = devicesVersion(db);
    if (now === version) return;
    const present = new Set(allDevices(db).flatMap((d) => (d.revoked === undefined ? [d.id] : [])));
    for (const device of entries.keys()) if (!present.has(device)) entries.delete(device);
    version = now;
  };

  return {
    report(report) {
      const mono = clock.mono();
      const { device, at, sequence, position, invalidFields: _, ...rest } = report;
      const entry = entryOf(device, at);
      if (sequence !== undefined && isRepeat(entry, sequence)) return 'repeat';
      if (sequence !== undefined) entry.sequence = sequence;
      entry.returned = false;
      entry.gapsS = [(mono - entry.lastMono) / 1000, ...entry.gapsS].slice(0, 2);
      entry.lastMono = mono;
      const believed = position !== undefined && isPlausible(entry, { position, saidMono: monoOf(at, clock), mono });
      const where = believed ? { position } : {};
      entry.known = { ...entry.known, ...rest, ...where, at, left: false };
      if (believed) note(entry, { device, at, lat: position.lat, lon: position.lon, trusted: position.trusted });
      return position && !believed ? 'held' : 'taken';
    },
    presence(device, online, goodbye = false) {
      // Of a device that never said anything, its going is no news.
      if (!online && !entries.has(device)) return;
      const entry = entryOf(device, clock.now());
      const { known } = entry;
      if (online !== known.online) entry.returned = true;
      entry.known = { ...known, online, left: !online && (goodbye || known.left) };
    },
    latest(device) {
      const entry = entries.get(device);
      return entry && knownOf(entry);
    },
    positionMono: (device) => entries.get(device)?.believed?.mono,
    all: () => [...entries.values()].map(knownOf),
    turn() {
      forgetRevoked();
      if (clock.mono() - flushed < FLUSH_EVERY_MS) return;
      flush();
      flushed = clock.mono();
    },
    flush,
  };
}

function newEntry(device: string, at: Instant, mono: number): Entry {
  const known = { device, at, online: false, left: false };
  return { known, returned: false, lastMono: mono, gapsS: [] };
}

/** The smaller of the last two gaps: neither a burst of reports (what is asked counts then) nor one that was lost makes it wrong. */
function seenInterval(gapsS: readonly number[]): number {
  return gapsS.length < 2 ? 0 : Math.min(...gapsS);
}

function isRepeat({ sequence: last, returned }: Entry, sequence: number): boolean {
  if (last === undefined || sequence > last) return false;
  return sequence === last || (!returned && last - sequence < REPEATS_WITHIN);
}

/**
 * Damage that a check sum let through moves a device to another province. A position that cannot have been reached since the last one is
 * held: where two more agree with it, one after the other, the device has come from there (out of a tunnel, or after a wrong first fix).
 */
function isPlausible(entry: Entry, fix: Fix): boolean {
  const last = entry.believed;
  if (last && !isReachable(last, fix)) {
    const { held } = entry;
    const agreed = held && isReachable(held, fix, AGREED_KMH) ? held.agreed + 1 : 0;
    entry.held = { ...fix, agreed };
    if (agreed < AGREED) return false;
  }
  entry.believed = fix;
  delete entry.held;
  return true;
}

function isReachable(from: Fix, to: Fix, fastestKmh = FASTEST_KMH): boolean {
  const hours = Math.max(0, to.mono - from.mono) / 3_600_000;
  return distanceM(from.position, to.position) <= fastestKmh * 1000 * hours + WANDER_M;
}

function isNews(last: TrackPoint | undefined, point: TrackPoint): boolean {
  if (!last || last.trusted !== point.trusted) return true;
  return distanceM(last, point) >= MOVED_M || Math.abs(point.at - last.at) >= POINT_EVERY_MS;
}
