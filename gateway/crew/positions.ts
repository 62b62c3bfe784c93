/** The latest state of each device, in memory; its positions go to disk in batches, where tracks are kept. */
import type { DeviceReport, Position } from '../contracts/crew.ts';
import { allDevices, devicesVersion } from '../store/devices.ts';
import { appendOrCount } from '../store/audit-gap.ts';
import { appendTracks, deleteTracks, type TrackPoint } from '../store/tracks.ts';
import type { Instant } from '../contracts/base.ts';
import { distanceM, type DispatchCandidate } from './nearest.ts';
import type { CrewRooms } from './rooms.ts';
import { monoOf, wallOf } from './wall-time.ts';

/** What the reports of a device add up to. Times are those of the box. */
export interface DeviceState extends Omit<DeviceReport, 'sequence' | 'invalidFields'> {
  /** When its last report came. */
  readonly at: Instant;
  /** When that came: in the wall time of now, also where the clock was set since. */
  readonly positionAt?: Instant;
  /** A newer one that it cannot have reached, and when it came. */
  readonly held?: { readonly position: Position; readonly at: Instant };
  /** Messages can be delivered to it. */
  readonly online: boolean;
  /** It disconnected on purpose, so its silence is expected. */
  readonly disconnectedCleanly: boolean;
  /** How often it reports, in seconds: as it declares, else as the box requests, or as observed where that is slower. */
  readonly intervalS: number;
}

interface PositionParts extends Pick<CrewRooms, 'db' | 'clock'> {
  /** 0: none are kept. */
  readonly keepTracksH: number;
  /** How often devices are asked to report now. */
  readonly intervalS: () => number;
}

/** A position, and when it came by the monotonic clock. */
interface TimedPosition {
  readonly position: Position;
  /** What its report says of that, monotonic. */
  readonly reportedMono: number;
  readonly mono: number;
}

interface Entry {
  /** Its `intervalS` is the one the device says. */
  state: Omit<DeviceState, 'intervalS' | 'held' | 'positionAt'> & { readonly intervalS?: number };
  sequence?: number;
  /** It went, and may have been switched off in between: it may count from the beginning again. */
  reconnected: boolean;
  lastMono: number;
  /** Between its last reports, in seconds, newest first. */
  gapsS: readonly number[];
  accepted?: TimedPosition;
  /** What could not be reached, and how many before it, in a row, agreed with it. */
  held?: TimedPosition & { readonly agreed: number };
  written?: TrackPoint;
}

/** A report is late after so many intervals. */
const INTERVALS = 3;
const MIN_LATE_AFTER_MS = 30_000;
/** A device that says, or seems, to report less often than this is late all the same. */
const MAX_INTERVAL_S = 600;
/** Numbers this little below the last one are repeats; a device that restarts falls further, or has reconnected. */
const REPEATS_WITHIN = 1_000;
/** Faster than any patrol vehicle or drone on its way, slower than what a flipped bit of a degree makes of a position. */
const MAX_SPEED_KMH = 400;
/** Of two positions that both could not be reached from the last one believed: two that were damaged rarely agree so well. */
const AGREED_KMH = 150;
/** Positions that have to agree with the first implausible one. */
const AGREED = 2;
/** Added to every distance: fixes drift, and delayed reports arrive close together. */
const GPS_DRIFT_M = 500;
/** One row an hour about what was deleted since. */
const LOG_EVERY_MS = 3_600_000;
const FLUSH_EVERY_MS = 10_000;
/** A track gets a point when the device has moved further than a fix drifts at rest, or after POINT_EVERY_MS. */
const MOVED_M = 10;
const POINT_EVERY_MS = 60_000;

/** A device without a report for this long is late: three of its intervals, at least 30 s. */
export function lateAfterMs({ intervalS }: DeviceState): number {
  return Math.max(INTERVALS * intervalS * 1000, MIN_LATE_AFTER_MS);
}

/**
 * Whether its position (of a device without one, its last word) is older than that. A position from the future is stale too: the clock
 * was set back since, and its age is unknown.
 */
export function isStale(state: DeviceState, now: Instant): boolean {
  return Math.abs(now - (state.positionAt ?? state.at)) > lateAfterMs(state);
}

export type Positions = ReturnType<typeof openPositions>;

export function openPositions({ db, clock, keepTracksH, intervalS }: PositionParts) {
  const entries = new Map<string, Entry>();
  /** At most one of each device. */
  const points = new Map<string, TrackPoint>();
  const keepMs = keepTracksH * 3_600_000;
  let flushed = -Infinity;
  /** Points deleted since the last row of the log about it. */
  let deleted = 0;
  let loggedAt = clock.mono();
  let version = devicesVersion(db);

  const stateOf = ({ state, gapsS, accepted, held }: Entry): DeviceState => {
    const interval = state.intervalS ?? Math.max(intervalS(), observedIntervalS(gapsS));
    const where = accepted && { positionAt: wallOf(accepted.reportedMono, clock) };
    const doubted = held && { held: { position: held.position, at: wallOf(held.reportedMono, clock) } };
    return { ...state, ...where, ...doubted, intervalS: Math.min(interval, MAX_INTERVAL_S) };
  };
  const entryOf = (device: string, at: Instant): Entry => {
    const entry = entries.get(device) ?? newEntry(device, at, clock.mono());
    entries.set(device, entry);
    return entry;
  };
  const write = db.transaction((): number => {
    const expired = deleteTracks(db, clock.now(), keepMs);
    appendTracks(db, [...points.values()]);
    return expired;
  });
  const logDeleted = (): void => {
    loggedAt = clock.mono();
    if (deleted === 0) return;
    const detail = { class: 'tracks', rows: deleted };
    appendOrCount(db, { at: clock.now(), who: 'box', what: 'retention run', detail });
    deleted = 0;
  };
  /** Writes what waits to be written. */
  const flush = (): void => {
    deleted += write.expendable();
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
    /** `repeat`: came before, and changes nothing. `held`: taken but for the position, which awaits two more that agree with it. */
    report(report: DeviceReport): 'taken' | 'repeat' | 'held' {
      const mono = clock.mono();
      const { device, at, sequence, position, invalidFields: _, ...rest } = report;
      const entry = entryOf(device, at);
      if (sequence !== undefined && isRepeat(entry, sequence)) return 'repeat';
      if (sequence !== undefined) entry.sequence = sequence;
      entry.reconnected = false;
      entry.gapsS = [(mono - entry.lastMono) / 1000, ...entry.gapsS].slice(0, 2);
      entry.lastMono = mono;
      entry.state = { ...entry.state, ...rest, at, disconnectedCleanly: false };
      if (!position) return 'taken';
      if (!isPlausible(entry, { position, reportedMono: monoOf(at, clock), mono })) return 'held';
      entry.state = { ...entry.state, position };
      const point = { device, at, lat: position.lat, lon: position.lon, trusted: position.trusted };
      if (keepMs > 0 && isWorthAPoint(entry.written, point)) points.set(device, point);
      return 'taken';
    },
    /** `cleanDisconnect`: it announced that it disconnects. */
    presence(device: string, online: boolean, cleanDisconnect = false) {
      // The end of a connection creates no entry for a device that has sent nothing.
      if (!online && !entries.has(device)) return;
      const entry = entryOf(device, clock.now());
      const { state } = entry;
      if (online !== state.online) entry.reconnected = true;
      entry.state = {
        ...state,
        online,
        disconnectedCleanly: !online && (cleanDisconnect || state.disconnectedCleanly),
      };
    },
    latest(device: string) {
      const entry = entries.get(device);
      return entry && stateOf(entry);
    },
    /** When its position came, monotonic. */
    positionMono: (device: string) => entries.get(device)?.accepted?.mono,
    /** In order of the first report of each. */
    all: () => [...entries.values()].map(stateOf),
    /** Called each second: writes tracks every 10 s, deletes old ones, forgets devices that were revoked. Throws what the store throws. */
    turn() {
      forgetRevoked();
      if (clock.mono() - flushed < FLUSH_EVERY_MS) return;
      flush();
      flushed = clock.mono();
      if (flushed - loggedAt >= LOG_EVERY_MS) logDeleted();
    },
    /** At the stop. */
    close() {
      flush();
      logDeleted();
    },
  };
}

function newEntry(device: string, at: Instant, mono: number): Entry {
  const state = { device, at, online: false, disconnectedCleanly: false };
  return { state, reconnected: false, lastMono: mono, gapsS: [] };
}

/** The smaller of the last two gaps: neither a burst of reports (the requested interval counts then) nor a lost report distorts it. */
function observedIntervalS(gapsS: readonly number[]): number {
  return gapsS.length < 2 ? 0 : Math.min(...gapsS);
}

function isRepeat({ sequence: last, reconnected }: Entry, sequence: number): boolean {
  if (last === undefined || sequence > last) return false;
  return sequence === last || (!reconnected && last - sequence < REPEATS_WITHIN);
}

/**
 * Damage that a check sum let through moves a device to another province. A position that cannot have been reached since the last one is
 * held: where two more agree with it, one after the other, the device has come from there (out of a tunnel, or after a wrong first fix).
 */
function isPlausible(entry: Entry, fix: TimedPosition): boolean {
  const last = entry.accepted;
  if (last && !isReachable(last, fix)) {
    const { held } = entry;
    const agreed = held && isReachable(held, fix, AGREED_KMH) ? held.agreed + 1 : 0;
    entry.held = { ...fix, agreed };
    if (agreed < AGREED) return false;
  }
  entry.accepted = fix;
  delete entry.held;
  return true;
}

function isReachable(from: TimedPosition, to: TimedPosition, maxSpeedKmh = MAX_SPEED_KMH): boolean {
  const hours = Math.max(0, to.mono - from.mono) / 3_600_000;
  return distanceM(from.position, to.position) <= maxSpeedKmh * 1000 * hours + GPS_DRIFT_M;
}

/** Where devices can be sent from; the `busy` cannot be sent at all. */
export function dispatchCandidates(
  states: readonly DeviceState[],
  busy: ReadonlySet<string>,
  now: Instant,
): DispatchCandidate[] {
  return states.flatMap((state) => {
    const { device, position } = state;
    if (!position || busy.has(device)) return [];
    const fresh = position.trusted && !isStale(state, now);
    return [{ device, lat: position.lat, lon: position.lon, fresh }];
  });
}

function isWorthAPoint(last: TrackPoint | undefined, point: TrackPoint): boolean {
  if (!last || last.trusted !== point.trusted) return true;
  return distanceM(last, point) >= MOVED_M || Math.abs(point.at - last.at) >= POINT_EVERY_MS;
}
