/** The result of a 1:1 comparison of a holder with a photo. Types only: there is none for a face template. */
import type { Sha256 } from './base.ts';

/** What is wrong with a picture of a face. */
export type FaceProblem = 'no face' | 'several faces' | 'too small' | 'blurred' | 'turned' | 'dark';

export type WhyNotCompared =
  | FaceProblem
  /** The lane has no camera, or no picture of it. */
  | 'no camera'
  /** The document has no photo that can be decoded here. */
  | 'no photo'
  /** No face can be found on the decoded photo. */
  | 'photo unusable'
  | 'model off'
  /** The lane does not compare. */
  | 'switched off'
  /** The visitor declined. */
  | 'declined'
  /** The document was taken away before a picture could be compared. */
  | 'removed';

/** `score` is a similarity: higher is more alike; `same` at `threshold` and above. */
export type Comparison =
  | {
      readonly outcome: 'same' | 'different';
      readonly score: number;
      readonly threshold: number;
      readonly models: readonly Sha256[];
    }
  | { readonly outcome: 'not compared'; readonly why: WhyNotCompared };
