/** Calls for help: on disk first, then reported, and reported again until a person has acknowledged them. */
import { newId, type Clock } from '../clock/clock.ts';
import type { SosLocation, CrewMessage, CrewDevice, GeoLocation, SosReport } from '../contracts/crew.ts';
import {
  ageOf,
  sosSince,
  unseenSos,
  type LocationUpdate,
  type Sos,
  type SosPlace,
  type Whereabouts,
} from '../store/sos-table.ts';
import { acknowledgeSos, moveSos, pressSos, recordSos, repeatSos } from '../store/sos.ts';
import type { Id, Instant } from '../contracts/base.ts';
import type { CrewRooms } from './rooms.ts';
import { collect } from './run-all.ts';
import { monoOf, wallOf } from './wall-time.ts';
import { mergeWhereabouts } from './whereabouts.ts';

/** Of a call of `device`, for all others. Whole, to be cut down to each role. */
export interface SosNotice {
  readonly device: string;
  readonly message: CrewMessage;
}

interface ReportedSos {
  readonly id: Id;
  /** False: a repeat. */
  readonly isNew: boolean;
  readonly state: SosReport['state'];
  /** For all others, where the call is new; whole, to be cut down to each role. */
  readonly message?: CrewMessage;
}

/** A press that waits to be written. */
interface DeferredPress {
  readonly at: Instant;
  readonly where: Whereabouts;
  /** When that was, monotonic: the clock may be set before it is written. */
  readonly mono: number;
}

const REPEAT_MS = 30_000;
/** A call that the room has acknowledged and that is never withdrawn must not stay on the displays for ever. */
export const SHIFT_MS = 12 * 3_600_000;

/**
 * Repeats come every 5 s. A device that gives its call no name presses again where it was silent for three of them; sooner it only repeats.
 */
const UNNAMED_AGAIN_MS = 15_000;
/** Unnamed calls that are remembered; beyond it a repeat counts as a press. */
const MAX_UNNAMED = 1_000;
/** Presses that wait to be written, one a call. */
const MAX_DEFERRED = 1_000;

export type SosRecords = ReturnType<typeof openSosRecords>;

export function openSosRecords({ db, outbox, clock }: CrewRooms & { readonly clock: Clock }) {
  /** When the room was last reminded of each call that it has not acknowledged, monotonic. */
  const remindedAt = new Map<Id, number>();
  const deferred = new Map<Id, DeferredPress>();
  const nameOf = openCallNames(clock);
  const places = openPlaceTimes(clock);
  const recent = (): readonly Sos[] => sosSince(db, outbox.now() - SHIFT_MS);
  /** Not withdrawn, last pressed first: until a person has acknowledged it, and for a shift after it was raised. */
  const open = (): readonly Sos[] =>
    recent()
      .filter((sos) => sos.state === 'raised')
      .map((sos) => places.now(sos))
      .sort((a, b) => b.pressed - a.pressed);
  const noticeOf = (sos: Sos, id: Id): SosNotice => ({ device: sos.device, message: messageOf(sos, id, outbox.now()) });
  const moveTo =
    (where: Whereabouts) =>
    (was: Whereabouts): LocationUpdate =>
      mergeWhereabouts(places.now(was), where);
  const remind = (id: Id): readonly SosNotice[] => {
    const [last, now] = [remindedAt.get(id), clock.mono()];
    if (last !== undefined && now - last < REPEAT_MS) return [];
    if (last !== undefined) repeatSos(db, { id, now: (sos) => places.now(sos), clock: clock.state() }, outbox);
    remindedAt.set(id, now);
    return [];
  };
  const remindUnseen = (): readonly SosNotice[] => {
    const unseen = unseenSos(db);
    for (const id of remindedAt.keys()) if (!unseen.includes(id)) remindedAt.delete(id);
    return collect(unseen, remind);
  };
  const writeDeferred = (id: Id, { at, where, mono }: DeferredPress): readonly SosNotice[] => {
    const stepMs = wallOf(mono, clock) - at;
    const sos = pressSos(
      db,
      { id, at: at + stepMs, move: moveTo(shifted(where, stepMs)), clock: clock.state() },
      outbox,
    );
    if (sos) places.written(sos);
    deferred.delete(id);
    return sos ? [noticeOf(sos, newId(outbox.now()))] : [];
  };
  const moveCall = (id: Id, where: Whereabouts): readonly SosNotice[] => {
    const moved = moveSos(db, { id, move: moveTo(where), clock: clock.state() }, outbox);
    if (moved && moved.change !== 'repeat') places.written(moved.sos);
    return moved?.change === 'placed' ? [noticeOf(moved.sos, newId(outbox.now()))] : [];
  };
  return {
    /**
     * When it returns, it is on disk. Throws, with nothing kept, when the disk or the outbox is full. `where`: the caller's whereabouts, by
     * default the report's own position. `isWithinRate`: false where the device has used up its rate; a further press of an open call is
     * then written and broadcast by `turn`.
     */
    report(given: SosReport, device: CrewDevice, where = reportedPlace(given), isWithinRate = true): ReportedSos {
      const report = { ...given, sos: nameOf(given) };
      const parts = { report, device, move: moveTo(where), clock: clock.state(), may: isWithinRate };
      const { sos, change } = recordSos(db, parts, outbox);
      const { id, state } = sos;
      if (change !== 'repeat' && change !== 'later' && change !== 'cancelled') places.written(sos);
      if (change === 'later' && (deferred.has(id) || deferred.size < MAX_DEFERRED))
        deferred.set(id, { at: given.at, where, mono: monoOf(given.at, clock) });
      if (change === 'repeat' || change === 'aged' || change === 'later') return { id, isNew: false, state };
      // Devices ignore an id that they know, so a notice of a call that they show already has another.
      const isFirst = change === 'raised' || change === 'cancelled';
      return {
        id,
        isNew: true,
        state,
        message: noticeOf(sos, isFirst ? (sos.cancelId ?? id) : newId(outbox.now())).message,
      };
    },
    /** The caller is elsewhere: returns the notices of its open calls to broadcast. Throws as `report` where there is none. */
    updateLocation(device: string, where: Whereabouts): readonly SosNotice[] {
      // Compared first: a transaction takes the lock of the whole store, and most of the time nothing has moved.
      const moving = open().filter((sos) => sos.device === device && mergeWhereabouts(sos, where).change !== 'repeat');
      return collect(moving, ({ id }) => moveCall(id, where));
    },
    /** The command room has seen it: no more repeats. False where there is no such call. Throws as `report`. */
    acknowledge: (id: Id, by: string) =>
      acknowledgeSos(db, { id, by, from: 'room', clock: clock.state() }, outbox) !== undefined,
    open,
    /** For a device that connects: open calls, and withdrawals of the last shift. Whole; `device` is the caller. */
    messages: () =>
      // A call that was pressed again or has moved may be known under the id it had then.
      recent().map((sos) => noticeOf(places.now(sos), sos.cancelId ?? (hasMoved(sos) ? newId(outbox.now()) : sos.id))),
    /**
     * Tells the room again what it has not acknowledged, every 30 s by the monotonic clock, and writes the presses that had to wait; called
     * each second. Returns the notices to broadcast. Throws as `report` where there is none; what failed is tried again at the next turn.
     */
    turn() {
      const parts = [remindUnseen, () => collect(deferred, ([id, pressed]) => writeDeferred(id, pressed))];
      return collect(parts, (part) => part());
    },
  };
}

/** Calls whose places have a time that does not depend on the wall clock. */
const MAX_PLACES = 1_000;

/** A row has the time of a place by the wall clock of then. For places written since the start the monotonic time is known as well. */
function openPlaceTimes(clock: CrewRooms['clock']) {
  const writtenAt = new Map<Id, number>();
  const opened = { now: clock.now(), mono: clock.mono() };
  return {
    /** The place of this call was written just now. */
    written({ id, place }: Sos) {
      if (!place) return;
      writtenAt.delete(id);
      writtenAt.set(id, monoOf(place.at, clock));
      const [oldest] = writtenAt.keys();
      if (writtenAt.size > MAX_PLACES) writtenAt.delete(oldest!);
    },
    /** With the time of its place in the wall time of now. */
    now<T extends Whereabouts & { readonly id?: Id }>(was: T): T {
      const { id, place } = was;
      if (!place) return was;
      // Written before the start: nothing that came since is older.
      const mono =
        (id === undefined ? undefined : writtenAt.get(id)) ?? opened.mono - Math.max(0, opened.now - place.at);
      return shifted(was, wallOf(mono, clock) - place.at);
    },
  };
}

function shifted<T extends Whereabouts>(where: T, ms: number): T {
  return where.place ? { ...where, place: { ...where.place, at: where.place.at + ms } } : where;
}

/** The name under which a report counts. One that the device did not give holds while it repeats itself. */
function openCallNames(clock: CrewRooms['clock']): (report: SosReport) => string {
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

/** The position of a report, not yet compared with where the device was before. */
function reportedPlace({ position, at }: SosReport): Whereabouts {
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

/** Where the caller is, in the form for devices and displays. */
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
