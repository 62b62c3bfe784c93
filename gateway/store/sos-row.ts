/** A call for help as it lies in the store, and where the caller is. */
import type { SosLocation, DeviceKind, Position, CrewRole, SosReport } from '../contracts/crew.ts';
import type { SosSeenAt } from '../contracts/display.ts';
import type { Id, Instant, Json } from '../contracts/base.ts';
import type { DbStatement } from './connection/connection.ts';
import { isDamage, unlessDamaged, type Db } from './db.ts';
import { isInstant, isOptional, isPlace, membersOf } from './shapes.ts';

export interface Sos {
  readonly id: Id;
  readonly device: string;
  /** The device's own name for it, or the one that the box gave. */
  readonly name: string;
  /** Of the device when it called. */
  readonly role: CrewRole;
  readonly kind: DeviceKind;
  readonly state: SosReport['state'];
  /** When the box received it, as all times here. */
  readonly raised: Instant;
  /** When the caller pressed last: later than `raised` where further presses were merged into this call. */
  readonly pressed: Instant;
  /** How often, merged presses included; repeats are no presses. */
  readonly presses: number;
  readonly cancelled?: Instant;
  /** Of the event and the message that say so. */
  readonly cancelId?: Id;
  /** That the command room, or a person at the box, has seen it. `from` is absent of rows of before it was kept. */
  readonly acknowledged?: { readonly at: Instant; readonly by: string; readonly from?: SosSeenAt };
  /** The best place known. */
  readonly place?: SosPlace;
  /** What the caller says of itself and cannot have reached since: right after a tunnel, wrong after a bad fix. */
  readonly doubtful?: SosPlace;
  /** What of the last unreadable message could not be read: field, and what was expected. */
  readonly unread?: string;
}

/** Where the caller is, or was. */
export interface SosPlace extends Pick<Position, 'lat' | 'lon' | 'accuracyM' | 'trusted'> {
  /** `own`: measured by the caller's own device while it calls. `last known`: the last place believed before. */
  readonly origin: NonNullable<SosLocation['origin']>;
  /** When the box heard of it. */
  readonly at: Instant;
}

/** What is known of where a caller is, at one moment. */
export interface Whereabouts {
  readonly place?: SosPlace;
  readonly doubtful?: SosPlace;
}

/** What became of a call's whereabouts. `placed` is news; `aged`: only the time of the place has to be written; `repeat`: nothing has. */
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

/** A call is a call: a place that cannot be read any more is left out of it. */
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

/** Places of before had neither origin nor time. */
function readPlace(db: Db, text: string, { id, raisedMs }: SosRow): SosPlace | undefined {
  const place = db.damage.read('sos', id, text, isStoredPlace);
  return place && { origin: 'own', at: raisedMs, ...place };
}

function isStoredPlace(value: unknown): value is Omit<SosPlace, 'origin' | 'at'> & Partial<SosPlace> {
  const { trusted, origin, at } = membersOf(value);
  const isOrigin = origin === undefined || origin === 'own' || origin === 'last known';
  return isPlace(value) && typeof trusted === 'boolean' && isOrigin && isOptional(at, isInstant);
}

/** Of the call itself, or of a press that was merged into it. */
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

/** Newest first: all that nobody has acknowledged or withdrawn, and all others raised or withdrawn since. */
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

/** Ids of calls that nobody has acknowledged or withdrawn, the oldest first. */
export function unseenSos(db: Db): Id[] {
  const rows = db.prepare(`SELECT id FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs`);
  const keys = db.prepare(`SELECT rowid FROM sos WHERE state = 'raised' AND acknowledgedMs IS NULL ORDER BY raisedMs`);
  return readable(db, () => rows.all() as Pick<SosRow, 'id'>[], keys).map(({ id }) => id);
}

/** What `read` gives; where a page cannot be read, the rows of `keys`, in its order, that lie on others: those calls are shown and told all the same. */
function readable<T>(db: Db, read: () => T[], keys: DbStatement, ...args: Instant[]): readonly (T | SosRow)[] {
  try {
    return read();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const row = db.prepare('SELECT * FROM sos WHERE rowid = ?');
  // `keys` reads indexes alone. Where those are gone too, nobody knows which calls are open.
  return unlessDamaged(() => keys.pluck().all(...args) as number[], []).flatMap((key) => {
    const found = unlessDamaged(() => row.get(key) as SosRow | undefined, undefined);
    if (!found) db.damage.note('sos', key);
    return found ?? [];
  });
}

/** Whole seconds since `place` was heard of. What comes from the future, after the clock was set back, has an age that nobody knows. */
export function ageOf({ at }: SosPlace, now: Instant): { readonly ageS?: number } {
  const ageS = Math.round((now - at) / 1000);
  return ageS < 0 ? {} : { ageS: Math.abs(ageS) };
}

/** As an event says it (docs/upstream.md). */
export function placeJson(place: SosPlace, now: Instant): Json {
  const { at, ...rest } = place;
  return { ...rest, at: new Date(at).toISOString(), ...ageOf(place, now) };
}
