/**
 * Where a plate is in the picture, where it will be, and which way its vehicle goes. Pure.
 *
 * Distances are in plate widths (0.44 m on the road), so they mean the same near and far. A new view begins where the plate has moved or
 * grown beyond what the detector's noise does; all that is said about motion counts independent views, not frames, so that a standing vehicle adds nothing.
 */
import type { Instant } from '../../contracts/base.ts';
import type { Direction, PlateRead } from '../../contracts/plate.ts';

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
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface Motion {
  readonly first: Place;
  readonly since: Instant;
  readonly place: Place;
  /** Where the current view began, and the last read before it: speed is measured from there. */
  readonly view: Place;
  readonly before: { readonly place: Place; readonly at: Instant } | undefined;
  readonly independentViews: number;
  readonly growth: Line;
  readonly climb: Line;
}

/** Sums for a straight line through values at 0, 1, 2 …: of value, index × value, value². */
interface Line {
  readonly sum: number;
  readonly indexed: number;
  readonly squares: number;
}

export function placeOf(read: PlateRead): Place {
  const [tl, tr, br, bl] = read.corners;
  return {
    x: (tl[0] + tr[0] + br[0] + bl[0]) / 4,
    y: (tl[1] + tr[1] + br[1] + bl[1]) / 4,
    width: Math.max(1, (Math.hypot(tr[0] - tl[0], tr[1] - tl[1]) + Math.hypot(br[0] - bl[0], br[1] - bl[1])) / 2),
  };
}

/** Distance of two plates in widths of the wider one. */
export function distanceApart(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y) / Math.max(a.width, b.width);
}

export function startMotion(place: Place, since: Instant): Motion {
  const nothing: Line = { sum: 0, indexed: 0, squares: 0 };
  return newView({
    first: place,
    since,
    place,
    view: place,
    before: undefined,
    independentViews: 0,
    growth: nothing,
    climb: nothing,
  });
}

/** The plate was last seen at `last` and is now at `place`. */
export function move(motion: Motion, last: Instant, place: Place, options: MotionOptions): Motion {
  const { view } = motion;
  const moved =
    distanceApart(view, place) >= options.viewWidths ||
    Math.abs(Math.log(place.width / view.width)) >= options.viewGrowth;
  if (!moved) return { ...motion, place };
  return newView({ ...motion, view: place, place, before: { place: motion.place, at: last } });
}

/** The climb is kept in pixels: over a few views the line through it is straight enough. */
function newView(motion: Motion): Motion {
  const { independentViews, place } = motion;
  return {
    ...motion,
    independentViews: independentViews + 1,
    growth: addPoint(motion.growth, independentViews, Math.log(place.width)),
    climb: addPoint(motion.climb, independentViews, place.y),
  };
}

/** In pixels. */
export interface Way {
  readonly x: number;
  readonly y: number;
}

/** Where the plate goes from its place until `at`, in pixels; undefined while it has been seen at one place only. */
export function travel(motion: Motion, last: Instant, at: Instant): Way | undefined {
  const { before, place } = motion;
  if (!before) return undefined;
  const steps = (at - last) / Math.max(1, last - before.at);
  const grown = place.width - before.place.width;
  // At constant speed the distance to the camera, which is as 1 / width, changes evenly; the plate moves in the picture as its width does.
  const inverse = 1 / place.width + steps * (1 / place.width - 1 / before.place.width);
  const next = 1 / Math.max(inverse, 1 / (8 * place.width));
  const even = Math.abs(grown) < 0.08 * place.width;
  const times = even ? steps : (next - place.width) / grown;
  return { x: (place.x - before.place.x) * times, y: (place.y - before.place.y) * times };
}

/** Of a vehicle that goes on as it did, faster or slower: from a fifth of its travel to nearly twice that. */
const SLOWEST = 0.2;
const FASTEST = 1.8;
export const MIN_SPREAD = 0.25;

/** How far `seen` is from where the vehicle can be that travels so, in widths of the wider plate. */
export function offCourse(place: Place, way: Way, seen: Place): number {
  const length = Math.hypot(way.x, way.y);
  const [x, y] = [seen.x - place.x, seen.y - place.y];
  const share = length > 0 ? (x * way.x + y * way.y) / length ** 2 : 0;
  const nearest = Math.min(FASTEST, Math.max(SLOWEST, share));
  return Math.hypot(x - nearest * way.x, y - nearest * way.y) / Math.max(place.width, seen.width);
}

/** Standard deviation of that, in widths: of corners and swaying, and a bit more on a longer way. */
export function deviation(place: Place, way: Way): number {
  return MIN_SPREAD + Math.min(0.5, (0.05 * Math.hypot(way.x, way.y)) / place.width);
}

/** Further on in that direction, however far, and not much to one side. */
export function isAhead(place: Place, way: Way, seen: Place): boolean {
  const length = Math.max(1, Math.hypot(way.x, way.y));
  const [x, y] = [seen.x - place.x, seen.y - place.y];
  const ahead = (x * way.x + y * way.y) / length;
  const aside = Math.abs(x * way.y - y * way.x) / length;
  return ahead > 0 && aside <= Math.max(place.width, seen.width) + ahead / 2;
}

/** Widths a second between the last view and now; 0 for a vehicle that has stood still since it was first seen. */
export function speedOf(motion: Motion, last: Instant): number {
  const { before, place } = motion;
  return before ? (distanceApart(before.place, place) * 1000) / Math.max(1, last - before.at) : 0;
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
  const noise = HEIGHT_NOISE * motion.place.width;
  const sign =
    growth || trend(motion.climb, motion.independentViews, noise, options.minClimbWidths * motion.place.width);
  return sign > 0 ? 'approaching' : sign < 0 ? 'leaving' : 'unknown';
}

function addPoint(line: Line, index: number, value: number): Line {
  return {
    sum: line.sum + value,
    indexed: line.indexed + index * value,
    squares: line.squares + value * value,
  };
}

/** 1, -1, or 0 where the change along the line is below `least` or within two standard errors of none. */
function trend(line: Line, n: number, noise: number, least: number): -1 | 0 | 1 {
  if (n < 2) return 0;
  const spread = (n * (n * n - 1)) / 12;
  const slope = (line.indexed - (line.sum * (n - 1)) / 2) / spread;
  const scatter = n > 2 ? Math.max(0, line.squares - line.sum ** 2 / n - slope ** 2 * spread) / (n - 2) : 0;
  const error = Math.sqrt(Math.max(scatter, noise ** 2) / spread);
  const change = slope * (n - 1);
  return Math.abs(change) < Math.max(least, 2 * error * (n - 1)) ? 0 : change > 0 ? 1 : -1;
}
