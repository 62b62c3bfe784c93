/** A plate read, and the passage of a vehicle through a lane. Types only. */
import type { Frame, Quad } from './picture.ts';
import type { Id, Instant } from './base.ts';

/** By the form of the text alone. */
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

/** Background colour of most pixels of the rectified plate; `unknown` where they disagree, at night under infrared light for example. */
export type PlateColour = 'blue' | 'yellow' | 'green' | 'yellow-green' | 'white' | 'black' | 'unknown';

/** accept: may raise a hit; check: a person compares; reject: never leaves the reader. */
export type Band = 'accept' | 'check' | 'reject';

/** Another character that the recogniser considered at `position` (from 0), with its probability 0..1. */
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
  /** Probability 0..1 that every character is right; calibrated on drawn plates (models/plate/calibration.md). */
  readonly probability: number;
  readonly band: Band;
  /** Probability 0..1 that it is right, for each character of `text`. */
  readonly characters: readonly number[];
  readonly alternatives: readonly CharChoice[];
  readonly corners: Quad;
  /** 0..1: how steep the edges of the rectified plate are for its contrast. It falls with blur and decides among pictures. */
  readonly sharpness: number;
}

/** Towards the camera, or away from it. */
export type Direction = 'approaching' | 'leaving' | 'unknown';

/** In memory only, until a match makes evidence of it. */
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
