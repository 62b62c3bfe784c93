/**
 * When and with what a lane compares: the face before its own camera, while the document lies there, with the photo on the document
 * and with that of the one list entry that matched. One fresh frame, or the best of a few.
 */
import { causeOf } from '../contracts/errors.ts';
import type { PhotoDecoder } from '../contracts/document.ts';
import type { Comparison, WhyNotCompared } from '../contracts/comparison.ts';
import type { CompareResult } from '../inference/jobs.ts';
import type { Instant, Log } from '../contracts/base.ts';
import type { Frame } from '../contracts/picture.ts';
import type { Latest } from './latest-frame.ts';

/** The frames of one presentation that may be looked at, and for how long after its document was read. */
export const MOST_FRAMES = 5;
export const WINDOW_MS = 1_500;

export interface VerifyParts {
  /** Next frame of the lane's camera that came in after `after`; undefined when none has by `before`, or `signal` aborts. */
  frame(after: Instant, before: Instant, signal: AbortSignal): Promise<Frame | undefined>;
  /** The frame and the references move to the thread, which wipes them. */
  compare(frame: Frame, references: Uint8Array<ArrayBuffer>[], signal: AbortSignal): Promise<CompareResult>;
}

/** Pictures of whom it should be. `undefined` is no picture. */
export interface References {
  readonly document: Uint8Array | undefined;
  readonly entry: Uint8Array | undefined;
}

export interface Verdict {
  readonly document: Comparison;
  /** Only where the entry has a picture. */
  readonly entry?: Comparison;
}

/** Why the presentation ended before there was an outcome. Given to `AbortController.abort`. */
export class Interrupted extends Error {
  readonly why: WhyNotCompared;
  constructor(why: WhyNotCompared) {
    super(why);
    this.why = why;
  }
}

export interface HolderParts {
  readonly lane: string;
  readonly camera: string | undefined;
  /** Undefined: this lane does not compare. */
  readonly sign: string | undefined;
  readonly photoDecoder: PhotoDecoder | undefined;
  readonly log: Log;
  compare(frame: Frame, references: Uint8Array<ArrayBuffer>[], signal: AbortSignal): Promise<CompareResult>;
}

export interface Presented {
  /** When the document's last byte came in. */
  readonly at: Instant;
  /** As the chip holds it. */
  readonly photo: Uint8Array | undefined;
  /** Picture of the list entry that matched. */
  readonly entryPhoto: Uint8Array | undefined;
}

/** The outcome where it is known before any picture is looked at. */
export function withoutPictures({ sign, camera }: HolderParts, signal: AbortSignal): Verdict | undefined {
  const not = (why: WhyNotCompared): Verdict => ({ document: { outcome: 'not compared', why } });
  if (sign === undefined) return not('switched off');
  if (camera === undefined) return not('no camera');
  return signal.aborted ? not(whyAborted(signal)) : undefined;
}

/** Never rejects: whatever keeps faces from being compared is an outcome of its own. */
export async function compareHolder(
  parts: HolderParts,
  latest: Latest,
  { at, photo, entryPhoto }: Presented,
  signal: AbortSignal,
): Promise<Verdict> {
  const document = await decoded(parts, photo, signal);
  const frames: VerifyParts = {
    frame: (after, before) => latest.next(after, before, signal),
    compare: (frame, references, ending) => parts.compare(frame, references, ending),
  };
  try {
    return await verify(frames, { document, entry: entryPhoto }, at, signal);
  } finally {
    document?.fill(0);
  }
}

async function decoded(
  { photoDecoder, log, lane }: HolderParts,
  photo: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (!photo || !photoDecoder) return undefined;
  try {
    return await photoDecoder.decode(photo, signal);
  } catch (error) {
    if (!signal.aborted) log.warn({ lane, cause: causeOf(error) }, 'the photo of a document could not be decoded');
    return undefined;
  }
}

/** `since` is when the document's last byte came in. Never rejects for what a picture, a camera or a thread does. */
export async function verify(
  parts: VerifyParts,
  references: References,
  since: Instant,
  signal: AbortSignal,
): Promise<Verdict> {
  const given = [references.document, references.entry].filter((r) => r !== undefined);
  // The photo may be missing only because its decoding was ended.
  if (signal.aborted) return verdict(references, [], whyAborted(signal));
  if (given.length === 0) return verdict(references, [], 'no photo');
  const seen: Comparison[][] = given.map(() => []);
  const sofar = (why: WhyNotCompared): Verdict => verdict(references, seen.map(summed), why);
  let why: WhyNotCompared = 'no camera';
  let after = since;
  for (let n = 0; n < MOST_FRAMES; n++) {
    const frame = await parts.frame(after, since + WINDOW_MS, signal);
    if (signal.aborted) return sofar(whyAborted(signal));
    if (!frame) break;
    after = frame.at + 1;
    const copies = given.map((r) => new Uint8Array(r));
    try {
      const { comparisons } = await parts.compare(frame, copies, signal);
      for (const [i, list] of seen.entries()) list.push(comparisons[i]!);
      if (seen.every((list) => list.some(settled))) break;
    } catch {
      // The thread died or took too long: the pool has logged it, and another frame may still be compared.
      if (signal.aborted) return sofar(whyAborted(signal));
      why = 'model off';
    } finally {
      // Those that moved to the thread are wiped there, and have no bytes here any more.
      for (const copy of copies) if (copy.length > 0) copy.fill(0);
    }
  }
  return sofar(why);
}

/** No further frame can change it. A photo that is no use stays so. */
function settled(c: Comparison): boolean {
  return c.outcome === 'same' || (c.outcome === 'not compared' && c.why === 'photo unusable') || isModelOff(c);
}

function isModelOff(c: Comparison): boolean {
  return c.outcome === 'not compared' && c.why === 'model off';
}

/**
 * One frame is enough to be the same person, the most alike one counts. Otherwise what most frames say, and of as many the later: a fold
 * of a hood that is taken for a face once must not put a visitor under suspicion.
 */
function summed(seen: readonly Comparison[]): Comparison | undefined {
  const score = (c: Comparison): number => (c.outcome === 'not compared' ? -Infinity : c.score);
  const said = (c: Comparison): string => (c.outcome === 'not compared' ? c.why : c.outcome);
  const often = (c: Comparison): number => seen.filter((other) => said(other) === said(c)).length;
  const alike = [...seen].sort((a, b) => score(b) - score(a))[0];
  if (alike?.outcome === 'same') return alike;
  const most = Math.max(...seen.map(often));
  const last = seen.findLast((c) => often(c) === most);
  return last?.outcome === 'different' ? alike : last;
}

function verdict(references: References, found: readonly (Comparison | undefined)[], why: WhyNotCompared): Verdict {
  const results = [...found];
  const next = (): Comparison => results.shift() ?? { outcome: 'not compared', why };
  const document: Comparison = references.document ? next() : { outcome: 'not compared', why: noDocumentPhoto(why) };
  return references.entry ? { document, entry: next() } : { document };
}

/** Where only the entry has a picture, the document's own outcome is that it has none, unless the visitor declined or went. */
function noDocumentPhoto(why: WhyNotCompared): WhyNotCompared {
  return why === 'declined' || why === 'removed' ? why : 'no photo';
}

function whyAborted(signal: AbortSignal): WhyNotCompared {
  return signal.reason instanceof Interrupted ? signal.reason.why : 'removed';
}
