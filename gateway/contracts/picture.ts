/** Pictures: one decoded frame, points in it, and the picture files that prove a hit. Types, and whether a point lies in a polygon. */
import type { Instant, Sha256 } from './base.ts';

/** Pixels; x to the right, y downwards, origin at the top left corner of the picture. */
export type Point = readonly [x: number, y: number];

/** Corners in the order top left, top right, bottom right, bottom left, as seen by a reader of the plate. */
export type Quad = readonly [Point, Point, Point, Point];

/** One decoded picture; `rgb` holds width × height × 3 bytes, row by row, and owns its buffer (it may be transferred). */
export interface Frame {
  readonly source: string;
  /** When the box received it, by the box's clock. */
  readonly at: Instant;
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** A picture that proves a hit; stored beside it. `plate`: the plate patch; `vehicle`: the vehicle around it; `lane`: the lane of a gate. */
export interface Evidence {
  readonly what: 'plate' | 'vehicle' | 'lane';
  readonly sha256: Sha256;
  readonly mediaType: 'image/jpeg';
  readonly bytes: Uint8Array;
}

/** Even-odd rule; a point exactly on an edge may fall on either side. */
export function isInside(polygon: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i]!;
    const [xj, yj] = polygon[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
