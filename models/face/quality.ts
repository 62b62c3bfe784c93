/** Whether a picture of a face can be compared at all. The limits refuse what cannot work, not what is merely poor. */
import type { FaceProblem } from '../../gateway/contracts/comparison.ts';
import type { Raster } from '../raster.ts';
import type { Face } from './chain.ts';
import { centreOf, type FivePoints, meanOf, squareAt } from './geometry.ts';
import { warp } from './warp.ts';
import type { Workspace } from './workspace.ts';

/** The least that a picture must have. */
export interface QualityLimits {
  /** Probability that it is a face at all. */
  readonly minScore: number;
  /** Of the face, in pixels. */
  readonly minWidth: number;
  /** A second face at least this wide, in widths of the widest one, may be the one that is meant. */
  readonly rivalWidth: number;
  /** Scanned and compressed photos have little detail and are compared all the same. */
  readonly sharp: boolean;
}

/**
 * The lane's camera, where the visitor can be asked to stand elsewhere. Drawn faces score 0.84 and more there, the hood of a visitor who
 * looks away up to 0.58. Below 64 pixels one face in ten is matched wrongly or not at all.
 */
export const LANE: QualityLimits = { minScore: 0.65, minWidth: 64, rivalWidth: 0.7, sharp: true };
/** The photo of a document or a list entry: a card's is 102 × 126 pixels, its face 60 to 80 wide, and there is no second try. */
export const REFERENCE: QualityLimits = { minScore: 0.5, minWidth: 40, rivalWidth: 0.7, sharp: false };
/** Any photograph: others may stand by, as long as it is plain who is in front. Two people side by side measure 0.79 of each other and more. */
export const PHOTOGRAPH: QualityLimits = { ...LANE, minScore: 0.5, rivalWidth: 0.75 };

/** A problem and the words for it, with the figure that was expected. */
export interface QualityProblem {
  readonly problem: FaceProblem;
  readonly detail: string;
}

/** Score of a second face from which it counts; the detector's false ones stay below. */
const CERTAIN = 0.75;

/** Side of the chip that light and sharpness are measured on: the detector's box. A face of 64 pixels is not enlarged to it. */
const SIDE = 64;
/**
 * Luma, 0..255, of the brightest twentieth of the face, so that dark skin is not taken for bad light. Photographs of 22 faces darkened
 * to 12 to 22 were still matched, to 6 to 11 no longer.
 */
const MIN_LUMA = 12;
/**
 * Variance of the Laplacian over the variance of the luma. Photographs of faces 120 pixels wide have 0.07 to 0.37; blurred by 3 pixels
 * 0.007 to 0.023 and all still matched, by 4 pixels 0.003 to 0.015 and half of them no longer.
 */
const MIN_DETAIL = 0.007;
/** Distance of eyes and mouth, in widths of the face: about 0.45. Where there is nothing to be seen the landmarks fall together. */
const MIN_FEATURES = 0.2;
/** Sideways shift of the nose from the middle of the eyes, in distances of the eyes: 0 from the front, 0.4 for half a profile, 1 for a whole one. */
const MAX_YAW = 0.7;
/** Where the nose tip stands between eyes (0) and mouth (1): 0.53 from the front. */
const MIN_PITCH = 0.1;
const MAX_PITCH = 1.1;
/** Of the line through the eyes, in degrees. */
const MAX_ROLL = 50;

/** The first problem that shows in the faces found, the widest first. */
export function checkFaces(
  picture: Raster,
  faces: readonly Face[],
  { minWidth, rivalWidth, sharp }: QualityLimits,
  workspace: Workspace,
): QualityProblem | undefined {
  const [widest, ...others] = faces;
  if (widest === undefined) {
    if (isBlack(picture)) return { problem: 'dark', detail: 'the picture is black: more light is needed' };
    return { problem: 'no face', detail: 'no face was found: expected one, seen from the front' };
  }
  const width = Math.round(widest.width);
  if (widest.width < minWidth) {
    const detail = `the face is ${Math.floor(widest.width)} pixels wide: at least ${minWidth} are expected`;
    return { problem: 'too small', detail };
  }
  const rival = others.find((f) => f.width >= rivalWidth * widest.width && f.score >= CERTAIN);
  if (rival !== undefined) {
    const widths = `${width} and ${Math.round(rival.width)} pixels wide`;
    return { problem: 'several faces', detail: `there are two faces of nearly one size (${widths}): expected one` };
  }
  const { luma, detail } = lightOf(picture, widest, workspace);
  if (luma < MIN_LUMA) {
    const words = `the face is too dark: its brightest parts reach ${Math.round(luma)} of 255, expected ${MIN_LUMA}`;
    return { problem: 'dark', detail: words };
  }
  return sharp && detail < MIN_DETAIL ? BLURRED : undefined;
}

const BLURRED: QualityProblem = {
  problem: 'blurred',
  detail: 'the face is blurred or out of focus: expected eyes, nose and mouth',
};

/** The first problem that shows in the points of the face. */
export function checkPoints(points: FivePoints, face: Face): QualityProblem | undefined {
  const eyes = meanOf(points.slice(0, 2));
  const mouth = meanOf(points.slice(3));
  if (Math.hypot(mouth[0] - eyes[0], mouth[1] - eyes[1]) < MIN_FEATURES * face.width) return BLURRED;
  const { yaw, pitch, rollDeg } = poseOf(points);
  const straight =
    Math.abs(yaw) <= MAX_YAW && pitch >= MIN_PITCH && pitch <= MAX_PITCH && Math.abs(rollDeg) <= MAX_ROLL;
  return straight ? undefined : { problem: 'turned', detail: 'the face is turned away: expected from the front' };
}

/** `yaw`: shift of the nose, in distances of the eyes. `pitch`: where its tip stands between eyes and mouth. */
export function poseOf([left, right, nose, mouthLeft, mouthRight]: FivePoints) {
  const eyes = Math.hypot(right[0] - left[0], right[1] - left[1]);
  const [ex, ey] = [(right[0] - left[0]) / eyes, (right[1] - left[1]) / eyes];
  const along = (x: number, y: number) => x * ex + y * ey;
  const down = (x: number, y: number) => y * ex - x * ey;
  const [mx, my] = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const mouth = down((mouthLeft[0] + mouthRight[0]) / 2 - mx, (mouthLeft[1] + mouthRight[1]) / 2 - my);
  return {
    yaw: along(nose[0] - mx, nose[1] - my) / eyes,
    pitch: down(nose[0] - mx, nose[1] - my) / mouth,
    rollDeg: (Math.atan2(right[1] - left[1], right[0] - left[0]) * 180) / Math.PI,
  };
}

/**
 * `luma`: the 95th percentile, 0..255. `detail`: the variance of the Laplacian over that of the luma, which knows neither contrast nor
 * brightness. Focus measure: Pertuz et al., Pattern Recognition 46 (2013), LAPV.
 */
function lightOf(picture: Raster, face: Face, workspace: Workspace) {
  const chip = workspace.bytes(SIDE * SIDE * 3);
  warp(picture, squareAt(centreOf(face), Math.max(face.width, face.height), SIDE), SIDE, chip);
  const grey = workspace.floats(SIDE * SIDE);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = 0.299 * chip[3 * i]! + 0.587 * chip[3 * i + 1]! + 0.114 * chip[3 * i + 2]!;
  }
  const edges = workspace.floats((SIDE - 2) * (SIDE - 2));
  for (let y = 1, o = 0; y < SIDE - 1; y++) {
    for (let i = y * SIDE + 1; i < (y + 1) * SIDE - 1; i++, o++) {
      edges[o] = grey[i - SIDE]! + grey[i + SIDE]! + grey[i - 1]! + grey[i + 1]! - 4 * grey[i]!;
    }
  }
  const detail = varianceOf(edges) / (varianceOf(grey) + 1);
  grey.sort();
  return { luma: grey[Math.floor(0.95 * grey.length)]!, detail };
}

function varianceOf(values: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (const v of values) {
    sum += v;
    squares += v * v;
  }
  return squares / values.length - (sum / values.length) ** 2;
}

/** Whether hardly a pixel of about a thousand is brighter than a dark grey. */
function isBlack({ rgb }: Raster): boolean {
  const step = Math.max(1, Math.floor(rgb.length / 3 / 1000)) * 3 + 1;
  let bright = 0;
  let count = 0;
  for (let i = 0; i < rgb.length; i += step, count++) if (rgb[i]! > MIN_LUMA) bright++;
  return bright < 0.02 * count;
}
