/** Plane geometry of plates: rotated boxes, quadrilaterals, and the projective map between a plate and the picture. */
import type { Point, Quad } from '../../gateway/contracts/picture.ts';

/** A rectangle turned by `angle` (radians, -π/4 to π/4, positive = clockwise on the screen) about its centre. */
export interface RotatedBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly angle: number;
}

export function cornersOf(box: RotatedBox): Quad {
  const c = Math.cos(box.angle);
  const s = Math.sin(box.angle);
  const corner = (u: number, v: number): Point => {
    const dx = (u * box.width) / 2;
    const dy = (v * box.height) / 2;
    return [box.x + dx * c - dy * s, box.y + dx * s + dy * c];
  };
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

export function centreOf(quad: Quad): Point {
  return [quad.reduce((sum, p) => sum + p[0], 0) / 4, quad.reduce((sum, p) => sum + p[1], 0) / 4];
}

/** Mean length of the upper and lower, and of the left and right side. */
export function sizeOf(quad: Quad): { readonly width: number; readonly height: number } {
  const side = (a: Point, b: Point) => Math.hypot(b[0] - a[0], b[1] - a[1]);
  return {
    width: (side(quad[0], quad[1]) + side(quad[3], quad[2])) / 2,
    height: (side(quad[0], quad[3]) + side(quad[1], quad[2])) / 2,
  };
}

/**
 * Coefficients of a projective map: (u, v) goes to ((a·u + b·v + c) / w, (d·u + e·v + f) / w) with w = g·u + h·v + 1. For whoever
 * maps many points in rows and wants to go on from one to the next.
 */
export type Projection = Readonly<ReturnType<typeof projectionOf>>;

/** Of the unit square to a quadrilateral (Heckbert, "Fundamentals of Texture Mapping", 1989, section 2.2.3). */
export function projectionOf(quad: Quad) {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = quad;
  const sx = x0 - x1 + x2 - x3;
  const sy = y0 - y1 + y2 - y3;
  const dx1 = x1 - x2;
  const dx2 = x3 - x2;
  const dy1 = y1 - y2;
  const dy2 = y3 - y2;
  const det = dx1 * dy2 - dx2 * dy1;
  // A quadrilateral without area has no such map; the affine one then keeps every value finite.
  const g = det === 0 ? 0 : (sx * dy2 - dx2 * sy) / det;
  const h = det === 0 ? 0 : (dx1 * sy - sx * dy1) / det;
  return { a: x1 - x0 + g * x1, b: x3 - x0 + h * x3, c: x0, d: y1 - y0 + g * y1, e: y3 - y0 + h * y3, f: y0, g, h };
}

/** The map of `projectionOf`, point by point: from the plate's own coordinates, 0..1 to the right and 0..1 down, to pixels of the picture. */
export function mapOf(quad: Quad): (u: number, v: number) => Point {
  const { a, b, c, d, e, f, g, h } = projectionOf(quad);
  return (u, v) => {
    const w = g * u + h * v + 1;
    return [(a * u + b * v + c) / w, (d * u + e * v + f) / w];
  };
}

/** The smallest rotated box around points (rotating calipers over the convex hull); undefined for fewer than three corners. */
export function smallestBox(points: readonly Point[]): RotatedBox | undefined {
  const hull = convexHull(points);
  if (hull.length < 3) return undefined;
  let best: RotatedBox | undefined;
  for (let i = 0; i < hull.length; i++) {
    const [px, py] = hull[i]!;
    const [qx, qy] = hull[(i + 1) % hull.length]!;
    const edge = Math.atan2(qy - py, qx - px);
    const box = boxAt(hull, edge - Math.round(edge / (Math.PI / 2)) * (Math.PI / 2));
    if (best === undefined || (box.width + 1) * (box.height + 1) < (best.width + 1) * (best.height + 1)) best = box;
  }
  return best;
}

/** The smallest box of a given angle around points. */
export function boxAt(points: readonly Point[], angle: number): RotatedBox {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (const [x, y] of points) {
    const u = x * c + y * s;
    const v = y * c - x * s;
    left = Math.min(left, u);
    right = Math.max(right, u);
    top = Math.min(top, v);
    bottom = Math.max(bottom, v);
  }
  const u = (left + right) / 2;
  const v = (top + bottom) / 2;
  return { x: u * c - v * s, y: u * s + v * c, width: right - left, height: bottom - top, angle };
}

/** Andrew's monotone chain, Information Processing Letters 9 (1979). */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (ordered: readonly Point[]): Point[] => {
    const out: Point[] = [];
    for (const p of ordered) {
      while (out.length > 1 && turn(out.at(-2)!, out.at(-1)!, p) <= 0) out.pop();
      out.push(p);
    }
    return out.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}

function turn(o: Point, a: Point, b: Point): number {
  return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
}
