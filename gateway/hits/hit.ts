/** A passage or a document that matched becomes a hit: a question to people, with what they need to answer it and to check it later. */
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

/** Whether the box or the camera read the plate, and when a late read arrived. Default: the box, at once. */
export type ReadOrigin = Pick<PlateHit, 'crossCheck' | 'receivedAt'> & { readonly by: PlateHit['read']['by'] };

/** An unsure read is never more than `possible`, even where every character agrees. */
export function certaintyOf(passage: Passage, match: Match): Certainty {
  return passage.best.band === 'accept' ? match.certainty : 'possible';
}

export function buildHit(
  passage: Passage,
  match: Match,
  facts: HitFacts,
  { by, crossCheck, receivedAt }: ReadOrigin = { by: 'box' },
): PlateHit {
  const { lane, camera, first, last, votes, direction } = passage;
  const { text, kind, colour, lines, probability } = passage.best;
  return {
    ...facts,
    lane,
    camera,
    first,
    last,
    sightings: 1,
    entry: match.entry.id,
    category: match.entry.category,
    instruction: match.entry.instruction,
    certainty: certaintyOf(passage, match),
    read: { text, kind, colour, lines, probability, votes, by },
    ...(crossCheck ? { crossCheck } : {}),
    ...(receivedAt === undefined ? {} : { late: true, receivedAt }),
    listed: match.entry.key,
    direction,
    state: 'unreviewed',
  };
}

/** Nothing of the document is kept but its type: the list entry names the person. */
export function buildDocumentHit(
  { reader, at, type }: Pick<DocumentReading, 'reader' | 'type'> & { readonly at: Instant },
  { entry, certainty }: Match,
  facts: HitFacts & Pick<DocumentHit, 'lane' | 'expired'>,
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
