/**
 * Decides which presented document is looked up next. The digest of a number costs milliseconds of a core, and a faulty reader emits
 * thousands of documents a second. A lane digests one number at a time, the newest first: a document waits for one other at most, or for two
 * where the lane's other reader waits too.
 *
 * A document is dropped before its digest when the same reader emits another one within `MIN_PRESENTED_MS`: no hand is so fast. One that lay
 * there longer was really presented. It is looked up late, once no newer one waits, so that a slow box lets no document through unchecked.
 */

/** Changing documents by hand takes longer. */
export const MIN_PRESENTED_MS = 300;
/** How many really presented documents of one reader may wait; at human speed they take many seconds to come. The oldest is dropped. */
export const MAX_WAITING = 8;

export interface QueueTurn {
  /** The same reader has emitted a newer document meanwhile. */
  readonly late: boolean;
  done(): void;
}

/** Documents of one reader that were dropped without a look-up. */
export interface DroppedDocuments {
  readonly count: number;
  /** When the documents came that replaced the last `MAX_WAITING` of them: many within a moment mean a faulty reader. */
  readonly recent: readonly number[];
}

interface QueuedDocument {
  readonly reader: string;
  readonly at: number;
  readonly start: (turn: QueueTurn | undefined) => void;
}

export class PresentationQueue {
  /** The newest document of each reader, in the order in which the readers were served. */
  readonly #newest = new Map<string, QueuedDocument>();
  /** Really presented before the newest, oldest first. */
  readonly #late: QueuedDocument[] = [];
  readonly #dropped = new Map<string, DroppedDocuments>();
  #busy = false;

  /** Resolves when it is the document's turn; undefined when it was dropped. `at` is when the document came, in ms. */
  take(reader: string, at: number): Promise<QueueTurn | undefined> {
    return new Promise((start) => {
      const before = this.#newest.get(reader);
      // A Map keeps the place of a key that is set again, so that a fast reader does not overtake the others.
      this.#newest.set(reader, { reader, at, start });
      if (before) this.#replace(before, at);
      this.#next();
    });
  }

  /** By reader, since the start. */
  dropped(): ReadonlyMap<string, DroppedDocuments> {
    return this.#dropped;
  }

  #next(): void {
    if (this.#busy) return;
    const [first] = this.#newest.values();
    const document = first ?? this.#late.pop();
    if (!document) return;
    if (first) this.#newest.delete(first.reader);
    this.#busy = true;
    let isDone = false;
    const done = (): void => {
      if (isDone) return;
      isDone = true;
      this.#busy = false;
      this.#next();
    };
    document.start({ late: first === undefined, done });
  }

  #replace(before: QueuedDocument, at: number): void {
    // The absolute difference: setting the clock back makes no reader faster.
    if (Math.abs(at - before.at) < MIN_PRESENTED_MS) return this.#drop(before, at);
    this.#late.push(before);
    const ofReader = this.#late.filter((document) => document.reader === before.reader);
    if (ofReader.length <= MAX_WAITING) return;
    const oldest = ofReader[0]!;
    this.#late.splice(this.#late.indexOf(oldest), 1);
    this.#drop(oldest, at);
  }

  #drop({ reader, start }: QueuedDocument, at: number): void {
    const { count, recent } = this.#dropped.get(reader) ?? { count: 0, recent: [] };
    this.#dropped.set(reader, { count: count + 1, recent: [...recent, at].slice(-MAX_WAITING) });
    start(undefined);
  }
}
