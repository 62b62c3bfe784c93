/**
 * From what the reader saw to probabilities that can be taken at their word: of a hundred reads with 0.9, ninety are right. Two
 * logistic regressions on a handful of features each, fitted to drawn plates by simulators/bench/plates/calibration.ts; how well they
 * hold is told in calibration.md. Platt, "Probabilistic outputs for support vector machines", 1999.
 */
import type { Band } from '../../gateway/contracts/plate.ts';

/**
 * What tells a right read from a wrong one. Tried and left out, because they add nothing to these three: the plate's width, its
 * sharpness, how many windows agree (their disagreement is in `least` already), and the distance to the best text of another form.
 */
export interface Features {
  /** Natural-log probability of the best alignment of the text in its best window. */
  readonly evidence: number;
  /** Of what fits the text least in that window, natural logarithm: a character hardly seen, or one seen that the text leaves out. */
  readonly worst: number;
  /** Of the least certain character, by all windows together: its share among what may stand there, 0..1. */
  readonly least: number;
  /** False where the ground has a colour that this kind of plate never has. */
  readonly colourFits: boolean;
}

/** A probability nearer to 0 or 1 says nothing more: the network is not that good. */
const NEAREST = 1e-3;
/** Evidence beyond this is no text at all, however far. */
const MIN_EVIDENCE = -40;

/** The features as the regression takes them, after a leading 1. */
export function plateInputs({ evidence, least, colourFits }: Features): number[] {
  return [1, logOdds(least), faintness(evidence), colourFits ? 0 : 1];
}

/** The same of one character. */
export function characterInputs(posterior: number, { evidence, colourFits }: Features): number[] {
  return [1, logOdds(posterior), faintness(evidence), colourFits ? 0 : 1];
}

function logOdds(p: number): number {
  const kept = Math.min(1 - NEAREST, Math.max(NEAREST, p));
  return Math.log(kept / (1 - kept));
}

/** The root, because the first step away from a perfect alignment tells more than one far from it. */
function faintness(evidence: number): number {
  return Math.sqrt(-Math.max(Math.min(evidence, 0), MIN_EVIDENCE));
}

/**
 * Below this the text is not what the network read: a telephone number lacks but the mark to be an embassy's plate, and a shop sign
 * but two characters less. Such texts are left out of the fit, because how often they are right depends on what drives by.
 */
const READ = -5;

export function isRead({ worst }: Features): boolean {
  return worst >= READ;
}

/** Printed by the calibration, one for each input. */
export const PLATE_WEIGHTS: readonly number[] = [-0.562, 1.14, -0.787, -0.425];
export const CHARACTER_WEIGHTS: readonly number[] = [-0.324, 1.025, -0.346, -0.545];

/** That every character of the text is right, 0..1. */
export function plateProbability(f: Features): number {
  return logistic(dot(PLATE_WEIGHTS, plateInputs(f))) * Math.min(1, Math.exp(f.worst - READ));
}

/** That this character is right, 0..1; no less than that all of them are. `posterior`: its share among what may stand there, 0..1. */
export function characterProbability(posterior: number, f: Features): number {
  return Math.max(logistic(dot(CHARACTER_WEIGHTS, characterInputs(posterior, f))), plateProbability(f));
}

/**
 * From ACCEPT on, 99.5 % of what is drawn is read right: the samples that were fitted to would allow 0.93, fresh ones want 0.95.
 * A read below CHECK is hardly ever a plate that can be used; of what is drawn and is no plate one in 500 gets there.
 */
export const ACCEPT = 0.94;
export const CHECK = 0.2;

export function bandOf(probability: number): Band {
  return probability >= ACCEPT ? 'accept' : probability >= CHECK ? 'check' : 'reject';
}

function dot(weights: readonly number[], inputs: readonly number[]): number {
  return weights.reduce((sum, w, i) => sum + w * inputs[i]!, 0);
}

function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
