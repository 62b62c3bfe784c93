/** A passage or a presentation that matched becomes a hit: the question that goes to people, with what is needed to answer and to check it later. */
import type { DocumentReading } from '../contracts/document.ts';
import type { Id, Instant, Sha256 } from '../contracts/base.ts';
import type { ClockState, DocumentHit, PlateHit } from '../contracts/hit.ts';
import type { Certainty, ListRef, Match } from '../contracts/list.ts';
import type { Passage } from '../contracts/plate.ts';

export interface HitFacts {
  readonly id: Id;
  readonly list: ListRef;
  readonly clock: ClockState;
  readonly config: Sha256;
  readonly models: readonly Sha256[];
}

/** Who read the plate, and whether it was told late; the box's own reader, now, unless told. */
export type ReadOrigin = Pick<PlateHit, 'crossCheck' | 'receivedAt'> & { readonly by: PlateHit['read']['by'] };

/** What the reader is not sure of is never more than `possible`, however well the text agrees. */
export function certaintyOf(passage: Passage, match: Match): Certainty {
  return passage.best.band === 'accept' ? match.certainty : 'possible';
}

export function buildHit(
  passage: Passage,
  match: Match,
  facts: HitFacts,
  { by, crossCheck, receivedAt }: ReadOrigin = { by: 'box' },
): PlateHit {
  const { best } = passage;
  return {
    ...facts,
    lane: passage.lane,
    camera: passage.camera,
    first: passage.first,
    last: passage.last,
    sightings: 1,
    entry: match.entry.id,
    category: match.entry.category,
    instruction: match.entry.instruction,
    certainty: certaintyOf(passage, match),
    read: {
      text: best.text,
      kind: best.kind,
      colour: best.colour,
      lines: best.lines,
      probability: best.probability,
      votes: passage.votes,
      by,
    },
    ...(crossCheck ? { crossCheck } : {}),
    ...(receivedAt === undefined ? {} : { late: true, receivedAt }),
    listed: match.entry.key,
    direction: passage.direction,
    state: 'unreviewed',
  };
}

export interface DocumentHitFacts extends HitFacts {
  readonly lane: string;
  readonly expired: boolean;
}

/** Of the document only its kind is taken: the entry says whom it is about. */
export function buildDocumentHit(
  { reader, at, type }: Pick<DocumentReading, 'reader' | 'type'> & { readonly at: Instant },
  { entry, certainty }: Match,
  facts: DocumentHitFacts,
): DocumentHit {
  return {
    ...facts,
    reader,
    first: at,
    last: at,
    sightings: 1,
    entry: entry.id,
    category: entry.category,
    instruction: entry.instruction,
    certainty,
    listed: entry.key,
    document: type,
    state: 'unreviewed',
  };
}
