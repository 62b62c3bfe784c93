/** Calls for help: the one transaction in which a call becomes row + audit + outbox. They are never thinned and never give way. */
import { newId } from '../clock.ts';
import type { Device, DeviceKind, Position, Role, SosReport, SosSeenAt } from '../equipment.ts';
import type { ClockState, Id, Instant, Json } from '../types.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import type { Outlet } from './outbox.ts';
import { enqueue } from './outbox.ts';

export interface Sos {
  readonly id: Id;
  readonly device: string;
  /** The device's own name for it. */
  readonly name: string;
  /** Of the device when it called. */
  readonly role: Role;
  readonly kind: DeviceKind;
  readonly state: SosReport['state'];
  /** When the box received it, as all times here. */
  readonly raised: Instant;
  readonly cancelled?: Instant;
  /** Of the event and the message that say so. */
  readonly cancelId?: Id;
  /** That the command room, or a person at the box, has seen it. `from` is absent of rows of before it was kept. */
  readonly acknowledged?: { readonly at: Instant; readonly by: string; readonly from?: SosSeenAt };
  readonly place?: SosPlace;
}

export type SosPlace = Pick<Position, 'lat' | 'lon' | 'accuracyM' | 'trusted'>;

/** What a report did: `repeat` wrote nothing. */
export type SosChange = 'raised' | 'cancelled' | 'placed' | 'repeat';

interface Row {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly role: Role;
  readonly kind: DeviceKind;
  readonly state: SosReport['state'];
  readonly raisedMs: number;
  readonly cancelledMs: number | null;
  readonly cancelId: string | null;
  readonly acknowledgedMs: number | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedFrom: SosSeenAt | null;
  readonly place: string | null;
}

/** A device that makes up a new name for each repeat must not fill the outbox: it needs no more open calls than these. */
const MOST_OPEN = 5;

/**
 * Commits a call for help or its withdrawal; when it returns, it is on disk. Calls are told apart by device and name; one that was
 * withdrawn stays so. The first position that comes with a repeat is taken where the call had none. A withdrawal whose call was lost is
 * kept as a call that was withdrawn. Throws, with nothing kept, when the disk or the outbox is full.
 */
export function recordSos(
  db: Db,
  given: { readonly report: SosReport; readonly device: Device; readonly clock: ClockState },
  outlet: Outlet,
): { readonly sos: Sos; readonly change: SosChange } {
  const { report, device, clock } = given;
  return db
    .transaction((): { sos: Sos; change: SosChange } => {
      const earlier = findByName(db, report) ?? (report.state === 'raised' ? oneTooMany(db, report.device) : undefined);
      if (!earlier) return insert(db, report, device, clock, outlet);
      const next = changed(earlier, report);
      if (!next) return { sos: earlier, change: 'repeat' };
      update(db, next.sos);
      if (next.change === 'cancelled') audit(db, next.sos, next.change, outlet);
      tell(db, next.sos, { ...next, clock }, outlet);
      return next;
    })
    .immediate();
}

/** The newest of the device's open calls, once it has as many as it may. */
function oneTooMany(db: Db, device: string): Sos | undefined {
  const rows = db
    .prepare(
      `SELECT * FROM sos WHERE device = ? AND state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs DESC, id DESC`,
    )
    .all(device) as Row[];
  return rows.length < MOST_OPEN ? undefined : toSos(rows[0]!);
}

function insert(db: Db, report: SosReport, device: Device, clock: ClockState, outlet: Outlet) {
  const id = newId(outlet.now());
  const { sos: name, state, at, position } = report;
  const sos: Sos = {
    ...{ id, device: device.id, name, role: device.role, kind: device.kind, state, raised: at },
    ...(state === 'cancelled' ? { cancelled: at, cancelId: id } : {}),
    ...(position ? { place: placeOf(position) } : {}),
  };
  db.prepare(
    `INSERT INTO sos (id, device, name, role, kind, state, raisedMs, cancelledMs, cancelId, place)
     VALUES (@id, @device, @name, @role, @kind, @state, @raisedMs, @cancelledMs, @cancelId, @place)`,
  ).run(toRow(sos));
  audit(db, sos, state, outlet);
  // The first event carries the call's own id, so that (source, id) names the call itself on the other side.
  enqueue(db, { ...eventOf(sos, clock), id, time: at }, outlet);
  return { sos, change: state };
}

function changed(earlier: Sos, { state, at, position }: SosReport) {
  if (earlier.state === 'cancelled') return undefined;
  if (state === 'cancelled') {
    const id = newId(at);
    return { sos: { ...earlier, state, cancelled: at, cancelId: id }, change: 'cancelled' as const, id, time: at };
  }
  if (earlier.place || !position) return undefined;
  return { sos: { ...earlier, place: placeOf(position) }, change: 'placed' as const, id: newId(at), time: at };
}

/** Says who saw it; the first who did stands. Undefined: there is no such call. Throws as `recordSos`. */
export function acknowledgeSos(
  db: Db,
  given: { readonly id: Id; readonly by: string; readonly from: SosSeenAt; readonly clock: ClockState },
  outlet: Outlet,
): Sos | undefined {
  return db
    .transaction(() => {
      const earlier = getSos(db, given.id);
      if (!earlier || earlier.acknowledged) return earlier;
      const at = outlet.now();
      const sos: Sos = { ...earlier, acknowledged: { at, by: given.by, from: given.from } };
      update(db, sos);
      appendAudit(db, { at, who: given.by, what: 'sos acknowledged', detail: { sos: sos.id, device: sos.device } });
      tell(db, sos, { id: newId(at), time: at, clock: given.clock }, outlet);
      return sos;
    })
    .immediate();
}

/** Tells the room again, unless the call was withdrawn or acknowledged meanwhile. Throws as `recordSos`. */
export function repeatSos(db: Db, given: { readonly id: Id; readonly clock: ClockState }, outlet: Outlet): void {
  db.transaction(() => {
    const sos = getSos(db, given.id);
    if (!sos || sos.state === 'cancelled' || sos.acknowledged) return;
    tell(db, sos, { id: newId(outlet.now()), time: sos.raised, clock: given.clock }, outlet);
  }).immediate();
}

/** Each event has all that is known, so it takes the place of those of the same call that wait; of the first event nothing ever does. */
function tell(
  db: Db,
  sos: Sos,
  event: { readonly id: Id; readonly time: Instant; readonly clock: ClockState },
  outlet: Outlet,
): void {
  const { id, time, clock } = event;
  enqueue(db, { ...eventOf(sos, clock), id, time, supersedes: { except: sos.id } }, outlet);
}

/** Times are RFC 3339, UTC (docs/upstream.md). */
function eventOf(sos: Sos, clock: ClockState) {
  const { id, device, role, kind, state, acknowledged, place } = sos;
  const data: Json = {
    ...{ id, device, role, kind, state, raised: iso(sos.raised) },
    ...(sos.cancelled === undefined ? {} : { cancelled: iso(sos.cancelled) }),
    ...(acknowledged ? { acknowledged: { ...acknowledged, at: iso(acknowledged.at) } } : {}),
    ...(place ? { place: { ...place } } : {}),
    clock: { highest: iso(clock.highest), behindMs: clock.behindMs },
  };
  return { type: 'io.sitebox.sos.v1' as const, subject: device, data, stream: `sos:${id}` };
}

function audit(db: Db, { id, device, role, kind }: Sos, state: SosReport['state'], outlet: Outlet): void {
  appendAudit(db, { at: outlet.now(), who: device, what: `sos ${state}`, detail: { sos: id, role, kind } });
}

function findByName(db: Db, { device, sos }: SosReport): Sos | undefined {
  const row = db.prepare('SELECT * FROM sos WHERE device = ? AND name = ?').get(device, sos) as Row | undefined;
  return row && toSos(row);
}

export function getSos(db: Db, id: Id): Sos | undefined {
  const row = db.prepare('SELECT * FROM sos WHERE id = ?').get(id) as Row | undefined;
  return row && toSos(row);
}

/** Newest first: all that nobody has acknowledged or withdrawn, and all others raised or withdrawn since. */
export function sosSince(db: Db, since: Instant): Sos[] {
  const rows = db
    .prepare(
      `SELECT * FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL
       UNION ALL
       SELECT * FROM sos WHERE raisedMs >= ? AND NOT (state = 'raised' AND acknowledgedMs IS NULL)
       ORDER BY raisedMs DESC, id DESC`,
    )
    .all(since) as Row[];
  return rows.map(toSos);
}

/** Ids of calls that nobody has acknowledged or withdrawn. */
export function unseenSos(db: Db): Id[] {
  return db
    .prepare(`SELECT id FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs`)
    .pluck()
    .all() as Id[];
}

function update(db: Db, sos: Sos): void {
  db.prepare(
    `UPDATE sos SET state = @state, cancelledMs = @cancelledMs, cancelId = @cancelId, acknowledgedMs = @acknowledgedMs,
       acknowledgedBy = @acknowledgedBy, acknowledgedFrom = @acknowledgedFrom, place = @place WHERE id = @id`,
  ).run(toRow(sos));
}

function toRow(sos: Sos): Row {
  return {
    ...{ id: sos.id, device: sos.device, name: sos.name, role: sos.role, kind: sos.kind, state: sos.state },
    raisedMs: sos.raised,
    cancelledMs: sos.cancelled ?? null,
    cancelId: sos.cancelId ?? null,
    acknowledgedMs: sos.acknowledged?.at ?? null,
    acknowledgedBy: sos.acknowledged?.by ?? null,
    acknowledgedFrom: sos.acknowledged?.from ?? null,
    place: sos.place ? JSON.stringify(sos.place) : null,
  };
}

function toSos(row: Row): Sos {
  return {
    ...{ id: row.id, device: row.device, name: row.name, role: row.role, kind: row.kind, state: row.state },
    raised: row.raisedMs,
    ...(row.cancelledMs === null ? {} : { cancelled: row.cancelledMs }),
    ...(row.cancelId === null ? {} : { cancelId: row.cancelId }),
    ...(row.acknowledgedMs === null
      ? {}
      : {
          acknowledged: {
            ...{ at: row.acknowledgedMs, by: row.acknowledgedBy ?? '' },
            ...(row.acknowledgedFrom === null ? {} : { from: row.acknowledgedFrom }),
          },
        }),
    ...(row.place === null ? {} : { place: JSON.parse(row.place) as SosPlace }),
  };
}

function placeOf({ lat, lon, accuracyM, trusted }: Position): SosPlace {
  return { lat, lon, ...(accuracyM === undefined ? {} : { accuracyM }), trusted };
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
