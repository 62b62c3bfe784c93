/**
 * A gate lane: a presented document is looked up and shown, a listed one becomes a hit with the lane's picture of that moment, and only
 * then is its holder compared with the photos, 1:1. Of a document that is not listed nothing is left when this is over but a count.
 */
import { newId, type Clock } from '../clock/clock.ts';
import type { DocumentReading, DocumentType, ReaderObservation, ReadFault } from '../contracts/document.ts';
import type { LaneFeed, LaneOutcome, LaneView, LookReason } from '../contracts/display.ts';
import type { Comparison, WhyNotCompared } from '../contracts/comparison.ts';
import { causeOf } from '../contracts/errors.ts';
import { buildDocumentHit } from '../hits/hit.ts';
import type { DocumentLookUp } from '../lists/in-force/active.ts';
import type { Instant, Sha256 } from '../contracts/base.ts';
import type { DocumentHit, Hit } from '../contracts/hit.ts';
import type { Match } from '../contracts/list.ts';
import type { Evidence, Frame } from '../contracts/picture.ts';
import type { BadRows } from '../devices/bad-rows.ts';
import { openDisplay, type ShownOutcome } from './display.ts';
import { hitPicture, type HitPictureParts } from './hit-picture.ts';
import { openLatest } from './latest-frame.ts';
import { lastFourOf, outcomeOf, validity } from './outcome.ts';
import { openTurns, type Superseded } from './turns.ts';
import { compareHolder, Interrupted, withoutPictures, type HolderParts, type Verdict } from './compare-holder.ts';

/** What the lane needs of the rest of the box; main.ts passes it in. */
export interface GateParts extends HolderParts, HitPictureParts {
  readonly readers: readonly string[];
  /** Where is counted what came without use. */
  readonly rows: Pick<BadRows, 'bad' | 'good'>;
  readonly clock: Clock;
  readonly config: Sha256;
  /** The day at the site, `YYYYMMDD`. */
  today(): string;
  lookUp(number: Uint8Array): Promise<DocumentLookUp>;
  raise(hit: Hit, evidence: readonly Evidence[]): void;
  count(presentation: {
    readonly at: Instant;
    readonly document: DocumentType | 'unreadable';
    readonly outcome: LaneOutcome;
  }): void;
}

export type ComparisonOutcome = 'same' | 'different' | WhyNotCompared;

export interface Gate {
  readonly lane: string;
  readonly feed: LaneFeed;
  observed(reader: string, observation: ReaderObservation): void;
  /** The reader is gone, until it says `ready` again. */
  lost(reader: string): void;
  frame(frame: Frame): void;
  /** Takes no further document and waits for what is under way. */
  drain(): Promise<void>;
  /** Since the start. */
  outcomes(): Readonly<Record<LaneOutcome, number>>;
  comparisons(): ReadonlyMap<ComparisonOutcome, number>;
  /** Documents of each reader that were dropped without a look-up, because the next one came faster than by hand. */
  superseded(): ReadonlyMap<string, Superseded>;
  frames(): { readonly received: number };
}

/** So long a document counts as lying there after a reader that only sees it pass. */
const PASSING_MS = 5_000;
/** A refusal of the comparison is forgotten after this long, so that it cannot meet another visitor. */
const DECLINED_MS = 60_000;

export function openGate(parts: GateParts): Gate {
  const { lane, clock, log, sign } = parts;
  const display = openDisplay(lane);
  const latest = openLatest();
  const away = new Set(parts.readers);
  const outcomes: Record<LaneOutcome, number> = { clear: 0, listed: 0, 'look at the document': 0, 'no list': 0 };
  const comparisons = new Map<ComparisonOutcome, number>();
  const underWay = new Set<Promise<void>>();
  const turns = openTurns();
  let current: AbortController | undefined;
  const passing = new Set<string>();
  let taken: NodeJS.Timeout | undefined;
  let declined: NodeJS.Timeout | undefined;
  let received = 0;
  let ended = false;
  const readersAway = (): Pick<LaneView, 'away' | 'noReader'> => {
    return { away: [...away], noReader: away.size === parts.readers.length };
  };
  display.show(readersAway());

  const interrupt = (why: WhyNotCompared): void => current?.abort(new Interrupted(why));
  const laid = (reader: string): void => {
    clearTimeout(taken);
    if (passing.has(reader)) taken = setTimeout(() => display.show({ presented: false }), PASSING_MS);
  };
  const undecline = (): boolean => {
    const was = declined !== undefined;
    clearTimeout(declined);
    declined = undefined;
    return was;
  };
  const unreadable = (why: ReadFault): void => {
    interrupt('removed');
    // What is still to be said of the document before has no place on this outcome.
    current = undefined;
    outcomes['look at the document']++;
    parts.count({ at: clock.now(), document: 'unreadable', outcome: 'look at the document' });
    display.show({ presented: true });
    display.outcome({ outcome: 'look at the document', at: clock.now(), reasons: [why] });
  };

  /** In its turn; undefined for what was superseded. */
  const lookUp = async ({ reader, at, number }: DocumentReading) => {
    const turn = await turns.take(reader, at);
    if (!turn) return undefined;
    try {
      return { late: turn.late, ...(await parts.lookUp(number)) };
    } finally {
      turn.done();
    }
  };

  const present = async (reading: DocumentReading): Promise<void> => {
    interrupt('removed');
    const controller = new AbortController();
    current = controller;
    const before = display.shown();
    let shown: ShownOutcome | undefined;
    if (undecline()) controller.abort(new Interrupted('declined'));
    try {
      const found = await lookUp(reading);
      if (!found) return;
      const { list, match } = found;
      const faults = validity(reading, parts.today());
      const outcome = outcomeOf(list, match, faults);
      outcomes[outcome]++;
      // The outcome of a document that was presented before stands back behind that of the one that lies there, unless it is listed.
      if (!found.late || match) {
        shown = display.outcome({
          ...{
            outcome,
            at: clock.now(),
            reasons: faults,
            document: reading.type,
            lastFour: lastFourOf(reading.number),
          },
          ...(match ? { category: match.entry.category, instruction: match.entry.instruction } : {}),
        });
      }
      parts.count({ at: reading.at, document: reading.type, outcome });
      const known = withoutPictures(parts, controller.signal);
      const hit = match && list.state === 'in force' ? hitOf(parts, reading, match, list.ref, faults) : undefined;
      // The hit goes to disk before anything slower is begun.
      if (hit) {
        const evidence = await hitPicture(parts, latest, reading.at, controller.signal);
        parts.raise(known ? withVerdict(hit, known) : hit, evidence);
      }
      const presented = { at: reading.at, photo: reading.photo, entryPhoto: match?.entry.photo };
      const verdict = known ?? (await compareHolder(parts, latest, presented, controller.signal));
      tell(verdict, outcome, current === controller ? shown : undefined);
      // News of the hit, not a new sighting.
      if (hit && !known) parts.raise({ ...withVerdict(hit, verdict), seen: 0 }, []);
    } catch (error) {
      log.error({ lane, cause: causeOf(error) }, 'a presentation failed');
      // What was shown of this document stands, whatever failed behind it; so does what was shown of one that came after it.
      if (shown !== undefined || (current !== controller && display.shown() !== before)) return;
      display.outcome({ outcome: 'look at the document', at: clock.now(), reasons: ['not read'] });
    } finally {
      reading.number.fill(0);
      reading.photo?.fill(0);
      if (current === controller) current = undefined;
    }
  };

  /** Counts the verdict, and adds it to the outcome of its own document (`shown`) where that is still on the screen. */
  const tell = (verdict: Verdict, outcome: LaneOutcome, shown: ShownOutcome | undefined): void => {
    const key = outcomeName(verdict.document);
    comparisons.set(key, (comparisons.get(key) ?? 0) + 1);
    if (shown === undefined) return;
    const borrowed = verdict.document.outcome === 'different';
    const reasons: LookReason[] = [
      ...(display.view().last?.reasons ?? []),
      ...(borrowed ? (['borrowed'] as const) : []),
    ];
    display.amend(shown, {
      comparison: verdict.document,
      ...(verdict.entry ? { entryComparison: verdict.entry } : {}),
      reasons,
      // A question to the attendant; by itself it goes no further than this screen.
      ...(borrowed && outcome === 'clear' ? { outcome: 'look at the document' as const } : {}),
    });
  };

  const start = (reading: DocumentReading): void => {
    display.show({ presented: true, declined: false });
    const work = present(reading)
      .finally(() => underWay.delete(work))
      .catch((error: unknown) => log.error({ lane, cause: causeOf(error) }, 'the display could not be told'));
    underWay.add(work);
  };

  return {
    lane,
    feed: {
      compares: sign !== undefined && parts.camera !== undefined,
      ...(sign === undefined ? {} : { sign }),
      view: () => display.view(),
      subscribe: (changed) => display.subscribe(changed),
      decline() {
        if (current) return interrupt('declined');
        undecline();
        declined = setTimeout(() => {
          undecline();
          display.show({ declined: false });
        }, DECLINED_MS);
        display.show({ declined: true });
      },
    },
    observed(reader, observation) {
      if (ended) return;
      if (away.delete(reader)) display.show(readersAway());
      if (observation.kind === 'ready' && observation.passing) passing.add(reader);
      if (observation.kind === 'document' || observation.kind === 'unreadable') laid(reader);
      const named = { id: reader, lane };
      if (observation.kind === 'document') {
        parts.rows.good('documents', named);
        start(observation.reading);
      } else if (observation.kind === 'unreadable') {
        parts.rows.bad('documents', named, observation.why);
        unreadable(observation.why);
      } else if (observation.kind === 'ticket') display.ticket(observation.token);
      else if (observation.kind === 'removed') {
        interrupt('removed');
        display.show({ presented: false });
      }
    },
    lost(reader) {
      away.add(reader);
      interrupt('removed');
      display.show({ ...readersAway(), presented: false });
    },
    frame(frame) {
      received++;
      latest.put(frame);
    },
    async drain() {
      ended = true;
      interrupt('removed');
      await Promise.allSettled(underWay);
      undecline();
      clearTimeout(taken);
      latest.close();
      display.close();
    },
    outcomes: () => outcomes,
    comparisons: () => comparisons,
    superseded: () => turns.superseded(),
    frames: () => ({ received }),
  };
}

function hitOf(
  parts: GateParts,
  reading: DocumentReading,
  match: Match,
  list: DocumentHit['list'],
  faults: readonly LookReason[],
): DocumentHit {
  const { clock, lane, config } = parts;
  const facts = { id: newId(clock.now()), lane, list, clock: clock.state(), config, models: [] };
  return buildDocumentHit(reading, match, { ...facts, expired: faults.includes('expired') });
}

function withVerdict(hit: DocumentHit, { document, entry }: Verdict): DocumentHit {
  return { ...hit, comparison: document, ...(entry ? { entryComparison: entry } : {}) };
}

function outcomeName(c: Comparison): ComparisonOutcome {
  return c.outcome === 'not compared' ? c.why : c.outcome;
}
