/** Conditions whose beginning was reported to the command room and whose end was not: stored, so that each is reported once, across restarts too. */
import { readMetaList } from '../damage/readable-meta.ts';
import { setMeta, type Db } from '../db.ts';
import type { NewEvent, OutboxWriter } from './outbox.ts';

export interface RoomReport<Key extends string> {
  readonly key: Key;
  /** `raised` again: an update of an open one. */
  readonly state: 'raised' | 'cleared';
  readonly event: NewEvent;
}

export class OpenReports<Key extends string> {
  readonly #db: Db;
  readonly #outbox: OutboxWriter;
  readonly #metaKey: string;
  #open: ReadonlySet<Key>;

  /** `metaKey`: their key in `meta`. */
  constructor(db: Db, outbox: OutboxWriter, metaKey: string, isKey: (part: unknown) => part is Key) {
    this.#db = db;
    this.#outbox = outbox;
    this.#metaKey = metaKey;
    this.#open = new Set(readMetaList(db, metaKey, isKey));
  }

  has(key: Key): boolean {
    return this.#open.has(key);
  }

  keys(): readonly Key[] {
    return [...this.#open];
  }

  /** Writes the events and the keys then open, in one transaction. Throws what the store throws; then nothing has changed. */
  write(reports: readonly RoomReport<Key>[]): void {
    if (reports.length === 0) return;
    const open = new Set(this.#open);
    for (const { key, state } of reports) {
      if (state === 'raised') open.add(key);
      else open.delete(key);
    }
    this.#db.write(() => {
      for (const { event } of reports) this.#outbox.enqueue(event);
      setMeta(this.#db, this.#metaKey, JSON.stringify([...open]));
    });
    this.#open = open;
  }
}
