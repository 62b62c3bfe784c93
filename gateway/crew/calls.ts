/**
 * Calls for help on their way in and out: what a device says, with the best place known of it, goes on disk, and then to everybody else. While
 * a call is open its place follows the caller.
 */
import { newId, type Clock } from '../clock/clock.ts';
import type { CrewMessage, CrewRefusal, CrewDevice, SosReport } from '../contracts/crew.ts';
import type { ShownSos } from '../contracts/display.ts';
import { openBuckets } from './buckets.ts';
import { isDamage, type Db } from '../store/db.ts';
import { lastTrackPoint, type TrackPoint } from '../store/tracks.ts';
import type { Id, Instant, Log } from '../contracts/base.ts';
import { doEach } from './each.ts';
import type { Positions } from './positions.ts';
import { placeOf, shownPlaces, type News, type SosDesk } from './sos.ts';
import type { Sos, Whereabouts } from '../store/sos-row.ts';

export interface Calls {
  /** When it returns, it is on disk and told. Throws where it could not be kept; it was told all the same, and comes again. */
  report(given: SosReport, device: CrewDevice): void;
  /** A device has said where it is: the place of its open calls moves. Never throws: `turn` comes back to it. */
  follow(device: string): void;
  /** Called each second. What fails keeps nothing else from being done; throws the first failure then, and the next turn tries again. */
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
  readonly tell: (device: CrewDevice, message: CrewMessage) => boolean;
  readonly tellOthers: (message: CrewMessage, but: string) => void;
  readonly refused: (why: CrewRefusal, device: string) => void;
  /** What the displays show is different now. */
  readonly changed: () => void;
}

/** Of one device: calls and withdrawals that the store refused and that were told. Where the oldest gives way, its repeat is told again. */
const MAX_UNSTORED = 20;
/** What a device may have written and told at once of further presses and moves; the rest is told a second later, all in one. */
const BURST = { size: 20, perS: 1 };
/** So often the place of a call moves by what its device reports otherwise. */
const FOLLOW_EVERY_MS = 10_000;
/** A place that is older than this does not say where somebody is. */
const LAST_PLACE_MS = 12 * 3_600_000;

export function openCalls(parts: CallsParts): Calls {
  const { db, clock, log, sosDesk, positions, tell, tellOthers, refused, changed } = parts;
  /** By device, the one that was said last at the end. */
  const unstored = new Map<string, Set<string>>();
  const buckets = openBuckets(BURST, clock);
  /** When the place of each device's calls last moved, monotonic. */
  const followed = new Map<string, number>();
  /** When each open call was raised, monotonic; those of before the start came before all that is in memory. */
  let raised: ReadonlyMap<Id, number> = new Map();
  /** Devices with an open call, and when the first of these was raised, monotonic. */
  let calling: ReadonlyMap<string, number> = new Map();

  const look = (reported?: { readonly id: Id; readonly mono: number }): void => {
    const open = sosDesk.open();
    const monoOf = (id: Id): number => raised.get(id) ?? (id === reported?.id ? reported.mono : -Infinity);
    raised = new Map(open.map(({ id }) => [id, monoOf(id)]));
    calling = firstCalls(open, raised);
  };
  const spread = (news: readonly News[]): void => {
    for (const { device, message } of news) tellOthers(message, device);
    if (news.length > 0) changed();
  };
  /** What follows from a call that is on disk and told: where it fails, the call is no less kept, and `turn` looks again. */
  const follows = (...works: (() => void)[]): void => {
    try {
      doEach(works);
    } catch (error) {
      log.warn({ cause: String(error) }, 'displays and places of calls may be behind: tried again each second');
    }
  };
  const move = (device: string): void => {
    const last = followed.get(device);
    if (last !== undefined && clock.mono() - last < FOLLOW_EVERY_MS) return;
    const news = sosDesk.moved(device, whereabouts(device));
    if (news.length > 0) followed.set(device, clock.mono());
    spread(news);
  };
  /** A call without a place is worth more than none. */
  const lastKept = (device: string, now: Instant): TrackPoint | undefined => {
    try {
      return lastTrackPoint(db, device, { now, withinMs: LAST_PLACE_MS });
    } catch (error) {
      if (isDamage(error)) db.damage.note('tracks', `last of ${device}`);
      return undefined;
    }
  };
  /** What the box knows of where a device is. Measured since it called (`mono`), it is the caller's own place. */
  const whereabouts = (device: string, mono = clock.mono()): Whereabouts => {
    const { position, positionAt, held } = positions.latest(device) ?? {};
    const now = clock.now();
    const isOwn = (positions.positionMono(device) ?? -Infinity) >= (calling.get(device) ?? mono);
    const kept = position ? undefined : lastKept(device, now);
    const [last, at] = position ? [position, positionAt ?? now] : [kept, kept?.at ?? now];
    const place = last && placeOf(last, position && isOwn ? 'own' : 'last known', at);
    return {
      ...(place ? { place } : {}),
      ...(held ? { doubtful: placeOf(held.position, 'own', held.at) } : {}),
    };
  };
  const whereOf = ({ device, position, positionAt, doubtful, at }: SosReport): Whereabouts => {
    const mono = clock.mono();
    const isOld = positionAt !== undefined;
    const isTaken = position && !isOld && !doubtful && positions.report({ device, at, position }) === 'taken';
    const known = whereabouts(device, mono);
    if (!position || (!isOld && !doubtful && !isTaken)) return known;
    const own = placeOf(position, 'own', positionAt ?? at);
    if (isTaken) return { ...known, place: own };
    if (doubtful) return { ...known, doubtful: own };
    return known.place && known.place.at > own.at ? known : { ...known, place: own };
  };
  /** Whether it is the first time that the store refuses this. */
  const isFirstRefusal = (device: string, name: string): boolean => {
    const names = unstored.get(device) ?? new Set();
    unstored.set(device, names);
    const isFirst = !names.delete(name);
    names.add(name);
    const [oldest] = names;
    if (names.size > MAX_UNSTORED) names.delete(oldest!);
    return isFirst;
  };
  /** Where a call cannot be stored the others hear of it all the same, once; the device is not acknowledged, and calls again. */
  const orTell = <T>({ device, sos, state, at }: SosReport, where: Whereabouts, commit: () => T): T => {
    const name = `${sos} ${state}`;
    try {
      const stored = commit();
      unstored.get(device)?.delete(name);
      return stored;
    } catch (error) {
      // Told before anything else is done: whatever fails after this, the others know.
      if (isFirstRefusal(device, name)) {
        const message = { kind: 'sos', id: newId(at), state, at, ...shownPlaces(where, clock.now()), device } as const;
        tellOthers(message, device);
      }
      refused('not stored', device);
      throw error;
    }
  };
  follows(() => look());
  return {
    report(given, device) {
      const mono = clock.mono();
      const where = whereOf(given);
      const may = buckets.take(device.id);
      const stored = orTell(given, where, () => sosDesk.report(given, device, where, may));
      const { id, fresh, state, message } = stored;
      if (message) tellOthers(message, device.id);
      // Again at each repeat: the acknowledgement before may have been lost.
      tell(device, { kind: 'acknowledged', id: newId(clock.now()), sos: given.ackName ?? given.sos });
      if (fresh) log.warn({ sos: id, device: device.id, state }, 'call for help');
      follows(
        () => look({ id, mono }),
        () => message && changed(),
      );
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
      const moves = (): void => doEach([...calling.keys()].map((device) => () => move(device)));
      for (const device of followed.keys()) if (!calling.has(device)) followed.delete(device);
      buckets.turn();
      doEach([() => look(), () => spread(sosDesk.turn()), moves]);
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

function firstCalls(open: readonly Sos[], raised: ReadonlyMap<Id, number>): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { id, device } of open) first.set(device, Math.min(raised.get(id)!, first.get(device) ?? Infinity));
  return first;
}
