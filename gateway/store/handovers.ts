/** SQL of the shifts that were handed over. Sheet and note are sealed: people write what they like into a note. */
import type { Id, Instant, Sha256 } from '../contracts/base.ts';
import type { ServiceNumber } from '../contracts/people.ts';
import type { Handover, ShiftSheet } from '../contracts/shift.ts';
import { iso } from '../contracts/time.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import { membersOf } from './shapes.ts';

const KEEP_MS = 90 * 86_400_000;
const MAX_FORGOTTEN_AT_ONCE = 100;

interface HandoverRow {
  readonly id: Id;
  readonly atMs: Instant;
  readonly outgoing: ServiceNumber;
  readonly incoming: ServiceNumber;
  readonly body: string;
}

/** What is sealed. */
interface Body {
  readonly note: string;
  readonly digest: Sha256;
  readonly sheet: ShiftSheet;
}

/** In the open transaction. Older ones than 90 days go, which is logged. */
export function addHandover(
  db: Db,
  at: Instant,
  { id, outgoing, incoming, note, digest, sheet }: Omit<Handover, 'at'>,
): void {
  const body: Body = { note, digest, sheet };
  db.prepare(
    'INSERT INTO handovers (id, atMs, outgoing, incoming, body) VALUES (@id, @at, @outgoing, @incoming, @body)',
  ).run({
    id,
    at,
    outgoing,
    incoming,
    body: db.sealing.seal('handovers.body', id, JSON.stringify(body)),
  });
  const { changes: rows } = db
    .prepare(
      `DELETE FROM handovers WHERE seq IN (SELECT seq FROM handovers WHERE atMs < ? ORDER BY atMs LIMIT ${MAX_FORGOTTEN_AT_ONCE})`,
    )
    .run(at - KEEP_MS);
  if (rows > 0) appendAudit(db, { at, who: 'box', what: 'retention run', detail: { class: 'shifts', rows } });
}

/** `lost`: its sheet cannot be opened or read. */
export function getHandover(db: Db, id: Id): Handover | 'lost' | undefined {
  return toHandover(db, db.prepare('SELECT id, atMs, outgoing, incoming, body FROM handovers WHERE id = ?').get(id));
}

/** The newest, by the order in which they were stored: the clock may have been set back since. */
export function lastHandover(db: Db): Handover | 'lost' | undefined {
  const [row] = db
    .prepare('SELECT id, atMs, outgoing, incoming, body FROM handovers WHERE seq <= ? ORDER BY seq DESC LIMIT 1')
    .all(Number.MAX_SAFE_INTEGER);
  return toHandover(db, row);
}

export function lastHandoverAt(db: Db): Instant | undefined {
  return db
    .prepare('SELECT atMs FROM handovers WHERE seq <= ? ORDER BY seq DESC LIMIT 1')
    .pluck()
    .get(Number.MAX_SAFE_INTEGER) as Instant | undefined;
}

function toHandover(db: Db, row: unknown): Handover | 'lost' | undefined {
  if (row === undefined) return undefined;
  const { id, atMs, outgoing, incoming, body } = row as HandoverRow;
  const text = db.sealing.open('handovers.body', id, body);
  const content = text === undefined ? undefined : db.damage.read('handovers', id, text, isBody);
  return content ? { id, at: iso(atMs), outgoing, incoming, ...content } : 'lost';
}

function isBody(value: unknown): value is Body {
  const { note, digest, sheet } = membersOf(value);
  return typeof note === 'string' && typeof digest === 'string' && 'hits' in membersOf(sheet);
}
