/**
 * Checks the documents that are presented at one lane: looks each up and shows the outcome. A listed one becomes a hit with the lane's picture
 * of that moment, and only then is its holder compared with the photos. A document that is not listed leaves nothing behind but a count.
 */
import { newId, type Clock } from '../clock/clock.ts';
import type { DocumentReading, ReadFault } from '../contracts/document.ts';
import type { LaneOutcome, LookReason, Presentation } from '../contracts/display.ts';
import type { WhyNotCompared } from '../contracts/comparison.ts';
import { causeOf } from '../contracts/errors.ts';
import { buildDocumentHit } from '../hits/hit.ts';
import type { HitBuffer } from '../hits/hit-buffer.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import type { DocumentLookUp, ActiveLists } from '../lists/in-force/active-lists.ts';
import type { Instant, Log, Sha256 } from '../contracts/base.ts';
import type { DocumentHit } from '../contracts/hit.ts';
import type { ListRef, Match } from '../contracts/list.ts';
import type { Evidence } from '../contracts/picture.ts';
import { ComparisonAborted, comparisonOutcome, HolderComparer } from './compare-holder.ts';
import type { ComparisonOutcome, HolderComparerOptions, HolderComparison } from './compare-holder.ts';
import type { LaneDisplay, OutcomeId } from './lane-display.ts';
import type { LatestFrame } from './latest-frame.ts';
import { dateIn, lastFourOf, outcomeOf, validityReasons } from './outcome.ts';
import { PresentationQueue, type DroppedDocuments } from './presentation-queue.ts';

/** How long a hit waits for a frame of its moment. */
const FRAME_MS = 500;

export interface DocumentCheckOptions extends HolderComparerOptions {
  /** Of the site: documents expire by its date. */
  readonly timeZone: string;
  /** Of the configuration file, for hits. */
  readonly config: Sha256;
}

/** The rooms that check documents. */
export interface CheckRooms {
  readonly clock: Clock;
  readonly lists: Pick<ActiveLists, 'lookUpDocument'>;
  readonly hitBuffer: Pick<HitBuffer, 'raise'>;
  readonly recogniser: Pick<Recogniser, 'compare' | 'lanePicture'>;
  readonly counters: { presentation(presentation: Presentation): void };
  readonly log: Log;
}

export class DocumentCheck {
  readonly #options: DocumentCheckOptions;
  readonly #rooms: CheckRooms;
  readonly #display: LaneDisplay;
  readonly #latestFrame: LatestFrame;
  readonly #queue = new PresentationQueue();
  readonly #comparer: HolderComparer;
  readonly #dateOf: (at: Instant) => string;
  readonly #outcomes: Record<LaneOutcome, number> = { clear: 0, listed: 0, 'look at the document': 0, 'no list': 0 };
  readonly #comparisons = new Map<ComparisonOutcome, number>();
  readonly #underWay = new Set<Promise<void>>();
  /** Of the newest document; aborts when its comparison has to end. */
  #current: AbortController | undefined;

  constructor(options: DocumentCheckOptions, rooms: CheckRooms, display: LaneDisplay, latestFrame: LatestFrame) {
    this.#options = options;
    this.#rooms = rooms;
    this.#display = display;
    this.#latestFrame = latestFrame;
    this.#comparer = new HolderComparer({ ...options, ...rooms }, latestFrame);
    this.#dateOf = dateIn(options.timeZone);
  }

  /** Takes over the buffers of `reading` and wipes them at the end. `declined`: the holder is not compared. */
  start(reading: DocumentReading, declined: boolean): void {
    const work = this.#check(reading, declined)
      .finally(() => this.#underWay.delete(work))
      .catch((error: unknown) => this.#logError(error, 'the display could not be updated'));
    this.#underWay.add(work);
  }

  /** A document that gave no number takes the place of the one before. */
  unreadable(why: ReadFault): void {
    this.abort('removed');
    // The comparison of the document before must not amend this outcome.
    this.#current = undefined;
    const at = this.#rooms.clock.now();
    this.#count('unreadable', 'look at the document', at);
    this.#display.show({ presented: true });
    this.#display.showOutcome({ outcome: 'look at the document', at, reasons: [why] });
  }

  /** Ends the comparison of the newest document; false where its check is over. */
  abort(why: WhyNotCompared): boolean {
    this.#current?.abort(new ComparisonAborted(why));
    return this.#current !== undefined;
  }

  async drain(): Promise<void> {
    this.abort('removed');
    await Promise.allSettled(this.#underWay);
  }

  /** Since the start, as the other counts. */
  outcomes(): Readonly<Record<LaneOutcome, number>> {
    return this.#outcomes;
  }

  comparisons(): ReadonlyMap<ComparisonOutcome, number> {
    return this.#comparisons;
  }

  /** By reader: documents that were not looked up because the next one came faster than by hand. */
  dropped(): ReadonlyMap<string, DroppedDocuments> {
    return this.#queue.dropped();
  }

  async #check(reading: DocumentReading, declined: boolean): Promise<void> {
    this.abort('removed');
    const controller = new AbortController();
    this.#current = controller;
    if (declined) controller.abort(new ComparisonAborted('declined'));
    const before = this.#display.shownOutcome();
    let shown: OutcomeId | undefined;
    try {
      const result = await this.#lookUp(reading);
      if (!result) return;
      const { list, match, late } = result;
      const reasons = validityReasons(reading, this.#dateOf(this.#rooms.clock.trusted()));
      const outcome = outcomeOf(list, match, reasons);
      // A document that lay there earlier must not replace the outcome of the one that lies there now, unless it is listed.
      if (!late || match) shown = this.#show(reading, outcome, reasons, match);
      this.#count(reading.type, outcome, reading.at);
      const hit = match && list.state === 'in force' ? this.#hitOf(reading, match, list.ref, reasons) : undefined;
      const comparison = await this.#raiseAndCompare(reading, match, hit, controller.signal);
      this.#showComparison(comparison, outcome, this.#current === controller ? shown : undefined);
    } catch (error) {
      this.#logError(error, 'a presentation failed');
      // An outcome of this document stays, and so does one of a document that came after it.
      if (shown !== undefined || (this.#current !== controller && this.#display.shownOutcome() !== before)) return;
      const at = this.#rooms.clock.now();
      this.#display.showOutcome({ outcome: 'look at the document', at, reasons: ['not read'] });
    } finally {
      reading.number.fill(0);
      reading.photo?.fill(0);
      if (this.#current === controller) this.#current = undefined;
    }
  }

  /** Undefined for a document that was dropped. */
  async #lookUp({ reader, at, number }: DocumentReading): Promise<(DocumentLookUp & { late: boolean }) | undefined> {
    const turn = await this.#queue.take(reader, at);
    if (!turn) return undefined;
    try {
      const { lists, clock } = this.#rooms;
      return { late: turn.late, ...(await lists.lookUpDocument(number, this.#options.lane, clock.trusted())) };
    } finally {
      turn.done();
    }
  }

  #show(
    { type, number }: DocumentReading,
    outcome: LaneOutcome,
    reasons: readonly LookReason[],
    match: Match | undefined,
  ): OutcomeId {
    return this.#display.showOutcome({
      outcome,
      at: this.#rooms.clock.now(),
      reasons,
      document: type,
      lastFour: lastFourOf(number),
      ...(match ? { category: match.entry.category, instruction: match.entry.instruction } : {}),
    });
  }

  /** The hit goes to disk before anything slower begins; the result of the comparison follows as an update. */
  async #raiseAndCompare(
    { at, photo }: DocumentReading,
    match: Match | undefined,
    hit: DocumentHit | undefined,
    signal: AbortSignal,
  ): Promise<HolderComparison> {
    const early = this.#comparer.resultWithoutPictures(signal);
    if (hit) {
      const evidence = await this.#hitPicture(at, signal);
      this.#raise(early ? withComparison(hit, early) : hit, evidence);
    }
    if (early) return early;
    const comparison = await this.#comparer.compare({ chip: photo, entry: match?.entry.photo }, at, signal);
    // An update is no further sighting.
    if (hit) this.#raise({ ...withComparison(hit, comparison), sightings: 0 }, []);
    return comparison;
  }

  /**
   * The lane's picture of the moment `since` in which the document was read. Once `presence` aborts the document is gone, and the latest frame
   * may show the next visitor. Empty where there is no picture of that moment: a hit without a picture is better than no hit.
   */
  async #hitPicture(since: Instant, presence: AbortSignal): Promise<readonly Evidence[]> {
    const { lane, camera } = this.#options;
    if (camera === undefined) return [];
    const until = since + FRAME_MS;
    const frame = await this.#latestFrame.next(since, until, new AbortController().signal);
    if (!frame) return [];
    if (presence.aborted && frame.at > until) {
      frame.rgb.fill(0);
      return [];
    }
    try {
      return [await this.#rooms.recogniser.lanePicture(frame)];
    } catch (error) {
      this.#rooms.log.warn({ lane, cause: causeOf(error) }, 'hit without a picture');
      return [];
    }
  }

  #hitOf(reading: DocumentReading, match: Match, list: ListRef, reasons: readonly LookReason[]): DocumentHit {
    const { clock } = this.#rooms;
    return buildDocumentHit(reading, match, {
      id: newId(clock.now()),
      lane: this.#options.lane,
      list,
      clock: clock.state(),
      config: this.#options.config,
      models: [],
      expired: reasons.includes('expired'),
    });
  }

  #raise(hit: DocumentHit, evidence: readonly Evidence[]): void {
    // The hit buffer logs and counts a hit that it loses.
    this.#rooms.hitBuffer.raise(hit, evidence).catch(() => undefined);
  }

  #count(document: Presentation['document'], outcome: LaneOutcome, at: Instant): void {
    this.#outcomes[outcome]++;
    this.#rooms.counters.presentation({ lane: this.#options.lane, at, document, outcome });
  }

  /** Counts the comparison, and adds it to the outcome `shown` of its own document while that is on the screen. */
  #showComparison({ document, entry }: HolderComparison, outcome: LaneOutcome, shown: OutcomeId | undefined): void {
    const key = comparisonOutcome(document);
    this.#comparisons.set(key, (this.#comparisons.get(key) ?? 0) + 1);
    if (shown === undefined) return;
    const isBorrowed = document.outcome === 'different';
    const reasons = this.#display.view().last?.reasons ?? [];
    this.#display.amendOutcome(shown, {
      comparison: document,
      ...(entry ? { entryComparison: entry } : {}),
      reasons: isBorrowed ? [...reasons, 'borrowed'] : reasons,
      // A question to the attendant, which goes no further than this screen.
      ...(isBorrowed && outcome === 'clear' ? { outcome: 'look at the document' as const } : {}),
    });
  }

  #logError(error: unknown, message: string): void {
    this.#rooms.log.error({ lane: this.#options.lane, cause: causeOf(error) }, message);
  }
}

function withComparison(hit: DocumentHit, { document, entry }: HolderComparison): DocumentHit {
  return { ...hit, comparison: document, ...(entry ? { entryComparison: entry } : {}) };
}
