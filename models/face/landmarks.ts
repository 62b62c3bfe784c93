/** Five points of a face from the 68 of face-api's `face_landmark_68` (the points of the 300-W challenge, Sagonas et al., 2013). */
import type { Point } from '../../gateway/contracts/picture.ts';
import type { ModelFile } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import { openNetwork } from '../session.ts';
import type { FaceChain } from './chain.ts';
import { applyTo, centreOf, type FivePoints, meanOf, type Similarity, squareAt } from './geometry.ts';
import { warp } from './warp.ts';
import type { Workspace } from './workspace.ts';

const SIDE = 112;
const POINTS = 68;
/** Air around the detector's box, and around the points of the first pass. */
const FIRST_MARGIN = 1.1;
const SECOND_MARGIN = 1.15;

/**
 * Input uint8 [1, 112, 112, 3], RGB; output [1, 136]: x and y in turn, 0..1 of the crop. The second pass looks at the face upright and
 * as large as its points say, whatever the detector's box was.
 */
export async function openLandmarks(model: ModelFile): Promise<FaceChain['points']> {
  const network = await openNetwork(model);

  async function look(picture: Raster, place: Similarity, workspace: Workspace): Promise<Point[]> {
    const crop = workspace.bytes(SIDE * SIDE * 3);
    warp(picture, place, SIDE, crop);
    const answer = workspace.floats(2 * POINTS);
    await network.runInto(crop, [1, SIDE, SIDE, 3], answer, [1, 2 * POINTS]);
    return Array.from({ length: POINTS }, (_, i) => applyTo(place, [answer[2 * i]! * SIDE, answer[2 * i + 1]! * SIDE]));
  }

  return async (picture, face, workspace) => {
    const length = Math.max(face.width, face.height) * FIRST_MARGIN;
    const first = await look(picture, squareAt(centreOf(face), length, SIDE), workspace);
    return fiveOf(await look(picture, uprightSquare(first), workspace));
  };
}

/** About the points, turned as the eyes are. */
function uprightSquare(points: readonly Point[]): Similarity {
  const [left, right] = fiveOf(points);
  const angle = Math.atan2(right[1] - left[1], right[0] - left[0]);
  const turned = points.map((p) => applyTo({ a: Math.cos(angle), b: -Math.sin(angle), x: 0, y: 0 }, p));
  const xs = turned.map((p) => p[0]);
  const ys = turned.map((p) => p[1]);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const back = { a: Math.cos(angle), b: Math.sin(angle), x: 0, y: 0 };
  const centre = applyTo(back, [(x0 + x1) / 2, (y0 + y1) / 2]);
  return squareAt(centre, Math.max(x1 - x0, y1 - y0) * SECOND_MARGIN, SIDE, angle);
}

function fiveOf(points: readonly Point[]): FivePoints {
  return [meanOf(points.slice(36, 42)), meanOf(points.slice(42, 48)), points[30]!, points[48]!, points[54]!];
}
