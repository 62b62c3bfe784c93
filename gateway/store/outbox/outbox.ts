/** The outbox, writing side: the rows waiting for each relay, their totals, and eviction when it is full. `queue.ts` is the reading side. */
import { newId } from '../../clock/clock.ts';
import type { Id, Instant, Json } from '../../contracts/base.ts';
import type { Envelope, EventType } from '../../contracts/relay.ts';
import type { Evidence } from '../../contracts/picture.ts';
import type { Db } from '../db.ts';
import { unlessDamaged } from '../db.ts';
import { nextSequence } from '../anchors/head-file.ts';
import { addTotals, outboxTotals, ROW_OVERHEAD_BYTES, wereWrong, type OutboxTotals } from './totals.ts';
import { instantOrEpoch } from '../shapes.ts';
import { english } from '../../contracts/words/words.ts';

export { outboxTotals } from './totals.ts';

export interface OutboxLimits {
  /** Per relay: a relay that is away for weeks takes no space from the others. */
  readonly rows: number;
  /** Per relay, of the rows' own text. Evidence is stored once, with its hit, and counts against the disk instead. */
  readonly bytes: number;
}

export interface OutboxOptions {
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly relays: readonly string[];
  readonly limits: OutboxLimits;
  now(): Instant;
  /** Called when a row was written. Its work must start later (in a promise), after the open transaction. */
  wake(): void;
}

export interface NewEvent {
  /** Default: a new one. */
  readonly id?: Id;
  readonly type: EventType;
  readonly subject: string;
  readonly time: Instant;
  readonly data: Json;
  /** Events of one stream reach the other side in the order written. */
  readonly stream: string;
  readonly evidence?: readonly EvidenceName[];
  /** Default: by its type. */
  readonly priority?: number;
  /** Wall time before which it is not sent, so that a burst can become one event. */
  readonly notBefore?: Instant;
  /** Replaces the unsent events of its stream and type, except the event named by `except`. Their evidence is carried over. */
  readonly supersedes?: { readonly except?: Id };
}

/** An event's reference to a picture in the store. */
export type EvidenceName = Pick<Evidence, 'what' | 'sha256'>;

/** The outbox is full of rows that may not be evicted: nothing was written. The caller raises the alarm. */
export class OutboxFull extends Error {
  readonly relay: string;
  constructor(relay: string, totals: OutboxTotals) {
    super(english('outbox-full', { relay, rows: totals.rows, bytes: totals.bytes }));
    this.name = 'OutboxFull';
    this.relay = relay;
  }
}

export const HIT_PRIORITY = 0;
/** The lowest goes first: calls for help before all else. */
const PRIORITY: Readonly<Record<EventType, number>> = {
  'io.sitebox.sos.v1': -1,
  'io.sitebox.plate.hit.v2': HIT_PRIORITY,
  'io.sitebox.document.hit.v2': HIT_PRIORITY,
  'io.sitebox.review.v1': HIT_PRIORITY,
  'io.sitebox.alarm.v1': 1,
  'io.sitebox.alert.v1': 2,
  'io.sitebox.order.v1': 2,
  'io.sitebox.mode.v1': 2,
  'io.sitebox.instruction.v1': 2,
  'io.sitebox.account.v1': 2,
  'io.sitebox.handover.v1': 2,
  'io.sitebox.device.v2': 2,
  'io.sitebox.audit.v1': 2,
  'io.sitebox.health.v1': 3,
  'io.sitebox.counts.v1': 4,
  'io.sitebox.crew.v1': 5,
};
export const PRIORITIES: readonly number[] = [-1, HIT_PRIORITY, 1, 2, 3, 4, 5];
/** Stream of the crew's positions: evicted first, whatever priority a mode gives them. */
export const CREW_STREAM = 'crew';
/** The priorities evicted after them, oldest row first within each: counts, health. All others are never evicted. */
const EVICTION: readonly number[] = [4, 3];
/** Alarms may exceed the limits by this much; otherwise the alarm about the full outbox could not be written. */
const ALARM_RESERVE = { rows: 100, bytes: 256 * 1024 };
/** Takes some milliseconds. */
const MAX_EVICTED_AT_ONCE = 100;

/** Where new events go. One per box. */
export class OutboxWriter {
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly relays: readonly string[];
  readonly #db: Db;
  readonly #options: OutboxOptions;

  constructor(db: Db, options: OutboxOptions) {
    this.#db = db;
    this.#options = options;
    this.source = options.source;
    this.relays = options.relays;
  }

  now(): Instant {
    return this.#options.now();
  }

  /**
   * Writes one row per relay, in the open transaction, if any. All relays or none: throws OutboxFull if one has no space. The sequence number grows
   * even without relays, so that a relay added later sees where it came in.
   */
  enqueue(event: NewEvent): Id {
    return this.#db.write(() => {
      const id = event.id ?? newId(this.now());
      const sequence = nextSequence(this.#db);
      for (const relay of this.relays) this.#insert(relay, { ...event, id }, sequence);
      this.#options.wake();
      return id;
    });
  }

  #insert(relay: string, event: NewEvent & { readonly id: Id }, sequence: number): void {
    const db = this.#db;
    const replaced = event.supersedes ? supersede(db, relay, event) : undefined;
    const names = [...(replaced?.evidence ?? []), ...(event.evidence ?? [])];
    const row = rowKey(relay, event.id);
    const evidence = sealedNames(db, row, names);
    const data = db.sealing.seal('outbox.data', row, JSON.stringify(event.data));
    const bytes = [data, evidence, event.subject].reduce(
      (sum, text) => sum + Buffer.byteLength(text),
      ROW_OVERHEAD_BYTES,
    );
    makeRoom(db, relay, bytes, event.type, this.#options.limits);
    db.prepare(
      `INSERT INTO outbox (relay, id, type, priority, stream, timeMs, createdMs, subject, sequence, data, evidence, bytes, dueMs)
       VALUES (@relay, @id, @type, @priority, @stream, @time, @created, @subject, @sequence, @data, @evidence, @bytes, @due)`,
    ).run({
      relay,
      id: event.id,
      type: event.type,
      priority: event.priority ?? PRIORITY[event.type],
      stream: event.stream,
      time: event.time,
      created: this.now(),
      subject: event.subject,
      sequence,
      data,
      evidence,
      bytes,
      // The earliest date counts, or a stream of updates would postpone its own sending for ever.
      due: Math.min(event.notBefore ?? 0, replaced?.dueMs ?? Infinity),
    });
    addTotals(db, relay, { rows: 1, bytes });
  }
}

/** Names a row in its sealed values. The row number may change (`row-numbers.ts`). */
export function rowKey(relay: string, id: Id): string {
  return `${relay} ${id}`;
}

/** A row without pictures is found by an index, and stays plain. */
export const NO_EVIDENCE = '[]';

function sealedNames(db: Db, row: string, names: readonly EvidenceName[]): string {
  if (names.length === 0) return NO_EVIDENCE;
  const unique = new Map(names.map(({ what, sha256 }) => [sha256, { what, sha256 }]));
  return db.sealing.seal('outbox.evidence', row, JSON.stringify([...unique.values()]));
}

/** The pictures that a row names; undefined, and noted, if the row is damaged or its key is lost. */
export function readEvidenceNames(db: Db, relay: string, row: StoredNames): readonly EvidenceName[] | undefined {
  if (row.evidence === NO_EVIDENCE) return [];
  const text = db.sealing.open('outbox.evidence', rowKey(relay, row.id), row.evidence);
  if (text === undefined) return undefined;
  return db.damage.readList('outbox', row.id, text, (part): part is EvidenceName => {
    const { what, sha256 } = (part ?? {}) as { what?: unknown; sha256?: unknown };
    return typeof what === 'string' && typeof sha256 === 'string';
  });
}

interface StoredNames {
  readonly id: Id;
  readonly evidence: string;
}

/** A row being sent may be among those removed: its acknowledgement then finds nothing, and the new row follows. */
function supersede(db: Db, relay: string, { stream, type, supersedes }: NewEvent) {
  const rows = db
    .prepare(
      `DELETE FROM outbox WHERE relay = ? AND stream = ? AND dead = 0 AND type = ? AND id <> ?
       RETURNING octet_length(data) + octet_length(evidence) + octet_length(subject) + 200 AS bytes, dueMs, id, evidence`,
    )
    .all(relay, stream, type, supersedes?.except ?? '') as (StoredNames & { bytes: number; dueMs: number })[];
  if (rows.length === 0) return undefined;
  addTotals(db, relay, { rows: -rows.length, bytes: -rows.reduce((sum, r) => sum + r.bytes, 0) });
  return {
    dueMs: Math.min(...rows.map((r) => r.dueMs)),
    // The damaged row is removed now; its hit still names the pictures.
    evidence: rows.flatMap((r) => readEvidenceNames(db, relay, r) ?? []),
  };
}

function makeRoom(db: Db, relay: string, bytes: number, type: EventType, limits: OutboxLimits): void {
  const reserve = type === 'io.sitebox.alarm.v1' ? ALARM_RESERVE : { rows: 0, bytes: 0 };
  const fits = (t: OutboxTotals): boolean =>
    t.rows + 1 <= limits.rows + reserve.rows && t.bytes + bytes <= limits.bytes + reserve.bytes;
  for (let evicted = 0; !fits(outboxTotals(db, relay)); evicted++) {
    // No row is evicted or refused because of wrong totals.
    if (wereWrong(db, relay, 'give way')) continue;
    // After the limits were lowered, the outbox shrinks with each event written, rather than at once while everything waits.
    if (evicted === MAX_EVICTED_AT_ONCE) return;
    if (evictOldest(db, relay) || wereWrong(db, relay, 'refuse')) continue;
    throw new OutboxFull(relay, outboxTotals(db, relay));
  }
}

function evictOldest(db: Db, relay: string): boolean {
  const seq = oldestToGo(db, relay);
  if (seq === undefined) return false;
  removeRows(db, relay, [seq]);
  addTotals(db, relay, { evicted: 1 });
  return true;
}

function oldestToGo(db: Db, relay: string): number | undefined {
  const crew = db.prepare('SELECT min(seq) FROM outbox WHERE relay = ? AND stream = ? AND dead = ?').pluck();
  const other = db.prepare('SELECT min(seq) FROM outbox WHERE relay = ? AND dead = ? AND priority = ?').pluck();
  const firsts = [0, 1].map((dead) => crew.get(relay, CREW_STREAM, dead) as number | null);
  const oldest = Math.min(...firsts.map((seq) => seq ?? Infinity));
  if (oldest !== Infinity) return oldest;
  for (const priority of EVICTION) {
    for (const dead of [1, 0]) {
      const seq = other.get(relay, dead, priority) as number | null;
      if (seq !== null) return seq;
    }
  }
  return undefined;
}

/** Ignores rows that are already gone. */
export function removeRows(db: Db, relay: string, seqs: readonly number[]): void {
  const remove = db.prepare(
    `DELETE FROM outbox WHERE seq = ?
     RETURNING octet_length(data) + octet_length(evidence) + octet_length(subject) + 200 AS bytes, dead = 1 AS dead`,
  );
  let [rows, bytes, dead] = [0, 0, 0];
  for (const seq of seqs) {
    const row = remove.get(seq) as { bytes: number; dead: number } | undefined;
    if (!row) continue;
    rows++;
    bytes += row.bytes;
    dead += row.dead;
  }
  if (rows > 0) addTotals(db, relay, { rows: -rows, bytes: -bytes, dead: -dead });
}

/** By the type of an event; the lowest for an unknown type. */
export function priorityOf(type: string): number {
  return Object.hasOwn(PRIORITY, type) ? PRIORITY[type as EventType] : PRIORITIES.at(-1)!;
}

/** For metrics and health: the totals, and the age of the oldest waiting row in ms (0 if none waits). */
export function outboxStats(db: Db, relay: string, now: Instant): OutboxTotals & { readonly oldestAgeMs: number } {
  const first = db
    .prepare('SELECT createdMs FROM outbox WHERE relay = ? AND dead = 0 AND priority = ? ORDER BY seq LIMIT 1')
    .pluck();
  const created = unlessDamaged(() => PRIORITIES.map((p) => first.get(relay, p) as Instant | undefined), []);
  const oldest = Math.min(now, ...created.filter((at) => at !== undefined));
  return { ...outboxTotals(db, relay), oldestAgeMs: now - oldest };
}

/** The events that the other side refused for good, newest first, with its reason. */
export function deadLetters(
  db: Db,
  relay: string,
  limit = 100,
): readonly (Pick<Envelope, 'id' | 'type' | 'time' | 'subject'> & { readonly why: string })[] {
  const newest = db.prepare(
    `SELECT id, type, timeMs AS time, subject, coalesce(lastError, '') AS why FROM outbox
     WHERE relay = ? AND dead = 1 ORDER BY seq DESC LIMIT ?`,
  );
  return unlessDamaged(() => newest.all(relay, limit) as ReturnType<typeof deadLetters>, []).map((row) => ({
    ...row,
    time: instantOrEpoch(row.time),
  }));
}
