/** What a shift finds in the store: open hits, a call for help, an unread order. Only the columns that the sheet reads mean anything. */
import type { Instant } from '../contracts/base.ts';
import type { Db } from './db.ts';

/** `H-0` is the oldest, a second before `H-1`. */
export function plantHits(db: Db, n: number, at: Instant, state = 'unreviewed', prefix = 'H'): void {
  const add = db.prepare(
    `INSERT INTO hits (id, listType, entry, lane, firstMs, lastMs, seen, body, state)
     VALUES (?, 'plate-list', 'E-1', 'in', @at, @at, 1, '{}', @state)`,
  );
  db.transaction(() => {
    for (let i = 0; i < n; i++) add.run(`${prefix}-${i}`, { at: at + i * 1_000, state });
  })();
}

export function plantSos(db: Db, id: string, at: Instant, acknowledged?: Instant): void {
  db.prepare(
    `INSERT INTO sos (id, device, name, role, kind, state, raisedMs, acknowledgedMs, acknowledgedBy)
     VALUES (?, 'cam-1', ?, 'officer', 'bodycam', 'raised', ?, ?, ?)`,
  ).run(id, id, at, acknowledged ?? null, acknowledged === undefined ? null : 'room');
}

/** Read on `cam-1`, and not on `cam-2`. */
export function plantOrder(db: Db, id: string, at: Instant): void {
  db.prepare("INSERT INTO orders (id, origin, byWhom, text, createdMs) VALUES (?, 'box', 'A. Person', 'text', ?)").run(
    id,
    at,
  );
  const add = db.prepare('INSERT INTO orderTargets (orderId, device, state) VALUES (?, ?, ?)');
  add.run(id, 'cam-1', 'read');
  add.run(id, 'cam-2', 'delivered');
}
