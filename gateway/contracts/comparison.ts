/** What a 1:1 comparison of a holder with a photo says. A face template has no type here. Types only. */
import type { Sha256 } from './base.ts';

/** What is wrong with a picture of a face. */
export type FaceProblem = 'no face' | 'several faces' | 'too small' | 'blurred' | 'turned' | 'dark';

export type WhyNotCompared =
  | FaceProblem
  /** The lane has no camera, or it shows nothing. */
  | 'no camera'
  /** The document has none that can be decoded here. */
  | 'no photo'
  /** It was decoded, and no face can be made out on it. */
  | 'photo unusable'
  | 'model off'
  /** The lane does not compare. */
  | 'switched off'
  /** The visitor did not want it. */
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
