/** The desk where calls for help come in: on disk first, then told, and told again until somebody has seen it. */
import { newId, type Clock } from '../clock/clock.ts';
import type { SosLocation, CrewMessage, CrewDevice, GeoLocation, SosReport } from '../contracts/crew.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import {
  ageOf,
  sosSince,
  unseenSos,
  type LocationUpdate,
  type Sos,
  type SosPlace,
  type Whereabouts,
} from '../store/sos-row.ts';
import { acknowledgeSos, moveSos, pressSos, recordSos, repeatSos } from '../store/sos.ts';
import type { Id, Instant } from '../contracts/base.ts';
import { gather } from './each.ts';
import { monoOf, wallOf } from './wall-time.ts';
import { moveOn } from './whereabouts.ts';

export interface SosDesk {
  /**
   * When it returns, it is on disk. Throws, with nothing kept, when the disk or the outbox is full. `where`: the caller's whereabouts, by
   * default the report's own position. `may`: false where the device has used up what it may write at once; a press that belongs to an
   * open call is then written, and told, by `turn`.
   */
  report(report: SosReport, device: CrewDevice, where?: Whereabouts, may?: boolean): ReportedSos;
  /** The caller is somewhere else: gives what others are to hear of its open calls. Throws as `report` where that is nothing. */
  moved(device: string, where: Whereabouts): readonly News[];
  /** The command room, or a person at the box, has seen it: no more repeats. Says whether there is such a call. Throws as `report`. */
  acknowledged(id: Id, by: string): boolean;
  /** Not withdrawn, last pressed first: until somebody has seen it, and for a shift after it was raised. */
  open(): readonly Sos[];
  /** What a device that comes back is told of the others' calls: those open, and withdrawals of the last shift. Whole; `device` made it. */
  messages(): readonly News[];
  /**
   * Tells the room again what it has not acknowledged, every 30 s by the monotonic clock, and writes the presses that had to wait; called
   * each second. Gives what others are to hear. Throws as `report` where that is nothing; what failed is tried again at the next.
   */
  turn(): readonly News[];
}

/** Of a call of `device`: for everybody else. Whole, to be cut down to each role. */
export interface News {
  readonly device: string;
  readonly message: CrewMessage;
}

export interface ReportedSos {
  readonly id: Id;
  /** False: a repeat. */
  readonly fresh: boolean;
  readonly state: SosReport['state'];
  /** For everybody else, where it is fresh; whole, to be cut down to each role. */
  readonly message?: CrewMessage;
}

/** A press that waits to be written. */
interface Later {
  readonly at: Instant;
  readonly where: Whereabouts;
  /** When that was, monotonic: the clock may be set before it is written. */
  readonly mono: number;
}

export interface SosParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<Clock, 'now' | 'mono' | 'state'>;
}

const REPEAT_MS = 30_000;
/** A call that the room has seen and that nobody withdrew must not stand on the displays for ever. */
export const SHIFT_MS = 12 * 3_600_000;

/**
 * Repeats come every 5 s. A device that gives its call no name presses again where it was silent for three of them; sooner it only repeats.
 */
const UNNAMED_AGAIN_MS = 15_000;
/** Unnamed calls that are remembered; beyond it a repeat counts as a press. */
const MAX_UNNAMED = 1_000;
/** Presses that wait to be written, one a call. */
const MAX_LATER = 1_000;

export function openSosDesk({ db, outbox, clock }: SosParts): SosDesk {
  /** When the room was last told of each call that it has not acknowledged, monotonic. */
  const told = new Map<Id, number>();
  const later = new Map<Id, Later>();
  const nameOf = openNames(clock);
  const places = openPlaceTimes(clock);
  const recent = (): readonly Sos[] => sosSince(db, outbox.now() - SHIFT_MS);
  const open = (): readonly Sos[] =>
    recent()
      .filter((sos) => sos.state === 'raised')
      .map((sos) => places.now(sos))
      .sort((a, b) => b.pressed - a.pressed);
  const news = (sos: Sos, id: Id): News => ({ device: sos.device, message: messageOf(sos, id, outbox.now()) });
  const moveTo =
    (where: Whereabouts) =>
    (was: Whereabouts): LocationUpdate =>
      moveOn(places.now(was), where);
  const tellAgain = (id: Id): readonly News[] => {
    const [last, now] = [told.get(id), clock.mono()];
    if (last !== undefined && now - last < REPEAT_MS) return [];
    if (last !== undefined) repeatSos(db, { id, now: (sos) => places.now(sos), clock: clock.state() }, outbox);
    told.set(id, now);
    return [];
  };
  const tellUnseen = (): readonly News[] => {
    const unseen = unseenSos(db);
    for (const id of told.keys()) if (!unseen.includes(id)) told.delete(id);
    return gather(unseen, tellAgain);
  };
  const pressLater = (id: Id, { at, where, mono }: Later): readonly News[] => {
    const stepMs = wallOf(mono, clock) - at;
    const sos = pressSos(
      db,
      { id, at: at + stepMs, move: moveTo(shifted(where, stepMs)), clock: clock.state() },
      outbox,
    );
    if (sos) places.heard(sos);
    later.delete(id);
    return sos ? [news(sos, newId(outbox.now()))] : [];
  };
  const moveCall = (id: Id, where: Whereabouts): readonly News[] => {
    const moved = moveSos(db, { id, move: moveTo(where), clock: clock.state() }, outbox);
    if (moved && moved.change !== 'repeat') places.heard(moved.sos);
    return moved?.change === 'placed' ? [news(moved.sos, newId(outbox.now()))] : [];
  };
  return {
    report(given, device, where = ownPlace(given), may = true) {
      const report = { ...given, sos: nameOf(given) };
      const parts = { report, device, move: moveTo(where), clock: clock.state(), may };
      const { sos, change } = recordSos(db, parts, outbox);
      const { id, state } = sos;
      if (change !== 'repeat' && change !== 'later' && change !== 'cancelled') places.heard(sos);
      if (change === 'later' && (later.has(id) || later.size < MAX_LATER))
        later.set(id, { at: given.at, where, mono: monoOf(given.at, clock) });
      if (change === 'repeat' || change === 'aged' || change === 'later') return { id, fresh: false, state };
      // Devices pass over an id that they know: news of a call that they show already have another.
      const isFirst = change === 'raised' || change === 'cancelled';
      return {
        id,
        fresh: true,
        state,
        message: news(sos, isFirst ? (sos.cancelId ?? id) : newId(outbox.now())).message,
      };
    },
    moved(device, where) {
      // Looked at before: a transaction takes the lock of the whole store, and most of the time nothing has moved.
      const moving = open().filter((sos) => sos.device === device && moveOn(sos, where).change !== 'repeat');
      return gather(moving, ({ id }) => moveCall(id, where));
    },
    acknowledged: (id, by) => acknowledgeSos(db, { id, by, from: 'room', clock: clock.state() }, outbox) !== undefined,
    open,
    // A call that was pressed again or has moved may be known under the id it had then.
    messages: () =>
      recent().map((sos) => news(places.now(sos), sos.cancelId ?? (hasMoved(sos) ? newId(outbox.now()) : sos.id))),
    turn() {
      const parts = [tellUnseen, () => gather(later, ([id, pressed]) => pressLater(id, pressed))];
      return gather(parts, (part) => part());
    },
  };
}

interface PlaceTimes {
  /** The place of this call was written just now. */
  heard(sos: Sos): void;
  /** With the time of its place in the wall time of now. */
  now<T extends Whereabouts & { readonly id?: Id }>(was: T): T;
}

/** Calls whose places have a time that does not depend on the wall clock. */
const MAX_PLACES = 1_000;

/** A row says when a place was heard of by the wall clock of then. Of places that this desk wrote the monotonic time is known as well. */
function openPlaceTimes(clock: Pick<Clock, 'now' | 'mono'>): PlaceTimes {
  const heard = new Map<Id, number>();
  const opened = { now: clock.now(), mono: clock.mono() };
  return {
    heard({ id, place }) {
      if (!place) return;
      heard.delete(id);
      heard.set(id, monoOf(place.at, clock));
      const [oldest] = heard.keys();
      if (heard.size > MAX_PLACES) heard.delete(oldest!);
    },
    now(was) {
      const { id, place } = was;
      if (!place) return was;
      // Of before the start: nothing that was heard since is older.
      const mono = (id === undefined ? undefined : heard.get(id)) ?? opened.mono - Math.max(0, opened.now - place.at);
      return shifted(was, wallOf(mono, clock) - place.at);
    },
  };
}

function shifted<T extends Whereabouts>(where: T, ms: number): T {
  return where.place ? { ...where, place: { ...where.place, at: where.place.at + ms } } : where;
}

/** The name under which a report counts. One that the device did not give holds while it repeats itself. */
function openNames(clock: SosParts['clock']): (report: SosReport) => string {
  const names = new Map<string, { readonly name: string; readonly mono: number }>();
  return ({ device, sos, unnamed, at }) => {
    if (!unnamed) return sos;
    const key = `${device} ${sos}`;
    const mono = clock.mono();
    const last = names.get(key);
    const isRepeat = last !== undefined && mono - last.mono < UNNAMED_AGAIN_MS;
    const name = isRepeat ? last.name : newId(at);
    names.delete(key);
    names.set(key, { name, mono });
    const [oldest] = names.keys();
    if (names.size > MAX_UNNAMED) names.delete(oldest!);
    return name;
  };
}

/** The position of a report that nobody has compared with where the device was before. */
function ownPlace({ position, at }: SosReport): Whereabouts {
  return position ? { place: placeOf(position, 'own', at) } : {};
}

export function placeOf(
  { lat, lon, accuracyM, trusted }: Pick<SosPlace, 'lat' | 'lon' | 'accuracyM' | 'trusted'>,
  origin: SosPlace['origin'],
  at: Instant,
): SosPlace {
  return { lat, lon, ...(accuracyM === undefined ? {} : { accuracyM }), trusted, origin, at };
}

/** As it lies in the store. By another time, not a later one: the clock may have been set back between. */
function hasMoved({ presses, place, raised }: Sos): boolean {
  return presses > 1 || (place?.origin === 'own' && place.at !== raised);
}

/** What is shown to others of a call for help: whole, to be cut down to the role of each. */
function messageOf(sos: Sos, id: Id, now: Instant): CrewMessage {
  const { device, state, cancelled, pressed } = sos;
  return { kind: 'sos', id, state, at: cancelled ?? pressed, ...shownPlaces(sos, now), device };
}

/** Where the caller is, as devices and displays are told. */
export function shownPlaces(
  { place, doubtful }: Whereabouts,
  now: Instant,
): { place?: SosLocation; doubtful?: GeoLocation } {
  return {
    ...(place ? { place: shownPlace(place, now) } : {}),
    ...(doubtful ? { doubtful: { lat: doubtful.lat, lon: doubtful.lon } } : {}),
  };
}

function shownPlace(place: SosPlace, now: Instant): SosLocation {
  const { lat, lon, origin, trusted } = place;
  return { lat, lon, origin, ...ageOf(place, now), ...(trusted ? {} : { trusted }) };
}
