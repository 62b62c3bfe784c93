/** The outbox, reading side, for one relay: which rows are due, and the outcome of sending them. */
import { Rejected } from '../../contracts/errors.ts';
import type { Id, Instant, Json } from '../../contracts/base.ts';
import type { Envelope, EventType } from '../../contracts/relay.ts';
import { isDamage, unlessDamaged, type Db } from '../db.ts';
import { readPicture } from '../evidence.ts';
import { addTotals } from './totals.ts';
import { HIT_PRIORITY, PRIORITIES, readEvidenceNames, removeRows, rowKey } from './outbox.ts';
import { openDamagedRows } from './damaged-rows.ts';
import { openQuarantine } from './quarantine.ts';
import { MAX_ROW_NUMBER } from './row-numbers.ts';
import { isInstant } from '../shapes.ts';
import { english } from '../../contracts/words/words.ts';

export interface QueuedRow {
  readonly seq: number;
  readonly priority: number;
  readonly stream: string;
  readonly tries: number;
  readonly id: Id;
  /** Size of the pictures it names that are still in the store. */
  readonly pictureBytes: number;
  /** Read from the store on access, with the pictures. Throws `Rejected` if the row is damaged. */
  readonly envelope: Envelope;
}

export type DeliveryOutcome =
  | { readonly seq: number; readonly kind: 'stored' }
  | { readonly seq: number; readonly kind: 'rejected'; readonly why: string }
  | { readonly seq: number; readonly kind: 'retry'; readonly why: string; readonly dueMs: Instant };

export interface DueQuery {
  readonly now: Instant;
  /** Rows above this number are live, the others backlog. */
  readonly liveFrom: number;
  /** Streams with a row in flight. */
  readonly busyStreams: readonly string[];
  readonly limit: number;
  readonly onlyLive: boolean;
  /** Default: all. */
  readonly priorities?: readonly number[];
  /** Only rows that name no picture. */
  readonly plain?: boolean;
}

export interface Queue {
  /**
   * By priority; within it live before backlog, then in the order written; but hits of the last ten minutes first, youngest first, then older ones
   * in the order written. Never a row with an earlier one waiting in its stream. Quarantines rows that no query finds (`quarantine.ts`).
   */
  due(wanted: DueQuery): QueuedRow[];
  /** Records the outcome of sent rows in one transaction. Ignores rows that are already gone (superseded, evicted). */
  settle(outcomes: readonly DeliveryOutcome[]): void;
  /** Whether a row still waits: it may have been superseded, evicted, or refused for good. */
  waits(seq: number): boolean;
  /** The highest row number so far. */
  newest(): number;
  /**
   * Clears retry delays, oldest rows first and a bounded number per call: after a start, and after the wall clock was stepped. True while there may
   * be more: call it again in the next turn.
   */
  release(): boolean;
}

interface OutboxRow {
  readonly seq: number;
  readonly priority: number;
  readonly id: Id;
  readonly stream: string;
  readonly tries: number;
  readonly type: EventType;
  readonly timeMs: number;
  readonly subject: string;
  readonly sequence: number;
  readonly data: string;
  readonly evidence: string;
}

const MAX_ERROR_LENGTH = 300;
/** Takes some milliseconds. */
const MAX_RELEASED_AT_ONCE = 500;
/** An officer may still stop the vehicle or person; after that a hit is a report, and reports are sent in order. */
const YOUNG_MS = 10 * 60_000;
const LOOK_AGAIN_MS = 2_000;

export function openQueue(db: Db, relay: string, source: string): Queue {
  const finders = openFinders(db);
  const pictureLength = db.prepare('SELECT length(bytes) FROM evidence WHERE sha256 = ?').pluck();
  const reject = db.prepare('UPDATE outbox SET dead = 1, lastError = ? WHERE seq = ? AND dead = 0');
  const retry = db.prepare('UPDATE outbox SET tries = tries + 1, dueMs = ?, lastError = ? WHERE seq = ?');
  const newest = db.prepare('SELECT max(seq) AS seq FROM outbox WHERE seq <= ?');
  const release = db.prepare(
    `UPDATE outbox SET dueMs = 0 WHERE seq IN (
       SELECT seq FROM outbox WHERE relay = ? AND dueMs > 0 ORDER BY seq LIMIT ${MAX_RELEASED_AT_ONCE})`,
  );

  const waits = db.prepare('SELECT 1 FROM outbox WHERE seq = ? AND dead = 0');
  const lastBefore = openLastBefore(db);

  /** The ranges of a priority, in the order in which they are searched. */
  const ranges = (priority: number, { now, liveFrom, onlyLive, plain = false }: DueQuery): Range[] => {
    const { oldest, youngest } = plain ? finders.plain : finders.all;
    const all = { above: -1, upTo: Number.MAX_SAFE_INTEGER };
    if (priority === HIT_PRIORITY) {
      const above = Math.max(lastBefore(now - YOUNG_MS, now), onlyLive ? liveFrom : -1);
      const young = { ...all, above, find: youngest };
      return onlyLive ? [young] : [young, { ...all, upTo: above, find: oldest }];
    }
    const live = { ...all, above: liveFrom, find: oldest };
    return onlyLive ? [live] : [live, { ...all, upTo: liveFrom, find: oldest }];
  };
  const pictureBytes = (row: OutboxRow): number =>
    (readEvidenceNames(db, relay, row) ?? []).reduce((sum, { sha256 }) => sum + lengthOf(sha256), 0);
  /** 0 for any error: sending the row reports it, and no other row waits for it. */
  const lengthOf = (sha256: string): number => {
    try {
      return (pictureLength.get(sha256) as number | undefined) ?? 0;
    } catch {
      return 0;
    }
  };

  const settle = db.transaction((outcomes: readonly DeliveryOutcome[]) => {
    const stored = outcomes.filter((o) => o.kind === 'stored');
    if (stored.length > 0)
      removeRows(
        db,
        relay,
        stored.map((o) => o.seq),
      );
    for (const o of outcomes) {
      if (o.kind === 'stored') continue;
      if (o.kind === 'retry') retry.run(o.dueMs, withoutSecrets(o.why), o.seq);
      else if (reject.run(withoutSecrets(o.why), o.seq).changes > 0) addTotals(db, relay, { dead: 1 });
    }
  });

  const rowsOf = (wanted: DueQuery): OutboxRow[] => {
    const { now, busyStreams, limit } = wanted;
    const rows: OutboxRow[] = [];
    const busy = JSON.stringify(busyStreams);
    for (const priority of wanted.priorities ?? PRIORITIES) {
      if (rows.length >= limit) break;
      for (const { find, above, upTo } of ranges(priority, wanted)) {
        const room = limit - rows.length;
        if (room > 0) rows.push(...(find.all({ relay, priority, above, upTo, now, busy, limit: room }) as OutboxRow[]));
      }
    }
    return rows;
  };
  const damaged = openDamagedRows<OutboxRow>(db, relay);
  const quarantine = openQuarantine(db, relay);
  const readable = (wanted: DueQuery): OutboxRow[] => {
    if (!damaged.any()) {
      try {
        return rowsOf(wanted);
      } catch (error) {
        if (!isDamage(error)) throw error;
        damaged.met();
      }
    }
    return damaged.due(wanted);
  };

  return {
    due(wanted) {
      quarantine(wanted.now);
      return readable(wanted).map((row): QueuedRow => {
        const { seq, priority, id, stream, tries } = row;
        return {
          seq,
          priority,
          id,
          stream,
          tries,
          pictureBytes: pictureBytes(row),
          get envelope() {
            return toEnvelope(db, { relay, source }, row);
          },
        };
      });
    },
    settle(outcomes) {
      if (unlessDamaged(() => (settle.immediate(outcomes), true), false)) return;
      for (const o of outcomes) if (!unlessDamaged(() => (settle.immediate([o]), true), false)) damaged.stays(o.seq);
    },
    waits: (seq) => unlessDamaged(() => waits.get(seq) !== undefined, true),
    newest: () => unlessDamaged(() => (newest.get(MAX_ROW_NUMBER) as { seq: number | null }).seq ?? 0, 0),
    release: () => unlessDamaged(() => release.run(relay).changes === MAX_RELEASED_AT_ONCE, false),
  };
}

/** Due rows of one priority in a range, and those of them without pictures: each from an index that holds no others. */
function openFinders(db: Db) {
  // `head` is 1 for the first living row of each stream (migrations.ts), so long streams are not walked through.
  const oldest = db.prepare(
    `SELECT seq, priority, id, type, stream, timeMs, subject, sequence, data, evidence, tries FROM outbox
     WHERE relay = @relay AND head = 1 AND priority = @priority AND seq > @above AND seq <= @upTo AND dueMs <= @now
       AND stream NOT IN (SELECT value FROM json_each(@busy))
     ORDER BY seq LIMIT @limit`,
  );
  const youngest = db.prepare(
    `SELECT seq, priority, id, type, stream, timeMs, subject, sequence, data, evidence, tries FROM outbox
     WHERE relay = @relay AND head = 1 AND priority = @priority AND seq > @above AND seq <= @upTo AND dueMs <= @now
       AND stream NOT IN (SELECT value FROM json_each(@busy))
     ORDER BY seq DESC LIMIT @limit`,
  );
  const plainOldest = db.prepare(
    `SELECT seq, priority, id, type, stream, timeMs, subject, sequence, data, evidence, tries FROM outbox
     WHERE relay = @relay AND head = 1 AND evidence = '[]' AND priority = @priority AND seq > @above AND seq <= @upTo
       AND dueMs <= @now AND stream NOT IN (SELECT value FROM json_each(@busy))
     ORDER BY seq LIMIT @limit`,
  );
  const plainYoungest = db.prepare(
    `SELECT seq, priority, id, type, stream, timeMs, subject, sequence, data, evidence, tries FROM outbox
     WHERE relay = @relay AND head = 1 AND evidence = '[]' AND priority = @priority AND seq > @above AND seq <= @upTo
       AND dueMs <= @now AND stream NOT IN (SELECT value FROM json_each(@busy))
     ORDER BY seq DESC LIMIT @limit`,
  );
  return { all: { oldest, youngest }, plain: { oldest: plainOldest, youngest: plainYoungest } };
}

interface Range {
  readonly find: ReturnType<Db['prepare']>;
  readonly above: number;
  readonly upTo: number;
}

/** A row from which no event can be made would look like a failing connection, for ever. */
function isSendable({ id, timeMs, sequence }: OutboxRow): boolean {
  return /^[!-~]{1,200}$/.test(id) && isInstant(timeMs) && Number.isSafeInteger(sequence) && sequence >= 0;
}

function whyUnreadable(db: Db, { data }: OutboxRow): string {
  const lost = db.sealing.look('outbox.data', '', data).state === 'lost';
  return english(lost ? 'outbox-event-key-lost' : 'outbox-event-damaged');
}

/** Leaves out evidence that was deleted meanwhile (a dismissed hit). */
function toEnvelope(db: Db, { relay, source }: { relay: string; source: string }, row: OutboxRow): Envelope {
  const names = readEvidenceNames(db, relay, row);
  const text = db.sealing.open('outbox.data', rowKey(relay, row.id), row.data);
  const data = text === undefined ? undefined : db.damage.readAny<Json>('outbox', row.seq, text);
  if (!names || !data || !isSendable(row)) throw new Rejected(whyUnreadable(db, row));
  return {
    id: row.id,
    source,
    type: row.type,
    time: row.timeMs,
    subject: row.subject,
    sequence: row.sequence,
    data: data.value,
    evidence: names.flatMap((n) => {
      const found = readPicture(db, n.sha256);
      return found ? [{ what: n.what, sha256: n.sha256, ...found }] : [];
    }),
  };
}

/**
 * Returns a function for the number of the last row written before `at`, or -1: numbers and times grow together, so a binary search finds it
 * without reading the rows between. Searched again every few seconds of `now`; after the clock was set back it is approximate.
 */
function openLastBefore(db: Db): (at: Instant, now: Instant) => number {
  const ends = db.prepare('SELECT (SELECT min(seq) FROM outbox) AS first, (SELECT max(seq) FROM outbox) AS last');
  const from = db.prepare('SELECT seq, createdMs FROM outbox WHERE seq >= ? ORDER BY seq LIMIT 1');
  let found = -1;
  let foundAt = -Infinity;
  return (at, now) => {
    if (Math.abs(now - foundAt) < LOOK_AGAIN_MS) return found;
    foundAt = now;
    const { first, last } = ends.get() as { first: number | null; last: number | null };
    let [low, high] = [first ?? 0, (last ?? -1) + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = from.get(middle) as { seq: number; createdMs: Instant };
      if (row.createdMs < at) low = row.seq + 1;
      else high = middle;
    }
    found = low - 1;
    return found;
  };
}

/** Relays already write their errors without secrets; this also covers addresses inside messages of libraries. */
function withoutSecrets(text: string): string {
  return text
    .replace(/\/\/[^@/\s]*@/g, '//')
    .replace(/whs[ekp]c?k?_[A-Za-z0-9+/=]+/g, '(secret)')
    .slice(0, MAX_ERROR_LENGTH);
}
