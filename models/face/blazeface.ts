/**
 * Finds faces with BlazeFace (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019), twice: on
 * the whole picture, and again on a crop about each candidate, where small faces have pixels enough and false ones lose their score.
 */
import type { ModelFile } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import { openNetwork, type ModelOutput } from '../session.ts';
import { onePerFace, widestFirst } from './boxes.ts';
import type { Face, FaceChain } from './chain.ts';
import { applyTo, centreOf, scaleOf, type Similarity, squareAt } from './geometry.ts';
import { warp } from './warp.ts';
import type { Workspace } from './workspace.ts';

const SIDE = 256;
const ROUGHLY = { background: 127, rough: true };
/** Stride of a grid in pixels -> anchors at each of its cells; all anchors stand in the middle of their cell. */
const GRIDS = [
  { stride: 16, anchors: 2 },
  { stride: 32, anchors: 6 },
] as const;
/** Centre, size and six points of a face. */
const VALUES = 16;

/** On the whole picture; at 32 to 48 pixels real faces score 0.4 to 0.7 there. */
const CANDIDATE = 0.3;
/** On the crop. */
const FACE = 0.5;
/** Of the crop, in sides of the candidate's box. */
const CROP = 3.5;
/** Each costs a run of the network. */
const MAX_CANDIDATES = 6;
/** Faces less than half as wide as the widest one decide nothing, so they are not looked at again. */
const WORTH_A_LOOK = 0.5;

/** Input uint8 [1, 256, 256, 3], RGB; outputs: scores (logits) and boxes of either grid. */
export async function openBlazeface(model: ModelFile): Promise<FaceChain['detect']> {
  const network = await openNetwork(model);

  async function look(picture: Raster, place: Similarity, least: number, workspace: Workspace): Promise<Face[]> {
    const input = workspace.bytes(SIDE * SIDE * 3);
    warp(picture, place, SIDE, input, ROUGHLY);
    const outputs = Object.values(await network.run(input, [1, SIDE, SIDE, 3]));
    for (const { data } of outputs) workspace.hold(data);
    return onePerFace(GRIDS.flatMap((grid) => facesOf(outputs, grid, place, least)));
  }

  return async (picture, workspace) => {
    const scale = Math.max(picture.width, picture.height) / SIDE;
    const candidates = await look(picture, { a: scale, b: 0, x: 0, y: 0 }, CANDIDATE, workspace);
    const found: Face[] = [];
    let widest = 0;
    for (const candidate of widestFirst(candidates.slice(0, MAX_CANDIDATES))) {
      if (candidate.width < WORTH_A_LOOK * widest) break;
      const length = CROP * Math.max(candidate.width, candidate.height);
      const faces = await look(picture, squareAt(centreOf(candidate), length, SIDE), FACE, workspace);
      found.push(...faces);
      widest = Math.max(widest, ...faces.map((f) => f.width));
    }
    return widestFirst(onePerFace(found));
  };
}

/** The faces that one grid reports from `least` (probability), in pixels of the picture. */
function facesOf(
  outputs: readonly ModelOutput[],
  { stride, anchors }: (typeof GRIDS)[number],
  place: Similarity,
  least: number,
): Face[] {
  const cells = SIDE / stride;
  const count = cells * cells * anchors;
  const ofWidth = (width: number) => outputs.find(({ dims }) => dims.at(-2) === count && dims.at(-1) === width)!.data;
  const scores = ofWidth(1);
  const boxes = ofWidth(VALUES);
  const minLogit = Math.log(least / (1 - least));
  const scale = scaleOf(place);
  const faces: Face[] = [];
  for (let i = 0; i < count; i++) {
    const logit = scores[i]!;
    if (!(logit >= minLogit)) continue;
    const cell = Math.floor(i / anchors);
    const [dx, dy, w, h] = boxes.subarray(i * VALUES, i * VALUES + 4) as unknown as [number, number, number, number];
    const [x, y] = applyTo(place, [
      ((cell % cells) + 0.5) * stride + dx,
      (Math.floor(cell / cells) + 0.5) * stride + dy,
    ]);
    const [width, height] = [w * scale, h * scale];
    faces.push({ left: x - width / 2, top: y - height / 2, width, height, score: 1 / (1 + Math.exp(-logit)) });
  }
  return faces;
}
