/** What the command room was told has begun, and not yet that it is over: kept in the store, so that each is said once, over restarts too. */
import { readMetaList } from '../damage/readable-meta.ts';
import { setMeta, type Db } from '../db.ts';
import type { NewEvent, OutboxWriter } from './outbox.ts';

export interface RoomReport<Key extends string> {
  readonly key: Key;
  /** Raised once more: news of one that is open. */
  readonly state: 'raised' | 'cleared';
  readonly event: NewEvent;
}

export class OpenReports<Key extends string> {
  readonly #db: Db;
  readonly #outbox: OutboxWriter;
  readonly #metaKey: string;
  #open: ReadonlySet<Key>;

  /** `metaKey`: where they are kept in `meta`. */
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

  /** Writes the events, and what is open afterwards, in one transaction. Throws what the store throws: then nothing has changed. */
  write(reports: readonly RoomReport<Key>[]): void {
    if (reports.length === 0) return;
    const open = new Set(this.#open);
    for (const { key, state } of reports) {
      if (state === 'raised') open.add(key);
      else open.delete(key);
    }
    this.#db
      .transaction(() => {
        for (const { event } of reports) this.#outbox.enqueue(event);
        setMeta(this.#db, this.#metaKey, JSON.stringify([...open]));
      })
      .immediate();
    this.#open = open;
  }
}
