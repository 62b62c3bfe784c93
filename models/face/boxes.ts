/** Boxes of faces: non-maximum suppression and order, for both detectors. */
import { overlap } from './geometry.ts';
import type { Face } from './chain.ts';

/** Boxes that share more than this of their area are one face. */
const SAME_FACE = 0.3;

/** Greedy non-maximum suppression: of boxes on one face the best stays. Best first. */
export function onePerFace<F extends Face>(faces: readonly F[]): F[] {
  const kept: F[] = [];
  for (const face of [...faces].sort((a, b) => b.score - a.score)) {
    if (!kept.some((k) => overlap(k, face) > SAME_FACE)) kept.push(face);
  }
  return kept;
}

export function widestFirst<F extends Face>(faces: readonly F[]): F[] {
  return [...faces].sort((a, b) => b.width - a.width);
}
