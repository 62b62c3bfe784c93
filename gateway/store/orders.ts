/** Orders to the crew and their state on each device: row + audit + outbox in one transaction. */
import { iso } from '../contracts/time.ts';
import { newId } from '../clock/clock.ts';
import type { OrderAnswerState, GeoLocation } from '../contracts/crew.ts';
import type { Id, Instant, Json } from '../contracts/base.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import type { OutboxWriter } from './outbox/outbox.ts';
import { english } from '../contracts/words/words.ts';
import { fromRow, isOptional, isPlace, isWord, membersOf, instantOrEpoch } from './shapes.ts';

/** `waiting`: not yet given to the device. `sent`: given to its connection. `delivered`: the device has acknowledged it. */
export type TargetState = 'waiting' | 'sent' | 'delivered' | OrderAnswerState;

/** One device that an order is for. Times are those of the box; a skipped state has none. */
export interface Target {
  readonly device: string;
  readonly state: TargetState;
  readonly sent?: Instant;
  readonly delivered?: Instant;
  readonly read?: Instant;
  /** When it was done or refused. */
  readonly ended?: Instant;
  /** Why it was refused. */
  readonly reason?: string;
}

export interface Order {
  readonly id: Id;
  /** Who gave it: the command room, or the box's own command line. */
  readonly origin: 'room' | 'box';
  /** The person who answers for it. */
  readonly by: string;
  readonly text: string;
  readonly place?: GeoLocation;
  readonly created: Instant;
  /** Ordered by device. */
  readonly targets: readonly Target[];
}

/** How long the ids of executed instructions are kept: longer than any is in force (7 days, docs/upstream.md). */
const KEEP_ROOM_MESSAGES_MS = 90 * 86_400_000;
/** Per taken instruction, so that more are forgotten than come in. */
const MAX_FORGOTTEN_AT_ONCE = 100;

/**
 * Commits a new order, every target waiting; when it returns, it is on disk. An existing order of that id does not change and is returned. Throws,
 * and keeps nothing, when the disk or the outbox is full.
 */
export function insertOrder(
  db: Db,
  order: Omit<Order, 'targets'>,
  devices: readonly string[],
  outbox: OutboxWriter,
): Order {
  return db.write(() => {
    const earlier = getOrder(db, order.id);
    if (earlier) return earlier;
    db.prepare(
      'INSERT INTO orders (id, origin, byWhom, text, place, createdMs) VALUES (@id, @origin, @by, @text, @place, @created)',
    ).run({ ...order, ...sealedParts(db, order) });
    const add = db.prepare(`INSERT INTO orderTargets (orderId, device, state) VALUES (?, ?, 'waiting')`);
    for (const device of devices) add.run(order.id, device);
    const detail = { order: order.id, origin: order.origin, targets: devices };
    appendAudit(db, { at: order.created, who: order.by, what: 'order created', detail });
    const created = getOrder(db, order.id)!;
    // The first event has the order's own id.
    outbox.enqueue({ ...eventOf(created), id: order.id, time: order.created });
    return created;
  });
}

/**
 * Changes one target by `step`, which returns the new target, or undefined for no change. Returns the target and whether it changed; undefined if
 * the order was never for that device. Throws like `insertOrder`.
 */
export function moveTarget(
  db: Db,
  which: { readonly order: Id; readonly device: string; readonly at: Instant },
  step: (target: Target) => Target | undefined,
  outbox: OutboxWriter,
): { readonly before: Target; readonly changed: boolean } | undefined {
  return db.write(() => {
    const row = db
      .prepare(
        `SELECT device, state, sentMs, deliveredMs, readMs, endedMs, reason FROM orderTargets
           WHERE orderId = ? AND device = ?`,
      )
      .get(which.order, which.device);
    if (!row) return undefined;
    const before = fromRow(row) as Target;
    const after = step(before);
    if (!after) return { before, changed: false };
    db.prepare(
      `UPDATE orderTargets SET state = @state, sentMs = @sent, deliveredMs = @delivered, readMs = @read,
           endedMs = @ended, reason = @reason WHERE orderId = @order AND device = @device`,
    ).run({ sent: null, delivered: null, read: null, ended: null, reason: null, ...after, order: which.order });
    if (after.ended !== undefined && before.ended === undefined) {
      const detail = { order: which.order };
      const what = after.state === 'done' ? 'order done' : 'order refused';
      appendAudit(db, { at: outbox.now(), who: which.device, what, detail });
    }
    // Each event holds all states and times, so it replaces waiting events of the same order, except the first.
    const event = { ...eventOf(getOrder(db, which.order)!), id: newId(which.at), time: which.at };
    outbox.enqueue({ ...event, supersedes: { except: which.order } });
    return { before, changed: true };
  });
}

export function getOrder(db: Db, id: Id): Order | undefined {
  const row = db.prepare('SELECT * FROM orders WHERE id = ?').get(id);
  return row ? withTargets(db, row) : undefined;
}

/** Newest first. */
export function listOrders(db: Db, limit: number): Order[] {
  // The bound excludes nothing: it makes SQLite search the index, because the plan of every statement here must be a search.
  const rows = db
    .prepare('SELECT * FROM orders WHERE createdMs <= ? ORDER BY createdMs DESC, id DESC LIMIT ?')
    .all(Number.MAX_SAFE_INTEGER, limit);
  return rows.map((row) => withTargets(db, row));
}

/** Orders that the device has not acknowledged, oldest first. */
export function undelivered(db: Db, device: string, limit: number): Omit<Order, 'targets'>[] {
  const rows = db
    .prepare(
      `SELECT o.* FROM orderTargets t JOIN orders o ON o.id = t.orderId
       WHERE t.device = ? AND t.state IN ('waiting', 'sent') ORDER BY o.createdMs, o.id LIMIT ?`,
    )
    .all(device, limit);
  return rows.map((row) => toOrder(db, row));
}

/** Devices with an order that was not yet given to them. */
export function devicesWaitedFor(db: Db): string[] {
  // Skips from device to device through the index of waiting targets, however many orders wait for each.
  return db
    .prepare(
      `WITH RECURSIVE waited (device) AS (
         SELECT min(device) FROM orderTargets WHERE state = 'waiting'
         UNION ALL
         SELECT (SELECT min(t.device) FROM orderTargets t WHERE t.state = 'waiting' AND t.device > waited.device)
         FROM waited WHERE device IS NOT NULL)
       SELECT device FROM waited WHERE device IS NOT NULL`,
    )
    .pluck()
    .all() as string[];
}

/** True once for each id: a repeated instruction was already executed. Call it in the transaction that executes the instruction. */
export function takeRoomMessage(db: Db, id: string, now: Instant): boolean {
  return db.write(() => {
    const { changes } = db.prepare('INSERT OR IGNORE INTO roomMessages (id, atMs) VALUES (?, ?)').run(id, now);
    if (changes > 0)
      db.prepare(
        `DELETE FROM roomMessages WHERE rowid IN (SELECT rowid FROM roomMessages WHERE atMs < ? LIMIT ${MAX_FORGOTTEN_AT_ONCE})`,
      ).run(now - KEEP_ROOM_MESSAGES_MS);
    return changes > 0;
  });
}

/** Whether an instruction with that id was taken and is still remembered. */
export function wasRoomMessageTaken(db: Db, id: string): boolean {
  return db.prepare('SELECT 1 FROM roomMessages WHERE id = ?').get(id) !== undefined;
}

/** Times are RFC 3339, UTC (docs/upstream.md). */
function eventOf({ id, origin, by, text, place, created, targets }: Order) {
  const data: Json = {
    id,
    origin,
    by,
    text,
    created: iso(created),
    ...(place ? { place: { ...place } } : {}),
    targets: targets.map(({ device, state, reason, ...times }) => ({
      device,
      state,
      ...Object.fromEntries(Object.entries(times).map(([name, at]) => [name, iso(at)])),
      ...(reason === undefined ? {} : { reason }),
    })),
  };
  return { type: 'io.sitebox.order.v1' as const, subject: 'crew', data, stream: `order:${id}` };
}

function withTargets(db: Db, row: unknown): Order {
  const order = toOrder(db, row);
  const targets = db.prepare(
    `SELECT device, state, sentMs, deliveredMs, readMs, endedMs, reason FROM orderTargets
     WHERE orderId = ? ORDER BY device`,
  );
  return { ...order, targets: targets.all(order.id).map(fromRow) as Target[] };
}

function sealedParts(db: Db, { id, text, place }: Omit<Order, 'targets'>) {
  return {
    text: db.sealing.seal('orders.text', id, text),
    place: place ? db.sealing.seal('orders.place', id, JSON.stringify(place)) : null,
  };
}

/** An unreadable place is left out. An unreadable text says so, since the device may still be waiting for it. */
function toOrder(db: Db, row: unknown): Omit<Order, 'targets'> {
  const {
    byWhom: by,
    text: sealedText,
    place: sealedPlace,
    ...order
  } = fromRow(row) as Omit<Order, 'targets' | 'by' | 'place'> & {
    readonly byWhom: string;
    readonly place?: string;
  };
  const text = db.sealing.open('orders.text', order.id, sealedText) ?? english('order-unreadable');
  const place = sealedPlace === undefined ? undefined : db.sealing.open('orders.place', order.id, sealedPlace);
  const where = place === undefined ? undefined : db.damage.read('orders', order.id, place, isStoredPlace);
  return { ...order, by, text, ...(where ? { place: where } : {}), created: instantOrEpoch(order.created) };
}

function isStoredPlace(value: unknown): value is GeoLocation {
  return isPlace(value) && isOptional(membersOf(value)['name'], isWord);
}
