/**
 * The digest of a document's number costs milliseconds of a core, and a reader that is out of order gives thousands of documents a
 * second. One digest of a lane is made at a time, and the newest document is next: it is never behind more than one other, or two where
 * another reader of the lane waits too. What was superseded is dropped before its digest.
 *
 * Superseded is a document that was followed by another one of the same reader within `MIN_LAID_MS`: no hand is so fast. One that lay longer was
 * really presented. It keeps a place of its own and has its turn when no newer one waits, so that nobody slips through while the box is slow.
 */

/** Changing documents by hand takes longer; a reader that reads one document twice in this time gives the same number twice. */
export const MIN_LAID_MS = 300;
/** Really presented ones that wait, for each reader. At human speed they are what comes in many seconds; the oldest gives way. */
export const MAX_LAID = 8;

export interface Turn {
  /** A newer document of the same reader came meanwhile. */
  readonly late: boolean;
  done(): void;
}

export interface Turns {
  /** Resolves when it is the document's turn; undefined when it was superseded. `at` in ms, of the document's arrival. */
  take(reader: string, at: number): Promise<Turn | undefined>;
  /** By reader, since the start: what was dropped without a look-up. */
  superseded(): ReadonlyMap<string, Superseded>;
}

export interface Superseded {
  readonly documents: number;
  /** Of the last `MAX_LAID` of them: more in a moment are a reader that is out of order. `at` of the documents that came instead. */
  readonly last: readonly number[];
}

interface Waiting {
  readonly reader: string;
  readonly at: number;
  readonly start: (turn: Turn | undefined) => void;
}

export function openTurns(): Turns {
  /** The newest of each reader, in the order in which the readers were served: who waits longest is next. */
  const newest = new Map<string, Waiting>();
  /** Really presented before, oldest first. */
  const laid: Waiting[] = [];
  const dropped = new Map<string, Superseded>();
  let busy = false;

  const next = (): void => {
    if (busy) return;
    const [first] = newest.values();
    const waiting = first ?? laid.pop();
    if (!waiting) return;
    if (first) newest.delete(first.reader);
    busy = true;
    let isDone = false;
    const done = (): void => {
      if (isDone) return;
      isDone = true;
      busy = false;
      next();
    };
    waiting.start({ late: first === undefined, done });
  };
  const drop = ({ reader, start }: Waiting, at: number): void => {
    const { documents, last } = dropped.get(reader) ?? { documents: 0, last: [] };
    dropped.set(reader, { documents: documents + 1, last: [...last, at].slice(-MAX_LAID) });
    start(undefined);
  };
  const supersede = (before: Waiting, at: number): void => {
    // Either way: a clock that was set back makes nobody faster.
    if (Math.abs(at - before.at) < MIN_LAID_MS) return drop(before, at);
    laid.push(before);
    const oldest = laid.find((w) => w.reader === before.reader)!;
    if (laid.filter((w) => w.reader === before.reader).length <= MAX_LAID) return;
    laid.splice(laid.indexOf(oldest), 1);
    drop(oldest, at);
  };

  return {
    take: (reader, at) =>
      new Promise((start) => {
        const before = newest.get(reader);
        // In the place of the one before, so that whoever is quick does not come before the other readers.
        newest.set(reader, { reader, at, start });
        if (before) supersede(before, at);
        next();
      }),
    superseded: () => dropped,
  };
}
