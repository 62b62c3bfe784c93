/**
 * From what the reader saw to probabilities that can be taken at their word: of a hundred reads with 0.9, ninety are right. Two
 * logistic regressions on a handful of features each, fitted to drawn plates by simulators/bench/calibration.ts; how well they
 * hold is told in calibration.md. Platt, "Probabilistic outputs for support vector machines", 1999.
 */
import type { Band } from '../../gateway/types.ts';

/** What tells a right read from a wrong one. */
export interface Features {
  /** Natural-log probability of the best alignment of the text in its best window. */
  readonly evidence: number;
  /** How many characters are expected to be wrong: the probabilities of all other choices, added up over the places. */
  readonly doubt: number;
  /** That of the province alone, 0 where the plate has none: it is the character that small pictures lose first, unnoticed. */
  readonly provinceDoubt: number;
  /** The text's share of the probability that all windows together give to texts. */
  readonly agreement: number;
  /** Share of the windows that gave this text. */
  readonly votes: number;
  /** False where the ground has a colour that this kind of plate never has. */
  readonly colourFits: boolean;
}

/** Below this a doubt says nothing more: the network's own rounding is as large. */
const LEAST_DOUBT = 1e-3;
/** Evidence beyond this is no text at all, however far. */
const LEAST_EVIDENCE = -40;

/** The features as the regression takes them, after a leading 1. */
export function plateInputs(f: Features): number[] {
  return [
    1,
    Math.log(Math.max(f.provinceDoubt, LEAST_DOUBT)),
    Math.log(Math.max(f.doubt, LEAST_DOUBT)),
    Math.sqrt(-Math.max(f.evidence, LEAST_EVIDENCE)),
    1 - f.agreement,
    1 - f.votes,
    f.colourFits ? 0 : 1,
  ];
}

/** Of one character: how far the reader doubts it, whether it is the province, and what the whole plate is worth. */
export function characterInputs(posterior: number, isProvince: boolean, f: Features): number[] {
  const doubt = Math.log(Math.max(1 - posterior, LEAST_DOUBT));
  return [1, doubt, isProvince ? 1 : 0, dot(PLATE_WEIGHTS, plateInputs(f))];
}

/** Printed by the calibration, one for each input. */
export const PLATE_WEIGHTS: readonly number[] = [1.24, -0.585, -0.369, -1.356, -1.119, -1.126, -1.149];
export const CHARACTER_WEIGHTS: readonly number[] = [1.816, -0.273, -1.003, 0.589];

/** That every character of the text is right, 0..1. */
export function plateProbability(f: Features): number {
  return logistic(dot(PLATE_WEIGHTS, plateInputs(f)));
}

/** That this character is right, 0..1; no less than that all of them are. `posterior`: the reader's own, 0..1. */
export function characterProbability(posterior: number, isProvince: boolean, f: Features): number {
  const alone = logistic(dot(CHARACTER_WEIGHTS, characterInputs(posterior, isProvince, f)));
  return Math.max(alone, plateProbability(f));
}

/** From ACCEPT on, 99.5 % of the drawn plates are read right; below ASK there is 1 % of what is drawn and no plate. */
export const ACCEPT = 0.95;
export const ASK = 0.3;

export function bandOf(probability: number): Band {
  return probability >= ACCEPT ? 'accept' : probability >= ASK ? 'ask' : 'ignore';
}

function dot(weights: readonly number[], inputs: readonly number[]): number {
  return weights.reduce((sum, w, i) => sum + w * inputs[i]!, 0);
}

function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
