/**
 * The only report about vehicles and documents that are not listed: passages per lane, kind of plate and direction, and presentations per lane,
 * kind of document and outcome, in windows of five minutes.
 */
import { iso } from '../contracts/time.ts';
import type { Presentation } from '../contracts/display.ts';
import type { Instant, Json } from '../contracts/base.ts';
import type { Passage } from '../contracts/plate.ts';
import type { Db } from './db.ts';
import type { OutboxWriter } from './outbox/outbox.ts';
import { isInstant } from './shapes.ts';

export const COUNT_WINDOW_MS = 300_000;

type CountedPassage = Pick<Passage, 'lane' | 'last' | 'direction'> & { readonly best: Pick<Passage['best'], 'kind'> };

/** Counts by cell; the members of a cell form the key of its row. */
type Tally = Map<string, { readonly cell: Readonly<Record<string, string | number>>; n: number }>;

export function openCounter(db: Db, outbox: OutboxWriter) {
  const passages: Tally = new Map();
  const presentations: Tally = new Map();
  const write = db.transaction(() => {
    const addPassages = db.prepare(
      `INSERT INTO counts (windowMs, lane, kind, direction, passages) VALUES (@windowMs, @lane, @kind, @direction, @n)
       ON CONFLICT DO UPDATE SET passages = passages + excluded.passages`,
    );
    const addPresentations = db.prepare(
      `INSERT INTO presentations (windowMs, lane, document, outcome, presentations) VALUES (@windowMs, @lane, @document, @outcome, @n)
       ON CONFLICT DO UPDATE SET presentations = presentations + excluded.presentations`,
    );
    for (const { cell, n } of passages.values()) addPassages.run({ ...cell, n });
    for (const { cell, n } of presentations.values()) addPresentations.run({ ...cell, n });
    for (const start of closedWindows(db, outbox.now())) emitWindow(db, start, outbox);
  });
  return {
    /** Counts one passage in memory. Takes nothing from it that could identify the vehicle. */
    add({ lane, direction, last, best: { kind } }: CountedPassage): void {
      tally(passages, { windowMs: windowOf(last), lane, kind, direction });
    },
    /** Counts one presentation in memory, by the result of list and document, not by that of a later comparison. */
    addPresentation({ lane, at, document, outcome }: Presentation): void {
      tally(presentations, { windowMs: windowOf(at), lane, document, outcome });
    },
    /**
     * Writes the counts, and turns each finished window into one event. Call it every 10 s and at the end: a crash loses the counts since the last
     * call. When it throws (disk or outbox full), the counts stay in memory for the next call.
     */
    flush(): void {
      write.expendable();
      passages.clear();
      presentations.clear();
    },
  };
}

export type Counter = ReturnType<typeof openCounter>;

function windowOf(at: Instant): Instant {
  return Math.floor(at / COUNT_WINDOW_MS) * COUNT_WINDOW_MS;
}

function tally(counts: Tally, cell: Readonly<Record<string, string | number>>): void {
  const key = Object.values(cell).join(' ');
  const counted = counts.get(key);
  if (counted) counted.n++;
  else counts.set(key, { cell, n: 1 });
}

/**
 * Windows to emit: those in the past and, since the clock may have been set back, those in the future, which would otherwise wait for it. Windows
 * whose time is invalid stay, and are noted as damage.
 */
function closedWindows(db: Db, now: Instant): Instant[] {
  const windows = db
    .prepare(
      `SELECT windowMs FROM (SELECT windowMs FROM counts UNION SELECT windowMs FROM presentations)
       WHERE windowMs <= ? OR windowMs > ? ORDER BY windowMs`,
    )
    .pluck()
    .all(now - COUNT_WINDOW_MS, now + COUNT_WINDOW_MS) as number[];
  for (const odd of windows.filter((w) => !isInstant(w))) db.damage.note('counts', odd);
  return windows.filter(isInstant);
}

/** Late counts make a second event for the same window: the receiver adds them up. */
function emitWindow(db: Db, start: Instant, outbox: OutboxWriter): void {
  const passages = db
    .prepare('DELETE FROM counts WHERE windowMs = ? RETURNING lane, kind, direction, passages')
    .all(start) as Json[];
  const presentations = db
    .prepare('DELETE FROM presentations WHERE windowMs = ? RETURNING lane, document, outcome, presentations')
    .all(start) as Json[];
  outbox.enqueue({
    type: 'io.sitebox.counts.v1',
    subject: 'counts',
    time: start,
    data: { from: iso(start), windowMs: COUNT_WINDOW_MS, passages, presentations },
    stream: 'counts',
  });
}
