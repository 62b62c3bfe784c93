/** A plate as it was read, and the vehicle that carries it through a lane. Types only. */
import type { Frame, Quad } from './picture.ts';
import type { Id, Instant } from './base.ts';

/** The form that won, by grammar alone. */
export type PlateKind =
  | 'standard'
  | 'new-energy-small'
  | 'new-energy-large'
  | 'police'
  | 'coach'
  | 'trailer'
  | 'hong-kong'
  | 'macao'
  | 'consulate'
  | 'embassy'
  | 'armed-police';

/** Of the ground, as most pixels of the straightened plate say; `unknown` where they do not agree, as at night under infrared light. */
export type PlateColour = 'blue' | 'yellow' | 'green' | 'yellow-green' | 'white' | 'black' | 'unknown';

/** accept: may raise a hit; check: a person compares; reject: never leaves the reader. */
export type Band = 'accept' | 'check' | 'reject';

/** Another character the reader would have taken at `position` (from 0), with its probability 0..1 there. */
export interface CharChoice {
  readonly position: number;
  readonly character: string;
  readonly probability: number;
}

export interface PlateRead {
  /** Canonical text without separators, e.g. `皖A12345`. */
  readonly text: string;
  readonly kind: PlateKind;
  readonly colour: PlateColour;
  /** Two-line plates: lorries' rears, trailers, motorcycles. */
  readonly lines: 1 | 2;
  /** That every character is right, 0..1; calibrated on drawn plates (models/plate/calibration.md). */
  readonly probability: number;
  readonly band: Band;
  /** That each character of `text` is right, 0..1, one for each. */
  readonly characters: readonly number[];
  readonly alternatives: readonly CharChoice[];
  readonly corners: Quad;
  /** 0..1 of the straightened plate: how steep its edges are for its contrast. It falls with blur; for choosing among pictures. */
  readonly sharpness: number;
}

/** By the box's view of the camera: towards it, away from it. */
export type Direction = 'approaching' | 'leaving' | 'unknown';

/** Memory only, until a match turns it into evidence. */
export interface Picture {
  readonly frame: Frame;
  readonly corners: Quad;
}

/** One vehicle going through one lane, however many cameras of the lane saw it. */
export interface Passage {
  readonly id: Id;
  readonly lane: string;
  /** Of `best`. */
  readonly camera: string;
  readonly first: Instant;
  readonly last: Instant;
  readonly best: PlateRead;
  /** Frames whose read agreed with `best.text`. */
  readonly votes: number;
  readonly direction: Direction;
  readonly picture?: Picture;
}
