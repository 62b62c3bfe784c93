/**
 * Calls for help on their way in and out: what a device says, with the best place known of it, goes on disk, and then to everybody else. While
 * a call is open its place follows the caller.
 */
import { newId, type Clock } from '../clock.ts';
import type { CrewMessage, CrewRefusal, Device, ShownSos, SosReport } from '../equipment.ts';
import { openBuckets } from './buckets.ts';
import type { Db } from '../store/db.ts';
import { lastTrackPoint } from '../store/tracks.ts';
import type { Instant, Log } from '../types.ts';
import type { Positions } from './positions.ts';
import { placeOf, shownPlaces, type News, type SosDesk } from './sos.ts';
import type { Sos, Whereabouts } from '../store/sos-row.ts';

export interface Calls {
  /** When it returns, it is on disk and told. Throws where it could not be kept; it was told all the same, and comes again. */
  report(given: SosReport, device: Device): void;
  /** A device has said where it is: the place of its open calls moves. Never throws: `turn` comes back to it. */
  follow(device: string): void;
  /** Called each second. Throws what the store throws; the next turn tries again. */
  turn(): void;
  /** Devices with an open call. */
  calling(): ReadonlySet<string>;
  /** For the lane displays: those that nobody has seen first, each newest first. */
  shown(): readonly ShownSos[];
}

export interface CallsParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly sosDesk: SosDesk;
  readonly positions: Positions;
  readonly tell: (device: Device, message: CrewMessage) => boolean;
  readonly tellOthers: (message: CrewMessage, but: string) => void;
  readonly refused: (why: CrewRefusal, device: string) => void;
  /** What the displays show is different now. */
  readonly changed: () => void;
}

/** Calls that the store refused and that were told once. */
const MAX_UNSTORED = 100;
/** What a device may have written and told at once of further presses and moves; the rest is told a second later, all in one. */
const BURST = { size: 20, perS: 1 };
/** So often the place of a call moves by what its device reports otherwise. */
const FOLLOW_EVERY_MS = 10_000;
/** A place that is older than this does not say where somebody is. */
const LAST_PLACE_MS = 12 * 3_600_000;

export function openCalls(parts: CallsParts): Calls {
  const { db, clock, log, sosDesk, positions, tell, tellOthers, refused, changed } = parts;
  const unstored = new Set<string>();
  const buckets = openBuckets(BURST, clock);
  /** When the place of each device's calls last moved, monotonic. */
  const followed = new Map<string, number>();
  /** Devices with an open call, and when the first of these was raised. */
  let calling = firstCalls(sosDesk.open());

  const look = (): void => void (calling = firstCalls(sosDesk.open()));
  const spread = (news: readonly News[]): void => {
    for (const { device, message } of news) tellOthers(message, device);
    if (news.length > 0) changed();
  };
  const move = (device: string): void => {
    const last = followed.get(device);
    if (last !== undefined && clock.mono() - last < FOLLOW_EVERY_MS) return;
    const news = sosDesk.moved(device, whereabouts(device));
    if (news.length > 0) followed.set(device, clock.mono());
    spread(news);
  };
  /** What the box knows of where a device is. Measured since it called, it is the caller's own place. */
  const whereabouts = (device: string): Whereabouts => {
    const { position, positionAt, held } = positions.latest(device) ?? {};
    const now = clock.now();
    const calledAt = calling.get(device) ?? now;
    const kept = position ? undefined : lastTrackPoint(db, device, { now, withinMs: LAST_PLACE_MS });
    const [last, at] = position ? [position, positionAt ?? now] : [kept, kept?.at ?? now];
    const place = last && placeOf(last, position && at >= calledAt ? 'own' : 'last known', at);
    return {
      ...(place ? { place } : {}),
      ...(held ? { doubtful: placeOf(held.position, 'own', held.at) } : {}),
    };
  };
  const whereOf = ({ device, position, positionAt, doubtful, at }: SosReport): Whereabouts => {
    const isOld = positionAt !== undefined;
    if (position && !isOld && !doubtful) positions.report({ device, at, position });
    const known = whereabouts(device);
    if (!position || (!isOld && !doubtful)) return known;
    const own = placeOf(position, 'own', positionAt ?? at);
    if (doubtful) return { ...known, doubtful: own };
    return known.place && known.place.at > own.at ? known : { ...known, place: own };
  };
  /** Where a call cannot be stored the others hear of it all the same, once; the device is not acknowledged, and calls again. */
  const orTell = <T>({ device, sos, state, at }: SosReport, where: Whereabouts, commit: () => T): T => {
    const name = `${device} ${sos} ${state}`;
    try {
      const stored = commit();
      unstored.delete(name);
      return stored;
    } catch (error) {
      refused('not stored', device);
      if (!unstored.has(name) && unstored.size < MAX_UNSTORED) {
        unstored.add(name);
        const message = { kind: 'sos', id: newId(at), state, at, ...shownPlaces(where, clock.now()), device } as const;
        tellOthers(message, device);
      }
      throw error;
    }
  };
  return {
    report(given, device) {
      const where = whereOf(given);
      const may = buckets.take(device.id);
      const stored = orTell(given, where, () => sosDesk.report(given, device, where, may));
      const { id, fresh, state, message } = stored;
      if (fresh) log.warn({ sos: id, device: device.id, state }, 'call for help');
      // Again at each repeat: the acknowledgement before may have been lost.
      tell(device, { kind: 'acknowledged', id: newId(clock.now()), sos: given.sayBack ?? given.sos });
      look();
      if (message) spread([{ device: device.id, message }]);
    },
    follow(device) {
      if (!calling.has(device)) return;
      try {
        move(device);
      } catch {
        refused('not stored', device);
      }
    },
    turn() {
      look();
      for (const device of followed.keys()) if (!calling.has(device)) followed.delete(device);
      buckets.turn();
      spread(sosDesk.turn());
      for (const device of calling.keys()) move(device);
    },
    calling: () => new Set(calling.keys()),
    shown() {
      const calls = sosDesk.open().map(({ id, pressed, acknowledged, ...where }): ShownSos => ({
        id,
        at: pressed,
        ...(acknowledged?.from ? { acknowledged: acknowledged.from } : {}),
        ...shownPlaces(where, clock.now()),
      }));
      // A display has room for one: that somebody acts on the newest must not stand before one that nobody has seen.
      const isSeen = ({ acknowledged }: ShownSos): boolean => acknowledged !== undefined;
      return [...calls.filter((call) => !isSeen(call)), ...calls.filter(isSeen)];
    },
  };
}

function firstCalls(open: readonly Sos[]): ReadonlyMap<string, Instant> {
  const first = new Map<string, Instant>();
  for (const { device, raised } of open) first.set(device, Math.min(raised, first.get(device) ?? raised));
  return first;
}
