/**
 * What a reviewer is shown of a hit. It has no member for an opinion or its author, so that the second one is independent of the first. Of a
 * `possible` plate hit it withholds the listed plate, and what the box read there, until the reviewer has read the doubtful characters.
 */
import type { Instant } from '../contracts/base.ts';
import type { Comparison } from '../contracts/comparison.ts';
import type { DocumentType } from '../contracts/document.ts';
import type { Hit, PlateHit } from '../contracts/hit.ts';
import type { Certainty, ListRef } from '../contracts/list.ts';
import type { Evidence } from '../contracts/picture.ts';

/** A hit with the names of its pictures. */
export interface HitToJudge {
  readonly hit: Hit;
  readonly evidence: readonly Pick<Evidence, 'what' | 'sha256'>[];
}

/** In place of a character that the reviewer has to read. */
export const DOUBTFUL_MARK = '□';

export interface SecondView {
  readonly id: string;
  readonly lane: string;
  readonly first: Instant;
  readonly last: Instant;
  readonly sightings: number;
  readonly list: ListRef;
  readonly entry: string;
  readonly category: string;
  readonly instruction: string;
  readonly certainty: Certainty;
  readonly pictures: HitToJudge['evidence'];
  readonly plate?: SecondViewPlate;
  readonly document?: SecondViewDocument;
}

export interface SecondViewPlate {
  /** As the box or the camera read it, with DOUBTFUL_MARK at the doubtful positions. */
  readonly read: string;
  /** How many characters the reviewer has to read. */
  readonly doubtful: number;
  /** Absent until then. */
  readonly listed?: string;
  readonly colour: PlateHit['read']['colour'];
  readonly kind: PlateHit['read']['kind'];
  readonly direction: PlateHit['direction'];
  readonly late: boolean;
}

export interface SecondViewDocument {
  readonly type: DocumentType;
  readonly expired: boolean;
  readonly comparison?: Comparison;
  readonly entryComparison?: Comparison;
}

/** `characters`: what the reviewer read at the doubtful positions, where that was asked for already. */
export function secondView({ hit, evidence }: HitToJudge, characters?: string): SecondView {
  const { id, lane, first, last, sightings, list, entry, category, instruction, certainty } = hit;
  const common = { id, lane, first, last, sightings, list, entry, category, instruction, certainty };
  const pictures = evidence.map(({ what, sha256 }) => ({ what, sha256 }));
  return 'document' in hit
    ? { ...common, pictures, document: documentView(hit) }
    : { ...common, pictures, plate: plateView(hit, characters) };
}

function documentView({ document, expired, comparison, entryComparison }: Extract<Hit, { document: unknown }>) {
  return {
    type: document,
    expired,
    ...(comparison ? { comparison } : {}),
    ...(entryComparison ? { entryComparison } : {}),
  };
}

function plateView(hit: PlateHit, characters: string | undefined): SecondViewPlate {
  const { read, listed, direction } = hit;
  const positions = doubtfulPositions(hit);
  const isRead = [...(characters ?? '')].length === positions.length;
  const masked = [...read.text].map((character, i) => (positions.includes(i) && !isRead ? DOUBTFUL_MARK : character));
  return {
    read: masked.join(''),
    doubtful: positions.length,
    ...(isRead ? { listed } : {}),
    colour: read.colour,
    kind: read.kind,
    direction,
    late: hit.late === true,
  };
}

/** What a person typed for the doubtful positions: one character of a plate for each, `?` where nothing can be read. Undefined where it is not that. */
export function charactersRead(typed: string, doubtful: number): string | undefined {
  const characters = typed.trim().normalize('NFKC').toUpperCase();
  const isRead = /^[0-9A-Z\p{sc=Han}?]*$/u.test(characters) && [...characters].length === doubtful;
  return isRead ? characters : undefined;
}

/** Where a `possible` plate differs from the listed one; all positions where it does not, for the reader was not sure of the whole. None of an `exact` hit. */
export function doubtfulPositions(hit: Hit): readonly number[] {
  if ('document' in hit || hit.certainty === 'exact') return [];
  const [read, listed] = [[...hit.read.text], [...hit.listed]];
  const all = read.map((_, i) => i);
  const differing = read.length === listed.length ? all.filter((i) => read[i] !== listed[i]) : all;
  return differing.length > 0 ? differing : all;
}
