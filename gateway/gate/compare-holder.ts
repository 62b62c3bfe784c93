/**
 * Compares, 1:1, the face at the lane's camera with the photo on the document, and with the photo of the one list entry that matched.
 * It looks at fresh frames only, and only while the document lies there: one frame, or the best of a few.
 */
import { causeOf } from '../contracts/errors.ts';
import type { PhotoDecoder } from '../contracts/document.ts';
import type { Comparison, WhyNotCompared } from '../contracts/comparison.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import type { Instant, Log } from '../contracts/base.ts';
import type { Frame } from '../contracts/picture.ts';
import type { LatestFrame } from './latest-frame.ts';

/** How many frames of one presentation may be compared, and for how long after its document was read. */
export const MAX_FRAMES = 5;
export const WINDOW_MS = 1_500;

export interface HolderComparison {
  /** With the photo on the document. */
  readonly document: Comparison;
  /** With the photo of the list entry; absent where the entry has none. */
  readonly entry?: Comparison;
}

export interface HolderPhotos {
  /** Still encoded, as the chip holds it. */
  readonly chip: Uint8Array | undefined;
  /** PNG or JPEG, as the list holds it. */
  readonly entry: Uint8Array | undefined;
}

/** Passed to `AbortController.abort` to say why the comparison ends early. */
export class ComparisonAborted extends Error {
  readonly why: WhyNotCompared;
  constructor(why: WhyNotCompared) {
    super(why);
    this.why = why;
  }
}

export interface HolderComparerOptions {
  readonly lane: string;
  readonly camera: string | undefined;
  /** The text of the sign that announces the comparison; undefined: this lane does not compare. */
  readonly sign: string | undefined;
  readonly photoDecoder: PhotoDecoder | undefined;
}

interface HolderComparerParts extends HolderComparerOptions {
  readonly recogniser: Pick<Recogniser, 'compare'>;
  readonly log: Log;
}

export class HolderComparer {
  readonly #options: HolderComparerParts;
  readonly #latestFrame: LatestFrame;

  constructor(options: HolderComparerParts, latestFrame: LatestFrame) {
    this.#options = options;
    this.#latestFrame = latestFrame;
  }

  /** The result where it is certain before any picture is looked at. */
  resultWithoutPictures(signal: AbortSignal): HolderComparison | undefined {
    const { sign, camera } = this.#options;
    const not = (why: WhyNotCompared): HolderComparison => ({ document: { outcome: 'not compared', why } });
    if (sign === undefined) return not('switched off');
    if (camera === undefined) return not('no camera');
    return signal.aborted ? not(whyAborted(signal)) : undefined;
  }

  /** `since` is when the document's last byte came in. Never rejects: a failure is an outcome too. */
  async compare({ chip, entry }: HolderPhotos, since: Instant, signal: AbortSignal): Promise<HolderComparison> {
    const document = await this.#decode(chip, signal);
    try {
      return await this.#compareFrames({ document, entry }, since, signal);
    } finally {
      document?.fill(0);
    }
  }

  async #decode(chip: Uint8Array | undefined, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { photoDecoder, log, lane } = this.#options;
    if (!chip || !photoDecoder) return undefined;
    try {
      return await photoDecoder.decode(chip, signal);
    } catch (error) {
      if (!signal.aborted) log.warn({ lane, cause: causeOf(error) }, 'the photo of a document could not be decoded');
      return undefined;
    }
  }

  async #compareFrames(photos: References, since: Instant, signal: AbortSignal): Promise<HolderComparison> {
    const references = [photos.document, photos.entry].filter((photo) => photo !== undefined);
    // An aborted decoding leaves no photo either.
    if (signal.aborted) return holderComparison(photos, [], whyAborted(signal));
    if (references.length === 0) return holderComparison(photos, [], 'no photo');
    const results: Comparison[][] = references.map(() => []);
    const soFar = (why: WhyNotCompared): HolderComparison => holderComparison(photos, results.map(summaryOf), why);
    let why: WhyNotCompared = 'no camera';
    let after = since;
    for (let n = 0; n < MAX_FRAMES; n++) {
      const frame = await this.#latestFrame.next(after, since + WINDOW_MS, signal);
      if (signal.aborted) return soFar(whyAborted(signal));
      if (!frame) break;
      after = frame.at + 1;
      try {
        const comparisons = await this.#compareFrame(frame, references, signal);
        for (const [i, list] of results.entries()) list.push(comparisons[i]!);
        if (results.every((list) => list.some(isFinal))) break;
      } catch {
        if (signal.aborted) return soFar(whyAborted(signal));
        // The thread died or took too long, which the pool logs. Another frame may still be compared.
        why = 'model off';
      }
    }
    return soFar(why);
  }

  /** The frame and copies of the references move to the inference thread, which wipes them. */
  async #compareFrame(
    frame: Frame,
    photos: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<readonly Comparison[]> {
    const references = photos.map((photo) => new Uint8Array(photo));
    try {
      return await this.#options.recogniser.compare(frame, references, signal);
    } finally {
      // A buffer that moved has no bytes here any more.
      for (const reference of references) if (reference.length > 0) reference.fill(0);
    }
  }
}

/** Decoded photos to compare with. */
interface References {
  readonly document: Uint8Array | undefined;
  readonly entry: Uint8Array | undefined;
}

/** Whether no further frame can change the result. */
function isFinal(c: Comparison): boolean {
  return (
    c.outcome === 'same' || (c.outcome === 'not compared' && (c.why === 'photo unusable' || c.why === 'model off'))
  );
}

/**
 * One frame with the same person is enough; the most similar one counts. Otherwise the most frequent result counts, and of equally frequent
 * ones the later: a fold of a hood that is once taken for a face must not put a visitor under suspicion.
 */
function summaryOf(results: readonly Comparison[]): Comparison | undefined {
  const score = (c: Comparison): number => (c.outcome === 'not compared' ? -Infinity : c.score);
  const frequency = (c: Comparison): number =>
    results.filter((other) => comparisonOutcome(other) === comparisonOutcome(c)).length;
  const maxSimilar = [...results].sort((a, b) => score(b) - score(a))[0];
  if (maxSimilar?.outcome === 'same') return maxSimilar;
  const highest = Math.max(...results.map(frequency));
  const last = results.findLast((c) => frequency(c) === highest);
  return last?.outcome === 'different' ? maxSimilar : last;
}

export type ComparisonOutcome = 'same' | 'different' | WhyNotCompared;

export function comparisonOutcome(c: Comparison): ComparisonOutcome {
  return c.outcome === 'not compared' ? c.why : c.outcome;
}

/** `summaries` has one element for each photo there is, the document's first. Where it has none, `why` is the result. */
function holderComparison(
  photos: References,
  summaries: readonly (Comparison | undefined)[],
  why: WhyNotCompared,
): HolderComparison {
  const results = [...summaries];
  const next = (): Comparison => results.shift() ?? { outcome: 'not compared', why };
  const document: Comparison = photos.document ? next() : { outcome: 'not compared', why: whyNoDocumentPhoto(why) };
  return photos.entry ? { document, entry: next() } : { document };
}

/** Where only the entry has a photo, the document is not compared because it has none, unless the visitor declined or left. */
function whyNoDocumentPhoto(why: WhyNotCompared): WhyNotCompared {
  return why === 'declined' || why === 'removed' ? why : 'no photo';
}

function whyAborted(signal: AbortSignal): WhyNotCompared {
  return signal.reason instanceof ComparisonAborted ? signal.reason.why : 'removed';
}
