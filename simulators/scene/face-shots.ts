/** The shots a gate lane meets: the photo of a document, the holder before the camera, and everything that cannot be compared. */
import type { FaceShot } from './face.ts';
import type { Random } from './random.ts';

/** How a person happens to stand before the lane's camera, and what the camera makes of it. */
export type Variation = ReturnType<typeof randomVariation>;

export interface ShotSize {
  readonly width: number;
  readonly height: number;
}

export const LANE_SIZE: ShotSize = { width: 640, height: 480 };
/** Of the photo on a Chinese identity card. */
const PORTRAIT_SIZE: ShotSize = { width: 102, height: 126 };

const upright = { brightness: 1, rollDeg: 0, sideLight: 0, dx: 0, dy: 0, noise: 3, jpegQuality: 85 };

/** The corners of what a lane meets; every person has to be recognised in all of them. */
export const VARIATIONS: readonly Variation[] = [
  { ...upright, facePx: 150 },
  { ...upright, facePx: 92, dx: -90, dy: 12, noise: 5, jpegQuality: 78 },
  { ...upright, facePx: 210, brightness: 1.2, sideLight: 0.3, rollDeg: 4 },
  { ...upright, facePx: 130, brightness: 0.6, rollDeg: -6, noise: 6 },
  { ...upright, facePx: 120, brightness: 0.85, sideLight: -0.35, dx: 70, noise: 7, jpegQuality: 70 },
];

/** Something within those corners. */
export function randomVariation(random: Random) {
  const between = (from: number, to: number): number => from + (to - from) * random();
  return {
    /** In a picture 480 pixels high; see `Standing`. */
    facePx: between(95, 205),
    brightness: between(0.62, 1.18),
    rollDeg: between(-6, 6),
    sideLight: between(-0.33, 0.33),
    /** From the middle of the picture, in pixels of a picture 480 high. */
    dx: between(-80, 80),
    dy: between(-10, 14),
    /** Standard deviation in grey levels. */
    noise: between(2, 6),
    jpegQuality: Math.round(between(74, 92)),
  };
}

/** A document photo: plain, frontal, evenly lit. Add no noise. */
export function portraitShot(seed: number, { width, height }: ShotSize = PORTRAIT_SIZE): FaceShot {
  const person = { seed, facePx: width * 0.62, x: width / 2, y: height * 0.47 };
  return { width, height, backdrop: 'plain', people: [person] };
}

const standing = (
  seed: number,
  v: Pick<Variation, 'facePx' | 'dx' | 'dy' | 'rollDeg'>,
  { width, height }: ShotSize,
) => {
  const k = height / 480;
  const place = { x: width / 2 + v.dx * k, y: height * 0.47 + v.dy * k };
  return { seed, facePx: v.facePx * k, rollDeg: v.rollDeg, ...place };
};

export function laneShot(seed: number, v: Variation, size: ShotSize = LANE_SIZE): FaceShot {
  const { brightness, sideLight } = v;
  return { ...size, backdrop: 'hall', people: [standing(seed, v, size)], brightness, sideLight };
}

export const emptyShot = (size: ShotSize = LANE_SIZE): FaceShot => ({ ...size, backdrop: 'hall', people: [] });

/** Somebody who turns the back of the head to the camera. */
export function awayShot(seed: number, v: Variation, size: ShotSize = LANE_SIZE): FaceShot {
  const shot = laneShot(seed, v, size);
  return { ...shot, people: shot.people.map((p) => ({ ...p, from: 'behind' as const })) };
}

/** Two people at the same distance, side by side. */
export function twoShot(seed: number, other: number, size: ShotSize = LANE_SIZE): FaceShot {
  const people = [
    standing(seed, { facePx: 120, dx: -125, dy: 0, rollDeg: 0 }, size),
    standing(other, { facePx: 118, dx: 125, dy: 6, rollDeg: 0 }, size),
  ];
  return { ...size, backdrop: 'hall', people };
}

/** A face `facePx` pixels wide, whatever the size of the picture: 40 are too few for a comparison. */
export function farShot(seed: number, facePx = 40, size: ShotSize = LANE_SIZE): FaceShot {
  const person = { seed, facePx, x: size.width / 2, y: size.height * 0.5 };
  return { ...size, backdrop: 'hall', people: [person] };
}

/** So much out of focus that only shapes are left. */
export function blurredShot(seed: number, size: ShotSize = LANE_SIZE): FaceShot {
  const shot = laneShot(seed, VARIATIONS[0]!, size);
  return { ...shot, blurPx: shot.people[0]!.facePx / 7 };
}

/** No light at all. */
export function blackShot(seed: number, size: ShotSize = LANE_SIZE): FaceShot {
  return { ...laneShot(seed, VARIATIONS[0]!, size), brightness: 0 };
}
