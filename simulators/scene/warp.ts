/** Plane pictures seen in perspective. */
import type { Point, Quad } from '../../gateway/contracts/picture.ts';
import type { Rgb, Rgba } from './raster.ts';

/** Nine numbers, row by row, of a projective map of the plane; the last is 1. */
type Homography = readonly number[];

/** How a plane is turned away from the camera degrees. */
interface Rotation {
  /** About the upright axis; positive moves the right side away. */
  readonly yaw: number;
  /** About the level axis; positive moves the upper side away. */
  readonly pitch: number;
}

/**
 * Where the points of a plane that faces the camera come to lie when the plane is turned about `centre`, whose distance it keeps. `focalPx`
 * is the camera's focal length in pixels; it decides how much the far side shrinks.
 */
export function rotated(points: readonly Point[], centre: Point, turn: Rotation, focalPx: number): Point[] {
  const [yaw, pitch] = [(turn.yaw * Math.PI) / 180, (turn.pitch * Math.PI) / 180];
  return points.map(([px, py]) => {
    const [x, y] = [px - centre[0], py - centre[1]];
    // First about the level axis, then about the upright one.
    const lean = -y * Math.sin(pitch);
    const depth = x * Math.sin(yaw) + lean * Math.cos(yaw);
    const scale = focalPx / (focalPx + depth);
    return [centre[0] + (x * Math.cos(yaw) - lean * Math.sin(yaw)) * scale, centre[1] + y * Math.cos(pitch) * scale];
  });
}

/** The map of the unit square (0,0) (1,0) (1,1) (0,1) to `quad` (P. Heckbert, Fundamentals of Texture Mapping, 1989). */
export function fromUnit([a, b, c, d]: Quad): Homography {
  const [sx, sy] = [a[0] - b[0] + c[0] - d[0], a[1] - b[1] + c[1] - d[1]];
  const [ux, uy] = [b[0] - c[0], b[1] - c[1]];
  const [vx, vy] = [d[0] - c[0], d[1] - c[1]];
  const area = ux * vy - uy * vx;
  const [g, h] = [(sx * vy - sy * vx) / area, (ux * sy - uy * sx) / area];
  return [
    ...[b[0] - a[0] + g * b[0], d[0] - a[0] + h * d[0], a[0]],
    ...[b[1] - a[1] + g * b[1], d[1] - a[1] + h * d[1], a[1]],
    ...[g, h, 1],
  ];
}

/** The map back. */
export function inverse(m: Homography): Homography {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number];
  const out = [
    ...[e * i - f * h, c * h - b * i, b * f - c * e],
    ...[f * g - d * i, a * i - c * g, c * d - a * f],
    ...[d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return out.map((v) => v / out[8]!);
}

export function mapPoint(m: Homography, x: number, y: number): Point {
  const w = m[6]! * x + m[7]! * y + m[8]!;
  return [(m[0]! * x + m[1]! * y + m[2]!) / w, (m[3]! * x + m[4]! * y + m[5]!) / w];
}

export function rectangle(x: number, y: number, width: number, height: number): Quad {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** The smallest rectangle of whole pixels of `picture` around `quad`; `right` and `bottom` lie behind the last. */
export function around(quad: Quad, picture: { readonly width: number; readonly height: number }) {
  const [xs, ys] = [quad.map((p) => p[0]), quad.map((p) => p[1])];
  return {
    left: Math.max(0, Math.floor(Math.min(...xs))),
    top: Math.max(0, Math.floor(Math.min(...ys))),
    right: Math.min(picture.width, Math.ceil(Math.max(...xs))),
    bottom: Math.min(picture.height, Math.ceil(Math.max(...ys))),
  };
}

/** Each pixel is the mean of this many squared points, so that what shrinks does not flicker. */
const POINTS = 2;

/** Lays a drawing with transparency over `picture`, its corners at those of `quad`. */
export function warpOnto(picture: Rgb, drawing: Rgba, quad: Quad): void {
  const back = inverse(fromUnit(quad));
  const { left, top, right, bottom } = around(quad, picture);
  const sum = new Float64Array(4);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      sum.fill(0);
      for (let i = 0; i < POINTS * POINTS; i++) {
        addPoint(sum, drawing, back, x + ((i % POINTS) + 0.5) / POINTS, y + (Math.floor(i / POINTS) + 0.5) / POINTS);
      }
      const opaque = sum[3]!;
      if (opaque === 0) continue;
      const alpha = opaque / (255 * POINTS * POINTS);
      const o = (y * picture.width + x) * 3;
      for (let k = 0; k < 3; k++) {
        picture.data[o + k] = picture.data[o + k]! * (1 - alpha) + (sum[k]! / opaque) * alpha;
      }
    }
  }
}

/** Adds the colour that comes to lie at `x`, `y` times its opacity, and the opacity: the mean of the nearest four pixels. */
function addPoint(sum: Float64Array, { width, height, rgba }: Rgba, back: Homography, x: number, y: number): void {
  const w = back[6]! * x + back[7]! * y + back[8]!;
  const u = (back[0]! * x + back[1]! * y + back[2]!) / w;
  const v = (back[3]! * x + back[4]! * y + back[5]!) / w;
  if (u < 0 || u >= 1 || v < 0 || v >= 1) return;
  const [px, py] = [
    Math.max(0, Math.min(width - 1.001, u * width - 0.5)),
    Math.max(0, Math.min(height - 1.001, v * height - 0.5)),
  ];
  const [column, row] = [Math.floor(px), Math.floor(py)];
  const [fx, fy] = [px - column, py - row];
  for (let i = 0; i < 4; i++) {
    const weight = ((i & 1) === 0 ? 1 - fx : fx) * (i < 2 ? 1 - fy : fy);
    const o = ((row + (i >> 1)) * width + column + (i & 1)) * 4;
    const opaque = rgba[o + 3]! * weight;
    sum[0] = sum[0]! + rgba[o]! * opaque;
    sum[1] = sum[1]! + rgba[o + 1]! * opaque;
    sum[2] = sum[2]! + rgba[o + 2]! * opaque;
    sum[3] = sum[3]! + opaque;
  }
}
