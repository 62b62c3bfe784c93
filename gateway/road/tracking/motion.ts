/**
 * Where a plate is in the picture, where it will be, and which way its vehicle goes. Pure.
 *
 * Distances are in plate widths (0.44 m on the road), so they mean the same near and far. A new view begins where the plate has moved or
 * grown beyond what the detector's noise does; motion is measured over independent views, not frames, so that a standing vehicle adds nothing.
 */
import type { Instant } from '../../contracts/base.ts';
import type { Quad } from '../../contracts/picture.ts';
import type { Direction } from '../../contracts/plate.ts';

export interface MotionOptions {
  /** A plate that has moved so many widths, or whose width has changed by this share, is a new view. Corners are about 3 % off. */
  readonly viewWidths: number;
  readonly viewGrowth: number;
  /** Growth over the whole track below this share tells no direction. */
  readonly minGrowth: number;
  /** Nor does an up or down of fewer widths; a camera 5 m up sees eleven widths for a plate that doubles. */
  readonly minClimbWidths: number;
}

/** Centre and width of a plate, in pixels. */
export interface PlatePosition {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface Motion {
  readonly first: PlatePosition;
  readonly since: Instant;
  readonly position: PlatePosition;
  /** Where the current view began, and the last read before it: speed is measured from there. */
  readonly view: PlatePosition;
  readonly before: { readonly position: PlatePosition; readonly at: Instant } | undefined;
  readonly independentViews: number;
  readonly growth: LineSums;
  readonly climb: LineSums;
}

/** Sums for a straight line through values at 0, 1, 2 …: of value, index × value, value². */
interface LineSums {
  readonly sum: number;
  readonly indexed: number;
  readonly squares: number;
}

export function platePosition([tl, tr, br, bl]: Quad): PlatePosition {
  return {
    x: (tl[0] + tr[0] + br[0] + bl[0]) / 4,
    y: (tl[1] + tr[1] + br[1] + bl[1]) / 4,
    width: Math.max(1, (Math.hypot(tr[0] - tl[0], tr[1] - tl[1]) + Math.hypot(br[0] - bl[0], br[1] - bl[1])) / 2),
  };
}

/** Distance of two plates in widths of the wider one. */
export function distanceApart(a: PlatePosition, b: PlatePosition): number {
  return Math.hypot(a.x - b.x, a.y - b.y) / Math.max(a.width, b.width);
}

export function startMotion(position: PlatePosition, since: Instant): Motion {
  const nothing: LineSums = { sum: 0, indexed: 0, squares: 0 };
  return newView({
    first: position,
    since,
    position,
    view: position,
    before: undefined,
    independentViews: 0,
    growth: nothing,
    climb: nothing,
  });
}

/** The plate was last seen at the time `last` and is now at `position`. */
export function updateMotion(motion: Motion, last: Instant, position: PlatePosition, options: MotionOptions): Motion {
  const { view } = motion;
  const moved =
    distanceApart(view, position) >= options.viewWidths ||
    Math.abs(Math.log(position.width / view.width)) >= options.viewGrowth;
  if (!moved) return { ...motion, position };
  return newView({ ...motion, view: position, position, before: { position: motion.position, at: last } });
}

/** The climb is kept in pixels: over a few views the line through it is straight enough. */
function newView(motion: Motion): Motion {
  const { independentViews, position } = motion;
  return {
    ...motion,
    independentViews: independentViews + 1,
    growth: addPoint(motion.growth, independentViews, Math.log(position.width)),
    climb: addPoint(motion.climb, independentViews, position.y),
  };
}

/** In pixels. */
export interface Displacement {
  readonly x: number;
  readonly y: number;
}

/** How far the plate will have moved by `at`, at constant speed; undefined while it was seen at one position only. */
export function expectedDisplacement(motion: Motion, last: Instant, at: Instant): Displacement | undefined {
  const { before, position } = motion;
  if (!before) return undefined;
  const steps = (at - last) / Math.max(1, last - before.at);
  const grown = position.width - before.position.width;
  // At constant speed the distance to the camera, which is as 1 / width, changes evenly; the plate moves in the picture as its width does.
  const inverse = 1 / position.width + steps * (1 / position.width - 1 / before.position.width);
  const next = 1 / Math.max(inverse, 1 / (8 * position.width));
  const even = Math.abs(grown) < 0.08 * position.width;
  const times = even ? steps : (next - position.width) / grown;
  return { x: (position.x - before.position.x) * times, y: (position.y - before.position.y) * times };
}

/** Where the plate will be by `at`, at constant speed; undefined while it was seen at one position only. */
export function expectedPosition(motion: Motion, last: Instant, at: Instant): PlatePosition | undefined {
  const displacement = expectedDisplacement(motion, last, at);
  if (!displacement || !motion.before) return undefined;
  const { before, position } = motion;
  const steps = (at - last) / Math.max(1, last - before.at);
  const inverse = 1 / position.width + steps * (1 / position.width - 1 / before.position.width);
  const width = 1 / Math.max(inverse, 1 / (8 * position.width));
  return { x: position.x + displacement.x, y: position.y + displacement.y, width };
}

/** Of a vehicle that goes on as it did, faster or slower: from a fifth of its travel to nearly twice that. */
const SLOWEST = 0.2;
const FASTEST = 1.8;
export const MIN_SPREAD = 0.25;

/** How far `seen` is from where the vehicle can be that travels so, in widths of the wider plate. */
export function offCourse(position: PlatePosition, displacement: Displacement, seen: PlatePosition): number {
  const length = Math.hypot(displacement.x, displacement.y);
  const [x, y] = [seen.x - position.x, seen.y - position.y];
  const share = length > 0 ? (x * displacement.x + y * displacement.y) / length ** 2 : 0;
  const nearest = Math.min(FASTEST, Math.max(SLOWEST, share));
  return Math.hypot(x - nearest * displacement.x, y - nearest * displacement.y) / Math.max(position.width, seen.width);
}

/** Standard deviation of that, in widths: of corners and swaying, and a bit more on a longer way. */
export function deviation(position: PlatePosition, displacement: Displacement): number {
  return MIN_SPREAD + Math.min(0.5, (0.05 * Math.hypot(displacement.x, displacement.y)) / position.width);
}

/** Further on in that direction, however far, and not much to one side. */
export function isAhead(position: PlatePosition, displacement: Displacement, seen: PlatePosition): boolean {
  const length = Math.max(1, Math.hypot(displacement.x, displacement.y));
  const [x, y] = [seen.x - position.x, seen.y - position.y];
  const ahead = (x * displacement.x + y * displacement.y) / length;
  const aside = Math.abs(x * displacement.y - y * displacement.x) / length;
  return ahead > 0 && aside <= Math.max(position.width, seen.width) + ahead / 2;
}

/** Widths a second between the last view and now; 0 for a vehicle that has stood still since it was first seen. */
export function speedOf(motion: Motion, last: Instant): number {
  const { before, position } = motion;
  return before ? (distanceApart(before.position, position) * 1000) / Math.max(1, last - before.at) : 0;
}

/** Noise of a width (share) and of a height (widths), as a standard deviation; the scatter about the line may be more. */
const WIDTH_NOISE = 0.04;
const HEIGHT_NOISE = 0.05;

/**
 * What comes nearer grows, and under a camera that looks down it sinks in the picture; lines fitted over all views say by how much.
 * Growth decides; the way down or up does where growth is too little to tell.
 */
export function directionOf(motion: Motion, options: MotionOptions): Direction {
  const growth = trend(motion.growth, motion.independentViews, WIDTH_NOISE, options.minGrowth);
  const noise = HEIGHT_NOISE * motion.position.width;
  const sign =
    growth || trend(motion.climb, motion.independentViews, noise, options.minClimbWidths * motion.position.width);
  return sign > 0 ? 'approaching' : sign < 0 ? 'leaving' : 'unknown';
}

function addPoint(line: LineSums, index: number, value: number): LineSums {
  return {
    sum: line.sum + value,
    indexed: line.indexed + index * value,
    squares: line.squares + value * value,
  };
}

/** 1, -1, or 0 where the change along the line is below `least` or within two standard errors of none. */
function trend(line: LineSums, n: number, noise: number, least: number): -1 | 0 | 1 {
  if (n < 2) return 0;
  const spread = (n * (n * n - 1)) / 12;
  const slope = (line.indexed - (line.sum * (n - 1)) / 2) / spread;
  const scatter = n > 2 ? Math.max(0, line.squares - line.sum ** 2 / n - slope ** 2 * spread) / (n - 2) : 0;
  const error = Math.sqrt(Math.max(scatter, noise ** 2) / spread);
  const change = slope * (n - 1);
  return Math.abs(change) < Math.max(least, 2 * error * (n - 1)) ? 0 : change > 0 ? 1 : -1;
}
