/**
 * Calls for help on their way in and out: what a device sends, with the best place known of it, goes on disk, and then to all others. While
 * a call is open its place follows the caller.
 */
import { newId } from '../clock/clock.ts';
import type { Id, Instant, Log } from '../contracts/base.ts';
import type { CrewDevice, SosReport } from '../contracts/crew.ts';
import type { ShownSos, SosFeed } from '../contracts/display.ts';
import { RateLimiter } from '../contracts/rate-limiter.ts';
import { isDamage } from '../store/db.ts';
import type { Sos, Whereabouts } from '../store/sos-table.ts';
import { lastTrackPoint, type TrackPoint } from '../store/tracks.ts';
import type { DeviceConnections } from './device-connections.ts';
import type { Positions } from './positions.ts';
import type { Refusals } from './refusals.ts';
import type { CrewRooms } from './rooms.ts';
import { runAll } from './run-all.ts';
import { placeOf, shownPlaces, type SosNotice, type SosRecords } from './sos-records.ts';

interface SosCallsParts extends Pick<CrewRooms, 'db' | 'clock'> {
  readonly log: Log;
  readonly records: SosRecords;
  readonly positions: Positions;
  readonly connections: DeviceConnections;
  readonly refusals: Pick<Refusals, 'add'>;
}

/** Of one device: calls and withdrawals that the store refused and that were broadcast. Beyond it, a repeat of the oldest is broadcast again. */
const MAX_UNSTORED = 20;
/** Further presses and moves that a device may have written and broadcast at once; the rest follows a second later, all in one. */
const PRESS_RATE = { size: 20, perS: 1 };
/** The place of a call follows the other reports of its device at most this often. */
const FOLLOW_EVERY_MS = 10_000;
/** An older place says nothing about where the caller is. */
const MAX_LAST_PLACE_AGE_MS = 12 * 3_600_000;

export class SosCalls implements SosFeed {
  readonly #parts: SosCallsParts;
  readonly #clock: CrewRooms['clock'];
  readonly #displays = new Set<() => void>();
  readonly #pressLimiter: RateLimiter;
  /** By device: names of calls that the store refused, the latest at the end. */
  readonly #unstored = new Map<string, Set<string>>();
  /** When the place of each device's calls last moved, monotonic. */
  readonly #followedAt = new Map<string, number>();
  /** When each open call was raised, monotonic; those from before the start are older than anything in memory. */
  #raisedAt: ReadonlyMap<Id, number> = new Map();
  /** Devices with an open call, and when the first of these was raised, monotonic. */
  #callers: ReadonlyMap<string, number> = new Map();

  constructor(parts: SosCallsParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#pressLimiter = new RateLimiter(PRESS_RATE, () => parts.clock.mono());
    this.#afterCall(() => this.#refresh());
  }

  /** On return the call is on disk and broadcast. Throws where it could not be kept; it was broadcast all the same, and comes again. */
  onSos(report: SosReport, device: CrewDevice): void {
    const mono = this.#clock.mono();
    const where = this.#locate(report);
    const isWithinRate = this.#pressLimiter.tryTake(device.id);
    const stored = this.#broadcastIfNotStored(report, where, () =>
      this.#parts.records.report(report, device, where, isWithinRate),
    );
    const { id, isNew, state, message } = stored;
    if (message) this.#parts.connections.broadcast(message, device.id);
    // Sent again at each repeat: the acknowledgement before may have been lost.
    const sos = report.ackName ?? report.sos;
    this.#parts.connections.send(device, { kind: 'acknowledged', id: newId(this.#clock.now()), sos });
    if (isNew) this.#parts.log.warn({ sos: id, device: device.id, state }, 'call for help');
    this.#afterCall(
      () => this.#refresh({ id, mono }),
      () => message && this.notifyDisplays(),
    );
  }

  /** A device has reported a position: the place of its open calls moves. Never throws: `turn` tries again. */
  follow(device: string): void {
    if (!this.#callers.has(device)) return;
    try {
      this.#moveCalls(device);
    } catch {
      this.#parts.refusals.add('not stored', device);
    }
  }

  /** Called each second. Does all that can be done, then throws the first failure; the next turn tries again. */
  turn(): void {
    for (const device of this.#followedAt.keys()) if (!this.#callers.has(device)) this.#followedAt.delete(device);
    this.#pressLimiter.forgetIdle();
    runAll([
      () => this.#refresh(),
      () => this.#broadcastAll(this.#parts.records.turn()),
      () => runAll([...this.#callers.keys()].map((device) => () => this.#moveCalls(device))),
    ]);
  }

  /** Devices with an open call. */
  callers(): ReadonlySet<string> {
    return new Set(this.#callers.keys());
  }

  /** For the lane displays: unseen calls first, each group newest first. */
  open(): readonly ShownSos[] {
    const calls = this.#parts.records.open().map(({ id, pressed, acknowledged, ...where }): ShownSos => ({
      id,
      at: pressed,
      ...(acknowledged?.from ? { acknowledged: acknowledged.from } : {}),
      ...shownPlaces(where, this.#clock.now()),
    }));
    // A display has room for one: a call that somebody has seen must not hide one that is still unseen.
    const isSeen = ({ acknowledged }: ShownSos): boolean => acknowledged !== undefined;
    return [...calls.filter((call) => !isSeen(call)), ...calls.filter(isSeen)];
  }

  subscribe(changed: () => void): () => void {
    this.#displays.add(changed);
    return () => void this.#displays.delete(changed);
  }

  notifyDisplays(): void {
    runAll(this.#displays);
  }

  #refresh(reported?: { readonly id: Id; readonly mono: number }): void {
    const open = this.#parts.records.open();
    const monoOf = (id: Id): number => this.#raisedAt.get(id) ?? (id === reported?.id ? reported.mono : -Infinity);
    this.#raisedAt = new Map(open.map(({ id }) => [id, monoOf(id)]));
    this.#callers = firstCalls(open, this.#raisedAt);
  }

  #broadcastAll(notices: readonly SosNotice[]): void {
    for (const { device, message } of notices) this.#parts.connections.broadcast(message, device);
    if (notices.length > 0) this.notifyDisplays();
  }

  /** The call is on disk and broadcast, whatever fails here; `turn` makes up for it. */
  #afterCall(...tasks: (() => void)[]): void {
    try {
      runAll(tasks);
    } catch (error) {
      const cause = String(error);
      this.#parts.log.warn({ cause }, 'displays and places of calls may be behind: tried again each second');
    }
  }

  #moveCalls(device: string): void {
    const [last, now] = [this.#followedAt.get(device), this.#clock.mono()];
    if (last !== undefined && now - last < FOLLOW_EVERY_MS) return;
    const notices = this.#parts.records.updateLocation(device, this.#whereabouts(device));
    if (notices.length > 0) this.#followedAt.set(device, now);
    this.#broadcastAll(notices);
  }

  /** A call without a place is worth more than none: undefined where the store cannot be read. */
  #lastTrackPoint(device: string, now: Instant): TrackPoint | undefined {
    try {
      return lastTrackPoint(this.#parts.db, device, { now, withinMs: MAX_LAST_PLACE_AGE_MS });
    } catch (error) {
      if (isDamage(error)) this.#parts.db.damage.note('tracks', `last of ${device}`);
      return undefined;
    }
  }

  /** What the box knows of where a device is. A position measured since it called (`mono`) is the caller's own place. */
  #whereabouts(device: string, mono = this.#clock.mono()): Whereabouts {
    const { position, positionAt, held } = this.#parts.positions.latest(device) ?? {};
    const now = this.#clock.now();
    const isOwn = (this.#parts.positions.positionMono(device) ?? -Infinity) >= (this.#callers.get(device) ?? mono);
    const point = position ? undefined : this.#lastTrackPoint(device, now);
    const [last, at] = position ? [position, positionAt ?? now] : [point, point?.at ?? now];
    const place = last && placeOf(last, position && isOwn ? 'own' : 'last known', at);
    return {
      ...(place ? { place } : {}),
      ...(held ? { doubtful: placeOf(held.position, 'own', held.at) } : {}),
    };
  }

  /** The whereabouts of a caller: what the report says of it where that can be believed, else what was known before. */
  #locate({ device, position, positionAt, doubtful, at }: SosReport): Whereabouts {
    const mono = this.#clock.mono();
    const isOld = positionAt !== undefined;
    const isTaken =
      position && !isOld && !doubtful && this.#parts.positions.report({ device, at, position }) === 'taken';
    const before = this.#whereabouts(device, mono);
    if (!position || (!isOld && !doubtful && !isTaken)) return before;
    const own = placeOf(position, 'own', positionAt ?? at);
    if (isTaken) return { ...before, place: own };
    if (doubtful) return { ...before, doubtful: own };
    return before.place && before.place.at > own.at ? before : { ...before, place: own };
  }

  /** A call that cannot be stored is broadcast once all the same; the device is not acknowledged, and calls again. */
  #broadcastIfNotStored<T>({ device, sos, state, at }: SosReport, where: Whereabouts, commit: () => T): T {
    const name = `${sos} ${state}`;
    try {
      const stored = commit();
      this.#unstored.get(device)?.delete(name);
      return stored;
    } catch (error) {
      // Before anything else: whatever fails after this, the others know.
      if (this.#isFirstRefusal(device, name)) {
        const places = shownPlaces(where, this.#clock.now());
        this.#parts.connections.broadcast({ kind: 'sos', id: newId(at), state, at, ...places, device }, device);
        // It may never come again, and is then nowhere else.
        this.#parts.db.gap.count(at);
      }
      this.#parts.refusals.add('not stored', device);
      throw error;
    }
  }

  #isFirstRefusal(device: string, name: string): boolean {
    const names = this.#unstored.get(device) ?? new Set();
    this.#unstored.set(device, names);
    const isFirst = !names.delete(name);
    names.add(name);
    const [oldest] = names;
    if (names.size > MAX_UNSTORED) names.delete(oldest!);
    return isFirst;
  }
}

function firstCalls(open: readonly Sos[], raisedAt: ReadonlyMap<Id, number>): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { id, device } of open) first.set(device, Math.min(raisedAt.get(id)!, first.get(device) ?? Infinity));
  return first;
}
