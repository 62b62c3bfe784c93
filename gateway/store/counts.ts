/** Counts, the only thing reported of vehicles that are not listed: passages per lane, kind of plate, direction and five minutes. */
import type { Instant, Passage } from '../types.ts';
import type { Db } from './db.ts';
import type { Outlet } from './outbox.ts';
import { enqueue } from './outbox.ts';

export const COUNT_WINDOW_MS = 300_000;

export interface Counter {
  /** Counts one passage in memory. Nothing that could name the vehicle is taken from it. */
  add(passage: Pick<Passage, 'lane' | 'last' | 'direction'> & { readonly best: Pick<Passage['best'], 'kind'> }): void;
  /**
   * Writes what was counted, and turns each window that is over into one event. Call it every 10 s and at the end: a crash loses what was
   * counted since. When it throws (disk or outbox full), the counts stay in memory and go with the next call.
   */
  flush(): void;
}

interface Cell {
  readonly windowMs: Instant;
  readonly lane: string;
  readonly kind: string;
  readonly direction: string;
  passages: number;
}

export function openCounter(db: Db, outlet: Outlet): Counter {
  const cells = new Map<string, Cell>();
  const write = db.transaction(() => {
    const add = db.prepare(
      `INSERT INTO counts (windowMs, lane, kind, direction, passages) VALUES (@windowMs, @lane, @kind, @direction, @passages)
       ON CONFLICT DO UPDATE SET passages = passages + excluded.passages`,
    );
    for (const cell of cells.values()) add.run(cell);
    for (const start of closedWindows(db, outlet.now())) emitWindow(db, start, outlet);
  });
  return {
    add(passage) {
      const windowMs = Math.floor(passage.last / COUNT_WINDOW_MS) * COUNT_WINDOW_MS;
      const { lane, direction } = passage;
      const { kind } = passage.best;
      const key = `${windowMs} ${lane} ${kind} ${direction}`;
      const cell = cells.get(key) ?? { windowMs, lane, kind, direction, passages: 0 };
      cell.passages++;
      cells.set(key, cell);
    },
    flush() {
      write.immediate();
      cells.clear();
    },
  };
}

/** Windows in the past, and, where the clock was set back, windows in the future: they would otherwise wait for it. */
function closedWindows(db: Db, now: Instant): Instant[] {
  return db
    .prepare('SELECT DISTINCT windowMs FROM counts WHERE windowMs <= ? OR windowMs > ? ORDER BY windowMs')
    .pluck()
    .all(now - COUNT_WINDOW_MS, now + COUNT_WINDOW_MS) as Instant[];
}

/** Passages that come in late make a second event of the same window: the receiver adds them up. */
function emitWindow(db: Db, start: Instant, outlet: Outlet): void {
  const passages = db
    .prepare('DELETE FROM counts WHERE windowMs = ? RETURNING lane, kind, direction, passages')
    .all(start) as Omit<Cell, 'windowMs'>[];
  enqueue(
    db,
    {
      type: 'io.sitebox.counts.v1',
      subject: 'counts',
      time: start,
      data: {
        from: new Date(start).toISOString(),
        windowMs: COUNT_WINDOW_MS,
        passages: passages.map((p) => ({ ...p })),
      },
      stream: 'counts',
    },
    outlet,
  );
}
