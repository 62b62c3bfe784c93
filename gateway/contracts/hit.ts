/** A look-up that matched, as it is kept and sent. Types only. */
import type { Id, Instant, Sha256 } from './base.ts';
import type { Certainty, ListRef } from './list.ts';
import type { PushedFacts } from './push.ts';
import type { Direction, PlateRead } from './plate.ts';
import type { DocumentType } from './document.ts';
import type { Comparison } from './comparison.ts';

/** How far the time of an event can be trusted. */
export interface ClockState {
  /** Highest wall time ever seen by this box, kept on disk. */
  readonly highest: Instant;
  /** How far the wall clock is behind `highest`. */
  readonly behindMs: number;
}

/** A look-up that matched: a question that people answer. */
export type Hit = PlateHit | DocumentHit;

export interface AnyHit {
  readonly id: Id;
  readonly lane: string;
  readonly first: Instant;
  readonly last: Instant;
  /** Passages or presentations of the same entry within the window, this one included. */
  readonly sightings: number;
  readonly list: ListRef;
  readonly entry: string;
  readonly category: string;
  readonly instruction: string;
  readonly certainty: Certainty;
  /** The key of the entry: the plate as listed, which may differ from the one read for `possible`, or a digest. */
  readonly listed: string;
  readonly state: 'unreviewed';
  readonly clock: ClockState;
  readonly config: Sha256;
  readonly models: readonly Sha256[];
}

export interface PlateHit extends AnyHit, PushedFacts {
  readonly camera: string;
  readonly read: HitRead;
  /** What the box itself read in the picture of a camera whose read was cross-checked. */
  readonly crossCheck?: Pick<HitRead, 'text' | 'probability'> | { readonly text: null };
  readonly direction: Direction;
}

/** The read that matched, as it is kept and sent. */
export interface HitRead extends Pick<PlateRead, 'text' | 'kind' | 'colour' | 'lines' | 'probability'> {
  readonly votes: number;
  /** The box's own reader, or the camera, whose own confidence is then the probability. */
  readonly by: 'box' | 'camera';
}

export interface DocumentHit extends AnyHit {
  readonly reader: string;
  readonly document: DocumentType;
  readonly expired: boolean;
  /** Of the holder with the photo on the document; absent while it is under way. */
  readonly comparison?: Comparison;
  /** Of the holder with the photo of the list entry, where there is one. */
  readonly entryComparison?: Comparison;
}
