/** Plane geometry of faces: turned squares, five points, and the similarity that lays a face onto its template. */
import type { Point } from '../../gateway/contracts/picture.ts';
import type { PixelBox } from '../raster.ts';

/** Eyes, nose tip, corners of the mouth; left and right as the picture shows them. Pixels. */
export type FivePoints = readonly [leftEye: Point, rightEye: Point, nose: Point, mouthLeft: Point, mouthRight: Point];

/** Turning, scaling and shifting: (u, v) goes to (a·u - b·v + x, b·u + a·v + y). */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly x: number;
  readonly y: number;
}

export function applyTo({ a, b, x, y }: Similarity, [u, v]: Point): Point {
  return [a * u - b * v + x, b * u + a * v + y];
}

export function scaleOf({ a, b }: Similarity): number {
  return Math.hypot(a, b);
}

/** The similarity with the least squared distance between the images of `from` and `to` (Umeyama, IEEE TPAMI 13 (1991), no mirroring). */
export function fit(from: readonly Point[], to: readonly Point[]): Similarity {
  const f = meanOf(from);
  const t = meanOf(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (let i = 0; i < from.length; i++) {
    const u = from[i]![0] - f[0];
    const v = from[i]![1] - f[1];
    const x = to[i]![0] - t[0];
    const y = to[i]![1] - t[1];
    along += u * x + v * y;
    across += u * y - v * x;
    spread += u * u + v * v;
  }
  const a = along / spread;
  const b = across / spread;
  return { a, b, x: t[0] - a * f[0] + b * f[1], y: t[1] - b * f[0] - a * f[1] };
}

/** From the pixels of a chip of `side` to the square of `length` about `centre`, turned by `angle` (radians, clockwise on the screen). */
export function squareAt(centre: Point, length: number, side: number, angle = 0): Similarity {
  const a = (Math.cos(angle) * length) / side;
  const b = (Math.sin(angle) * length) / side;
  const half = side / 2;
  return { a, b, x: centre[0] - a * half + b * half, y: centre[1] - b * half - a * half };
}

export function centreOf({ left, top, width, height }: PixelBox): Point {
  return [left + width / 2, top + height / 2];
}

export function meanOf(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const p of points) {
    x += p[0];
    y += p[1];
  }
  return [x / points.length, y / points.length];
}

/** Intersection over union, 0..1. */
export function overlap(a: PixelBox, b: PixelBox): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** dlib's mean face (`get_face_chip_details` with padding 0.25), in chips of one by one: eye means, nose tip, corners of the mouth. */
const DLIB_MEAN: FivePoints = [
  [0.22549, 0.21599],
  [0.75476, 0.21599],
  [0.490127, 0.515625],
  [0.254149, 0.780233],
  [0.726104, 0.780233],
];
const DLIB_PADDING = 0.25;

/** Where the five points of an upright face stand on dlib's chip of `side` pixels. */
export function dlibTemplate(side: number): FivePoints {
  const at = (p: Point): Point => {
    const [x, y] = p.map((v) => ((v + DLIB_PADDING) / (1 + 2 * DLIB_PADDING)) * side);
    return [x!, y!];
  };
  const [a, b, c, d, e] = DLIB_MEAN;
  return [at(a), at(b), at(c), at(d), at(e)];
}

/** The 112-pixel template of ArcFace, which SFace shares (OpenCV, modules/objdetect/src/face_recognize.cpp). */
export const ARCFACE_TEMPLATE: FivePoints = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];
