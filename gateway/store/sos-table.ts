/** The table of calls for help: its row, the call and place read from it, and the queries that find calls. */
import { iso } from '../contracts/time.ts';
import type { SosLocation, DeviceKind, Position, CrewRole, SosReport } from '../contracts/crew.ts';
import type { SosSeenAt } from '../contracts/display.ts';
import type { Id, Instant, Json } from '../contracts/base.ts';
import type { DbStatement } from './connection/connection.ts';
import { isDamage, unlessDamaged, type Db } from './db.ts';
import { fromRow, isInstant, isOptional, isPlace, membersOf } from './shapes.ts';

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

/** A row of the table as `fromRow` gives it. Rows of 0.1.0 lack the last press. */
interface SosRow extends Omit<Sos, 'pressed' | 'acknowledged' | 'place' | 'doubtful'> {
  readonly pressed?: Instant;
  readonly acknowledged?: Instant;
  readonly acknowledgedBy?: string;
  readonly acknowledgedFrom?: SosSeenAt;
  readonly place?: string;
  readonly doubtful?: string;
}

export function insertRow(db: Db, sos: Sos): void {
  db.prepare(
    `INSERT INTO sos (id, device, name, role, kind, state, raisedMs, pressedMs, presses, cancelledMs, cancelId,
       acknowledgedMs, acknowledgedBy, acknowledgedFrom, place, doubtful, unread)
     VALUES (@id, @device, @name, @role, @kind, @state, @raised, @pressed, @presses, @cancelled, @cancelId,
       @acknowledged, @acknowledgedBy, @acknowledgedFrom, @place, @doubtful, @unread)`,
  ).run(valuesOf(db, sos));
}

/** A place that could not be read stays as it is until there is another. */
export function updateRow(db: Db, sos: Sos): void {
  db.prepare(
    `UPDATE sos SET state = @state, pressedMs = @pressed, presses = @presses, cancelledMs = @cancelled,
       cancelId = @cancelId, acknowledgedMs = @acknowledged, acknowledgedBy = @acknowledgedBy,
       acknowledgedFrom = @acknowledgedFrom, place = coalesce(@place, place),
       doubtful = @doubtful, unread = @unread WHERE id = @id`,
  ).run(valuesOf(db, sos));
}

function valuesOf(db: Db, { acknowledged, place, doubtful, ...sos }: Sos): object {
  return {
    cancelled: null,
    cancelId: null,
    unread: null,
    ...sos,
    acknowledged: acknowledged?.at ?? null,
    acknowledgedBy: acknowledged?.by ?? null,
    acknowledgedFrom: acknowledged?.from ?? null,
    place: place ? db.sealing.seal('sos.place', sos.id, JSON.stringify(place)) : null,
    doubtful: doubtful ? db.sealing.seal('sos.doubtful', sos.id, JSON.stringify(doubtful)) : null,
  };
}

/** An unreadable place is left out, and the call stays. */
export function toSos(db: Db, row: unknown): Sos {
  const { acknowledged: at, acknowledgedBy: by = '', acknowledgedFrom: from, ...call } = fromRow(row) as SosRow;
  const { place: placeText, doubtful: doubtfulText, ...sos } = call;
  const place = readPlace(db, 'sos.place', placeText, sos);
  const doubtful = readPlace(db, 'sos.doubtful', doubtfulText, sos);
  return {
    pressed: sos.raised,
    ...sos,
    ...(at === undefined ? {} : { acknowledged: { at, by, ...(from ? { from } : {}) } }),
    ...(place ? { place } : {}),
    ...(doubtful ? { doubtful } : {}),
  };
}

/** Old places have neither origin nor time. */
function readPlace(
  db: Db,
  column: 'sos.place' | 'sos.doubtful',
  stored: string | undefined,
  { id, raised }: Pick<Sos, 'id' | 'raised'>,
): SosPlace | undefined {
  const text = stored === undefined ? undefined : db.sealing.open(column, id, stored);
  const place = text === undefined ? undefined : db.damage.read('sos', id, text, isStoredPlace);
  return place && { origin: 'own', at: raised, ...place };
}

function isStoredPlace(value: unknown): value is Omit<SosPlace, 'origin' | 'at'> & Partial<SosPlace> {
  const { trusted, origin, at } = membersOf(value);
  const isOrigin = origin === undefined || origin === 'own' || origin === 'last known';
  return isPlace(value) && typeof trusted === 'boolean' && isOrigin && isOptional(at, isInstant);
}

/** Finds a call by its own name, or by that of a press merged into it. */
export function findByName(db: Db, { device, sos }: SosReport): Sos | undefined {
  const row =
    db.prepare('SELECT * FROM sos WHERE device = ? AND name = ?').get(device, sos) ??
    db
      .prepare('SELECT sos.* FROM sosNames n JOIN sos ON sos.id = n.sos WHERE n.device = ? AND n.name = ?')
      .get(device, sos);
  return row ? toSos(db, row) : undefined;
}

export function getSos(db: Db, id: Id): Sos | undefined {
  const row = db.prepare('SELECT * FROM sos WHERE id = ?').get(id);
  return row ? toSos(db, row) : undefined;
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
  return readable(db, () => rows.all(since), keys, since).map((row) => toSos(db, row));
}

/** Ids of calls neither acknowledged nor withdrawn, oldest first. */
export function unseenSos(db: Db): Id[] {
  const rows = db.prepare(`SELECT id FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs`);
  const keys = db.prepare(`SELECT rowid FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs`);
  return readable(db, () => rows.all(), keys).map((row) => (row as Pick<Sos, 'id'>).id);
}

/**
 * The result of `read`; if a page is damaged, the rows of `keys`, in its order, that lie on other pages, so that those calls are still shown and
 * sent.
 */
function readable(db: Db, read: () => unknown[], keys: DbStatement, ...args: Instant[]): readonly unknown[] {
  try {
    return read();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const row = db.prepare('SELECT * FROM sos WHERE rowid = ?');
  // `keys` reads indexes only. If those are damaged too, it is unknown which calls are open.
  return unlessDamaged(() => keys.pluck().all(...args) as number[], []).flatMap((key) => {
    const found = unlessDamaged(() => row.get(key), undefined);
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
