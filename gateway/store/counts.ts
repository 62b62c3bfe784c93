/**
 * Counts, the only thing reported of vehicles and documents that are not listed: passages per lane, kind of plate and direction,
 * presentations per lane, kind of document and outcome, both per five minutes.
 */
import type { Presentation } from '../contracts/display.ts';
import type { Instant } from '../contracts/base.ts';
import type { Passage } from '../contracts/plate.ts';
import type { Db } from './db.ts';
import type { OutboxWriter } from './outbox/outbox.ts';
import { isInstant } from './shapes.ts';

export const COUNT_WINDOW_MS = 300_000;

export interface Counter {
  /** Counts one passage in memory. Nothing that could name the vehicle is taken from it. */
  add(passage: Pick<Passage, 'lane' | 'last' | 'direction'> & { readonly best: Pick<Passage['best'], 'kind'> }): void;
  /** Counts one presentation in memory, by what the list and the document itself said; not by what a comparison says later. */
  addPresentation(presentation: Presentation): void;
  /**
   * Writes what was counted, and turns each window that is over into one event. Call it every 10 s and at the end: a crash loses what was
   * counted since. When it throws (disk or outbox full), the counts stay in memory and go with the next call.
   */
  flush(): void;
}

interface PassageCell {
  readonly windowMs: Instant;
  readonly lane: string;
  readonly kind: string;
  readonly direction: string;
}

interface PresentationCell {
  readonly windowMs: Instant;
  readonly lane: string;
  readonly document: string;
  readonly outcome: string;
}

/** Counts by cell; the cell's members name its row. */
type Tally<Cell> = Map<string, { readonly cell: Cell; n: number }>;

export function openCounter(db: Db, outbox: OutboxWriter): Counter {
  const passages: Tally<PassageCell> = new Map();
  const presentations: Tally<PresentationCell> = new Map();
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
    add({ lane, direction, last, best: { kind } }) {
      tally(passages, { windowMs: windowOf(last), lane, kind, direction });
    },
    addPresentation({ lane, at, document, outcome }) {
      tally(presentations, { windowMs: windowOf(at), lane, document, outcome });
    },
    flush() {
      write.expendable();
      passages.clear();
      presentations.clear();
    },
  };
}

function windowOf(at: Instant): Instant {
  return Math.floor(at / COUNT_WINDOW_MS) * COUNT_WINDOW_MS;
}

function tally<Cell extends object>(counts: Tally<Cell>, cell: Cell): void {
  const key = Object.values(cell).join(' ');
  const known = counts.get(key);
  if (known) known.n++;
  else counts.set(key, { cell, n: 1 });
}

/** Windows that no event can be made of stay as they are, and are noted. Windows in the past, and, where the clock was set back, windows in the future: they would otherwise wait for it. */
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

/** What comes in late makes a second event of the same window: the receiver adds them up. */
function emitWindow(db: Db, start: Instant, outbox: OutboxWriter): void {
  const passages = db
    .prepare('DELETE FROM counts WHERE windowMs = ? RETURNING lane, kind, direction, passages')
    .all(start) as Omit<PassageCell, 'windowMs'>[];
  const presentations = db
    .prepare('DELETE FROM presentations WHERE windowMs = ? RETURNING lane, document, outcome, presentations')
    .all(start) as Omit<PresentationCell, 'windowMs'>[];
  outbox.enqueue({
    type: 'io.sitebox.counts.v1',
    subject: 'counts',
    time: start,
    data: {
      from: new Date(start).toISOString(),
      windowMs: COUNT_WINDOW_MS,
      passages: passages.map((p) => ({ ...p })),
      presentations: presentations.map((p) => ({ ...p })),
    },
    stream: 'counts',
  });
}
