/** Calls for help: the one transaction that turns a call into row + audit + outbox. They are never compacted and never evicted. */
import { iso } from '../contracts/time.ts';
import { newId } from '../clock/clock.ts';
import type { CrewDevice, SosReport } from '../contracts/crew.ts';
import type { SosSeenAt } from '../contracts/display.ts';
import type { Id, Instant, Json } from '../contracts/base.ts';
import type { ClockState } from '../contracts/hit.ts';
import { appendOrCount } from './audit-gap.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import type { OutboxWriter } from './outbox/outbox.ts';
import {
  findByName,
  getSos,
  insertRow,
  placeJson,
  toSos,
  updateRow,
  type LocationUpdate,
  type Sos,
  type Whereabouts,
} from './sos-table.ts';

/**
 * The effect of a report. `again`: a press merged into an open call. `placed`: the place moved. `aged`: only the time of the place was written,
 * which is no news. `repeat`: nothing was written. `later`: it is still to be written.
 */
export type SosChange = 'raised' | 'cancelled' | 'again' | 'placed' | 'aged' | 'repeat' | 'later';

/** A device that names each press anew must not fill the store: with this many open calls, a press belongs to the newest of them. */
const MAX_OPEN = 5;
/** Names of merged presses kept for a call, the newest: each of them can withdraw it. */
const MAX_NAMES = 64;
/** Devices repeat a call every few seconds. After this time the same name is a new press: counters restart when a device is switched on. */
const REUSED_AFTER_MS = 3_600_000;
/**
 * For an acknowledged call: a terminal leaves its alarm bit on, which is no news to the people who saw it. After a shift the call is no longer
 * shown.
 */
const SEEN_REUSED_AFTER_MS = 12 * 3_600_000;
/** Computes where the caller is now from where the caller was. */
type Move = (was: Whereabouts) => LocationUpdate;

export interface NewSos {
  readonly report: SosReport;
  readonly device: CrewDevice;
  readonly move: Move;
  readonly clock: ClockState;
  /**
   * False: the device presses so fast that a press merged into an open call is not written now. The change is then `later`, and `sos` the call to
   * hand to `pressSos`.
   */
  readonly may?: boolean;
}

/**
 * Commits a call for help or its withdrawal; when it returns, it is on disk. Device and name identify a call; a withdrawn one stays withdrawn, and
 * the same name an hour later is a new call. A press merged into an open call adds no row: it updates time and place, is an event of its own, and
 * its name is remembered. A withdrawal whose call was lost is kept as a withdrawn call. Throws, and keeps nothing, when the disk or the outbox is
 * full.
 */
export function recordSos(
  db: Db,
  given: NewSos,
  outbox: OutboxWriter,
): { readonly sos: Sos; readonly change: SosChange } {
  const { report, device, may = true } = given;
  return db.write((): { sos: Sos; change: SosChange } => {
    const namesake = findByName(db, report);
    if (namesake && isReused(namesake, report)) {
      if (namesake.state === 'raised' && !namesake.acknowledged)
        return may ? pressAgain(db, namesake, given, outbox) : { sos: namesake, change: 'later' };
      freeName(db, report, namesake);
    }
    const earlier = findByName(db, report);
    const merged = earlier || report.state === 'cancelled' ? undefined : callToJoin(db, device);
    if (merged) {
      if (!may) return { sos: merged, change: 'later' };
      remember(db, report, merged);
      return pressAgain(db, merged, given, outbox);
    }
    if (!earlier) return insert(db, given, outbox);
    const next = changed(earlier, given);
    if (next.change === 'repeat') return next;
    if (!may && next.change === 'placed') return { sos: earlier, change: 'later' };
    updateRow(db, next.sos);
    if (next.change === 'cancelled') audit(db, next.sos, next.change, outbox);
    if (next.change !== 'aged') tell(db, next.sos, given.clock, outbox);
    return next;
  });
}

/** Raises an open call again, with a new place and time, and reports it to everybody. Undefined: it is no longer open. Throws like `recordSos`. */
export function pressSos(
  db: Db,
  given: { readonly id: Id; readonly at: Instant; readonly move: Move; readonly clock: ClockState },
  outbox: OutboxWriter,
): Sos | undefined {
  return db.write(() => {
    const earlier = getSos(db, given.id);
    if (earlier?.state !== 'raised') return undefined;
    const { at, move, clock } = given;
    return pressAgain(db, earlier, { report: { at }, move, clock }, outbox).sos;
  });
}

/** Updates where the caller is. Writes and reports it only if it is news. Throws like `recordSos`. */
export function moveSos(
  db: Db,
  given: { readonly id: Id; readonly move: Move; readonly clock: ClockState },
  outbox: OutboxWriter,
): { readonly sos: Sos; readonly change: 'placed' | 'aged' | 'repeat' } | undefined {
  return db.write(() => {
    const earlier = getSos(db, given.id);
    if (earlier?.state !== 'raised') return undefined;
    const moved = movedTo(earlier, given.move);
    if (moved.change !== 'repeat') updateRow(db, moved.sos);
    if (moved.change === 'placed') tell(db, moved.sos, given.clock, outbox);
    return moved;
  });
}

/**
 * The open call of this device to which a press with an unknown name belongs. A terminal reports that its button is on, not whether it was pressed
 * again, so its last unacknowledged call is the one; any other device may have MAX_OPEN.
 */
function callToJoin(db: Db, { id, protocol }: CrewDevice): Sos | undefined {
  const max = protocol === 'jt808' ? 1 : MAX_OPEN;
  const rows = db
    .prepare(
      `SELECT * FROM sos WHERE device = ? AND state = 'raised' AND acknowledgedMs IS NULL
       ORDER BY raisedMs DESC, id DESC LIMIT ?`,
    )
    .all(id, max);
  return rows.length < max ? undefined : toSos(db, rows[0]);
}

function isReused({ cancelled, acknowledged, pressed }: Sos, { state, at }: SosReport): boolean {
  const afterMs = acknowledged && cancelled === undefined ? SEEN_REUSED_AFTER_MS : REUSED_AFTER_MS;
  // The age of a time in the future is unknown: a call too many is better than one too few.
  return state === 'raised' && Math.abs(at - (cancelled ?? pressed)) >= afterMs;
}

/** Gives up the earlier call's name, which the device uses again; the rest of the call stays. */
function freeName(db: Db, { device, sos: name }: SosReport, { id }: Sos): void {
  db.prepare('UPDATE sos SET name = ? WHERE id = ? AND name = ?').run(`${name} ${id}`, id, name);
  db.prepare('DELETE FROM sosNames WHERE device = ? AND name = ?').run(device, name);
}

function insert(db: Db, { report, device, move, clock }: NewSos, outbox: OutboxWriter) {
  const id = newId(outbox.now());
  const { sos: name, state, at } = report;
  const sos: Sos = {
    id,
    device: device.id,
    name,
    role: device.role,
    kind: device.kind,
    state,
    raised: at,
    pressed: at,
    presses: 1,
    ...(state === 'cancelled' ? { cancelled: at, cancelId: id } : {}),
    ...move({}).where,
    ...unreadOf(report),
  };
  insertRow(db, sos);
  audit(db, sos, state, outbox);
  // The first event has the call's own id, so that (source, id) names the call for the receiver.
  outbox.enqueue({ ...eventOf(sos, clock, outbox.now()), id, time: at });
  return { sos, change: state };
}

type SosPress = Pick<NewSos, 'move' | 'clock'> & { readonly report: Pick<SosReport, 'at' | 'invalidFields'> };

function pressAgain(db: Db, earlier: Sos, { report, move, clock }: SosPress, outbox: OutboxWriter) {
  const placed = movedTo(earlier, move).sos;
  const { unread: _, ...rest } = placed;
  const sos: Sos = { ...rest, ...unreadOf(report), pressed: report.at, presses: earlier.presses + 1 };
  updateRow(db, sos);
  tell(db, sos, clock, outbox);
  return { sos, change: 'again' as const };
}

function changed(earlier: Sos, { report, move }: NewSos): { readonly sos: Sos; readonly change: SosChange } {
  const { state, at } = report;
  if (earlier.state === 'cancelled') return { sos: earlier, change: 'repeat' };
  if (state === 'raised') return movedTo(earlier, move);
  return { sos: { ...earlier, state, cancelled: at, cancelId: newId(at) }, change: 'cancelled' };
}

function movedTo(earlier: Sos, move: Move): { readonly sos: Sos; readonly change: LocationUpdate['change'] } {
  const { place: _place, doubtful: _doubtful, ...rest } = earlier;
  const { where, change } = move(earlier);
  return { sos: { ...rest, ...where }, change };
}

function unreadOf({ invalidFields }: Pick<SosReport, 'invalidFields'>): Pick<Sos, 'unread'> {
  const [first] = invalidFields ?? [];
  return first ? { unread: `${first.field}: ${first.why}` } : {};
}

/** Stores the name, and drops the oldest beyond MAX_NAMES. */
function remember(db: Db, { device, sos: name }: SosReport, { id }: Sos): void {
  db.prepare('INSERT INTO sosNames (device, name, sos) VALUES (?, ?, ?)').run(device, name, id);
  db.prepare(
    'DELETE FROM sosNames WHERE rowid IN (SELECT rowid FROM sosNames WHERE sos = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?)',
  ).run(id, MAX_NAMES);
}

/** Records who saw it; the first acknowledgement counts. Undefined: there is no such call. Throws like `recordSos`. */
export function acknowledgeSos(
  db: Db,
  given: { readonly id: Id; readonly by: string; readonly from: SosSeenAt; readonly clock: ClockState },
  outbox: OutboxWriter,
): Sos | undefined {
  return db.write(() => {
    const earlier = getSos(db, given.id);
    if (!earlier || earlier.acknowledged) return earlier;
    const at = outbox.now();
    const sos: Sos = { ...earlier, acknowledged: { at, by: given.by, from: given.from } };
    updateRow(db, sos);
    appendAudit(db, { at, who: given.by, what: 'sos acknowledged', detail: { sos: sos.id, device: sos.device } });
    tell(db, sos, given.clock, outbox);
    return sos;
  });
}

/** Reports the call again, unless it was withdrawn or acknowledged meanwhile. `now` recomputes the age of its place. Throws like `recordSos`. */
export function repeatSos(
  db: Db,
  given: { readonly id: Id; readonly now: (sos: Sos) => Sos; readonly clock: ClockState },
  outbox: OutboxWriter,
): void {
  db.write(() => {
    const sos = getSos(db, given.id);
    if (!sos || sos.state === 'cancelled' || sos.acknowledged) return;
    tell(db, given.now(sos), given.clock, outbox, sos.raised);
  });
}

/** Each event holds all that is known, so it replaces waiting events of the same call, but never the first. */
function tell(db: Db, sos: Sos, clock: ClockState, outbox: OutboxWriter, at?: Instant): void {
  const id = sos.state === 'cancelled' && sos.cancelId !== undefined ? sos.cancelId : newId(outbox.now());
  const time = at ?? (sos.state === 'cancelled' && sos.cancelled !== undefined ? sos.cancelled : outbox.now());
  outbox.enqueue({ ...eventOf(sos, clock, outbox.now()), id, time, supersedes: { except: sos.id } });
}

/** Times are RFC 3339, UTC (docs/upstream.md). */
function eventOf(sos: Sos, clock: ClockState, now: Instant) {
  const { id, device, role, kind, state, presses, acknowledged, place, doubtful, unread } = sos;
  const data: Json = {
    id,
    device,
    role,
    kind,
    state,
    raised: iso(sos.raised),
    ...(presses > 1 ? { pressed: iso(sos.pressed), presses } : {}),
    ...(sos.cancelled === undefined ? {} : { cancelled: iso(sos.cancelled) }),
    ...(acknowledged ? { acknowledged: { ...acknowledged, at: iso(acknowledged.at) } } : {}),
    place: place ? placeJson(place, now) : null,
    ...(doubtful ? { doubtful: placeJson(doubtful, now) } : {}),
    ...(unread === undefined ? {} : { unread }),
    clock: { highest: iso(clock.highest), behindMs: clock.behindMs },
  };
  return { type: 'io.sitebox.sos.v1' as const, subject: device, data, stream: `sos:${id}` };
}

function audit(db: Db, { id, device, role, kind }: Sos, state: SosReport['state'], outbox: OutboxWriter): void {
  // A call goes on without the log.
  appendOrCount(db, { at: outbox.now(), who: device, what: `sos ${state}`, detail: { sos: id, role, kind } });
}
