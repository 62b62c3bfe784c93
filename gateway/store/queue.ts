/** The outbox, reading side, for one relay: which rows are due, and what became of them. */
import type { Envelope, EventType, Instant, Json } from '../types.ts';
import type { Db } from './db.ts';
import { getEvidence } from './evidence.ts';
import type { EvidenceName } from './outbox.ts';
import { addTotals, PRIORITIES, removeRows } from './outbox.ts';

export interface QueuedRow {
  readonly seq: number;
  readonly stream: string;
  readonly tries: number;
  readonly envelope: Envelope;
}

export type Outcome =
  | { readonly seq: number; readonly kind: 'stored' }
  | { readonly seq: number; readonly kind: 'rejected'; readonly why: string }
  | { readonly seq: number; readonly kind: 'kept'; readonly why: string; readonly dueMs: Instant };

export interface Wanted {
  readonly now: Instant;
  /** Rows above this number are live, the others backlog. */
  readonly liveFrom: number;
  /** Streams with a row under way. */
  readonly busyStreams: readonly string[];
  readonly limit: number;
  readonly onlyLive: boolean;
}

export interface Queue {
  /** By priority; within it live before backlog, then as written. Never a row whose stream has an earlier one waiting. */
  due(wanted: Wanted): QueuedRow[];
  /** What became of rows that were sent, in one transaction. Rows that have gone meanwhile (superseded, evicted) are passed over. */
  settle(outcomes: readonly Outcome[]): void;
  /** The highest row number so far. */
  newest(): number;
  /**
   * Forgets waiting times, oldest rows first and a bounded number at once: after a start, and after the wall clock was stepped. True while
   * there may be more: to be called again in the next turn.
   */
  release(): boolean;
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly type: EventType;
  readonly stream: string;
  readonly timeMs: number;
  readonly subject: string;
  readonly sequence: number;
  readonly data: string;
  readonly evidence: string;
  readonly tries: number;
}

const MAX_ERROR_LENGTH = 300;
/** Some milliseconds' work. */
const MAX_RELEASED_AT_ONCE = 500;

export function openQueue(db: Db, relay: string, source: string): Queue {
  // `head` is 1 for the first living row of each stream (migrations.ts): long streams are not walked through.
  const find = db.prepare(
    `SELECT seq, id, type, stream, timeMs, subject, sequence, data, evidence, tries FROM outbox
     WHERE relay = @relay AND head = 1 AND priority = @priority AND seq > @above AND seq <= @upTo AND dueMs <= @now
       AND stream NOT IN (SELECT value FROM json_each(@busy))
     ORDER BY seq LIMIT @limit`,
  );
  const reject = db.prepare('UPDATE outbox SET dead = 1, lastError = ? WHERE seq = ? AND dead = 0');
  const keep = db.prepare('UPDATE outbox SET tries = tries + 1, dueMs = ?, lastError = ? WHERE seq = ?');
  const newest = db.prepare('SELECT max(seq) AS seq FROM outbox');
  const release = db.prepare(
    `UPDATE outbox SET dueMs = 0 WHERE seq IN (
       SELECT seq FROM outbox WHERE relay = ? AND dueMs > 0 ORDER BY seq LIMIT ${MAX_RELEASED_AT_ONCE})`,
  );

  const settle = db.transaction((outcomes: readonly Outcome[]) => {
    const stored = outcomes.filter((o) => o.kind === 'stored');
    if (stored.length > 0)
      removeRows(
        db,
        relay,
        stored.map((o) => o.seq),
      );
    for (const o of outcomes) {
      if (o.kind === 'stored') continue;
      if (o.kind === 'kept') keep.run(o.dueMs, withoutSecrets(o.why), o.seq);
      else if (reject.run(withoutSecrets(o.why), o.seq).changes > 0) addTotals(db, relay, { dead: 1 });
    }
  });

  return {
    due({ now, liveFrom, busyStreams, limit, onlyLive }) {
      const rows: Row[] = [];
      const busy = JSON.stringify(busyStreams);
      for (const priority of PRIORITIES) {
        const ranges = [[liveFrom, Number.MAX_SAFE_INTEGER], ...(onlyLive ? [] : [[-1, liveFrom]])];
        for (const [above, upTo] of ranges) {
          const room = limit - rows.length;
          if (room > 0) rows.push(...(find.all({ relay, priority, above, upTo, now, busy, limit: room }) as Row[]));
        }
      }
      return rows.map((r) => ({ seq: r.seq, stream: r.stream, tries: r.tries, envelope: toEnvelope(db, source, r) }));
    },
    settle: (outcomes) => settle.immediate(outcomes),
    newest: () => (newest.get() as { seq: number | null }).seq ?? 0,
    release: () => release.run(relay).changes === MAX_RELEASED_AT_ONCE,
  };
}

/** Evidence that was deleted meanwhile (a dismissed hit) is simply not there any more. */
function toEnvelope(db: Db, source: string, row: Row): Envelope {
  const names = JSON.parse(row.evidence) as EvidenceName[];
  return {
    id: row.id,
    source,
    type: row.type,
    time: row.timeMs,
    subject: row.subject,
    sequence: row.sequence,
    data: JSON.parse(row.data) as Json,
    evidence: names.flatMap((n) => {
      const found = getEvidence(db, n.sha256);
      return found ? [{ what: n.what, sha256: n.sha256, ...found }] : [];
    }),
  };
}

/** Relays write their errors without secrets; this is the second fence, for addresses inside messages of libraries. */
function withoutSecrets(text: string): string {
  return text
    .replace(/\/\/[^@/\s]*@/g, '//')
    .replace(/whs[ekp]c?k?_[A-Za-z0-9+/=]+/g, '(secret)')
    .slice(0, MAX_ERROR_LENGTH);
}
