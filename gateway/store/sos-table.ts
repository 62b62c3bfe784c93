/** The table of calls for help: its row, the call and place read from it, and the queries that find calls. */
import { iso } from '../contracts/time.ts';
import type { SosLocation, DeviceKind, Position, CrewRole, SosReport } from '../contracts/crew.ts';
import type { SosSeenAt } from '../contracts/display.ts';
import type { Id, Instant, Json } from '../contracts/base.ts';
import type { DbStatement } from './connection/connection.ts';
import { isDamage, unlessDamaged, type Db } from './db.ts';
import { isInstant, isOptional, isPlace, membersOf } from './shapes.ts';

export interface Sos {
  readonly id: Id;
  readonly device: string;
  /** The device's own name for the call, or one that the box made. */
  readonly name: string;
  /** The device's role when it called. */
  readonly role: CrewRole;
  readonly kind: DeviceKind;
  readonly state: SosReport['state'];
  /** When the box received it, like all times here. */
  readonly raised: Instant;
  /** The last press: later than `raised` if further presses were merged into this call. */
  readonly pressed: Instant;
  /** Number of presses, merged ones included; repeats are not counted. */
  readonly presses: number;
  readonly cancelled?: Instant;
  /** Id of the event and of the message that report the cancellation. */
  readonly cancelId?: Id;
  /** The command room, or a person at the box, has seen it. Old rows lack `from`. */
  readonly acknowledged?: { readonly at: Instant; readonly by: string; readonly from?: SosSeenAt };
  /** The best known place. */
  readonly place?: SosPlace;
  /** A place that the caller reports but cannot have reached in the time: right after a tunnel, wrong after a bad fix. */
  readonly doubtful?: SosPlace;
  /** The unreadable field of the last message, and what was expected there. */
  readonly unread?: string;
}

/** Where the caller is, or was. */
export interface SosPlace extends Pick<Position, 'lat' | 'lon' | 'accuracyM' | 'trusted'> {
  /** `own`: measured by the caller's device during the call. `last known`: the last trusted place before it. */
  readonly origin: NonNullable<SosLocation['origin']>;
  /** When the box received it. */
  readonly at: Instant;
}

/** What is known about where a caller is, at one moment. */
export interface Whereabouts {
  readonly place?: SosPlace;
  readonly doubtful?: SosPlace;
}

/** The effect of a report on the place. `placed` is news; `aged`: only the time of the place is written; `repeat`: nothing is. */
export interface LocationUpdate {
  readonly where: Whereabouts;
  readonly change: 'placed' | 'aged' | 'repeat';
}

export interface SosRow {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly role: CrewRole;
  readonly kind: DeviceKind;
  readonly state: SosReport['state'];
  readonly raisedMs: number;
  readonly pressedMs: number | null;
  readonly presses: number;
  readonly cancelledMs: number | null;
  readonly cancelId: string | null;
  readonly acknowledgedMs: number | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedFrom: SosSeenAt | null;
  readonly place: string | null;
  readonly doubtful: string | null;
  readonly unread: string | null;
}

export function insertRow(db: Db, sos: Sos): void {
  db.prepare(
    `INSERT INTO sos (id, device, name, role, kind, state, raisedMs, pressedMs, presses, cancelledMs, cancelId,
       acknowledgedMs, acknowledgedBy, acknowledgedFrom, place, doubtful, unread)
     VALUES (@id, @device, @name, @role, @kind, @state, @raisedMs, @pressedMs, @presses, @cancelledMs, @cancelId,
       @acknowledgedMs, @acknowledgedBy, @acknowledgedFrom, @place, @doubtful, @unread)`,
  ).run(toRow(sos));
}

export function updateRow(db: Db, sos: Sos): void {
  db.prepare(
    `UPDATE sos SET state = @state, pressedMs = @pressedMs, presses = @presses, cancelledMs = @cancelledMs,
       cancelId = @cancelId, acknowledgedMs = @acknowledgedMs, acknowledgedBy = @acknowledgedBy,
       acknowledgedFrom = @acknowledgedFrom, place = @place,
       doubtful = @doubtful, unread = @unread WHERE id = @id`,
  ).run(toRow(sos));
}

function toRow(sos: Sos): SosRow {
  return {
    id: sos.id,
    device: sos.device,
    name: sos.name,
    role: sos.role,
    kind: sos.kind,
    state: sos.state,
    raisedMs: sos.raised,
    pressedMs: sos.pressed,
    presses: sos.presses,
    cancelledMs: sos.cancelled ?? null,
    cancelId: sos.cancelId ?? null,
    acknowledgedMs: sos.acknowledged?.at ?? null,
    acknowledgedBy: sos.acknowledged?.by ?? null,
    acknowledgedFrom: sos.acknowledged?.from ?? null,
    place: sos.place ? JSON.stringify(sos.place) : null,
    doubtful: sos.doubtful ? JSON.stringify(sos.doubtful) : null,
    unread: sos.unread ?? null,
  };
}

/** An unreadable place is left out, and the call stays. */
export function toSos(db: Db, row: SosRow): Sos {
  const place = row.place === null ? undefined : readPlace(db, row.place, row);
  const doubtful = row.doubtful === null ? undefined : readPlace(db, row.doubtful, row);
  return {
    id: row.id,
    device: row.device,
    name: row.name,
    role: row.role,
    kind: row.kind,
    state: row.state,
    raised: row.raisedMs,
    pressed: row.pressedMs ?? row.raisedMs,
    presses: row.presses,
    ...(row.cancelledMs === null ? {} : { cancelled: row.cancelledMs }),
    ...(row.cancelId === null ? {} : { cancelId: row.cancelId }),
    ...acknowledgedOf(row),
    ...(place ? { place } : {}),
    ...(doubtful ? { doubtful } : {}),
    ...(row.unread === null ? {} : { unread: row.unread }),
  };
}

function acknowledgedOf({
  acknowledgedMs: at,
  acknowledgedBy,
  acknowledgedFrom: from,
}: SosRow): Pick<Sos, 'acknowledged'> {
  if (at === null) return {};
  return { acknowledged: { at, by: acknowledgedBy ?? '', ...(from === null ? {} : { from }) } };
}

/** Old places have neither origin nor time. */
function readPlace(db: Db, text: string, { id, raisedMs }: SosRow): SosPlace | undefined {
  const place = db.damage.read('sos', id, text, isStoredPlace);
  return place && { origin: 'own', at: raisedMs, ...place };
}

function isStoredPlace(value: unknown): value is Omit<SosPlace, 'origin' | 'at'> & Partial<SosPlace> {
  const { trusted, origin, at } = membersOf(value);
  const isOrigin = origin === undefined || origin === 'own' || origin === 'last known';
  return isPlace(value) && typeof trusted === 'boolean' && isOrigin && isOptional(at, isInstant);
}

/** Finds a call by its own name, or by that of a press merged into it. */
export function findByName(db: Db, { device, sos }: SosReport): Sos | undefined {
  const row = (db.prepare('SELECT * FROM sos WHERE device = ? AND name = ?').get(device, sos) ??
    db
      .prepare('SELECT sos.* FROM sosNames n JOIN sos ON sos.id = n.sos WHERE n.device = ? AND n.name = ?')
      .get(device, sos)) as SosRow | undefined;
  return row && toSos(db, row);
}

export function getSos(db: Db, id: Id): Sos | undefined {
  const row = db.prepare('SELECT * FROM sos WHERE id = ?').get(id) as SosRow | undefined;
  return row && toSos(db, row);
}

/** Newest first: all calls neither acknowledged nor withdrawn, and all others raised or withdrawn since. */
export function sosSince(db: Db, since: Instant): Sos[] {
  const rows = db.prepare(
    `SELECT * FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL
     UNION ALL
     SELECT * FROM sos WHERE raisedMs >= ? AND NOT (state = 'raised' AND acknowledgedMs IS NULL)
     ORDER BY raisedMs DESC, id DESC`,
  );
  const keys = db.prepare(
    `SELECT rowid, raisedMs FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL
     UNION
     SELECT rowid, raisedMs FROM sos WHERE raisedMs >= ?
     ORDER BY raisedMs DESC`,
  );
  return readable(db, () => rows.all(since) as SosRow[], keys, since).map((row) => toSos(db, row));
}

/** Ids of calls neither acknowledged nor withdrawn, oldest first. */
export function unseenSos(db: Db): Id[] {
  const rows = db.prepare(`SELECT id FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs`);
  const keys = db.prepare(`SELECT rowid FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs`);
  return readable(db, () => rows.all() as Pick<SosRow, 'id'>[], keys).map(({ id }) => id);
}

/**
 * The result of `read`; if a page is damaged, the rows of `keys`, in its order, that lie on other pages, so that those calls are still shown and
 * sent.
 */
function readable<T>(db: Db, read: () => T[], keys: DbStatement, ...args: Instant[]): readonly (T | SosRow)[] {
  try {
    return read();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const row = db.prepare('SELECT * FROM sos WHERE rowid = ?');
  // `keys` reads indexes only. If those are damaged too, it is unknown which calls are open.
  return unlessDamaged(() => keys.pluck().all(...args) as number[], []).flatMap((key) => {
    const found = unlessDamaged(() => row.get(key) as SosRow | undefined, undefined);
    if (!found) db.damage.note('sos', key);
    return found ?? [];
  });
}

/** Age of `place` in whole seconds. Unknown for a time in the future, which remains after the clock was set back. */
export function ageOf({ at }: SosPlace, now: Instant): { readonly ageS?: number } {
  const ageS = Math.round((now - at) / 1000);
  return ageS < 0 ? {} : { ageS: Math.abs(ageS) };
}

/** A place as events hold it (docs/upstream.md). */
export function placeJson(place: SosPlace, now: Instant): Json {
  const { at, ...rest } = place;
  return { ...rest, at: iso(at), ...ageOf(place, now) };
}
