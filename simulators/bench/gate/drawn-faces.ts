/** How far drawn faces lie apart for the built-in chain, in every shot of simulators/scene/face-shots.ts. */
import sharp from 'sharp';
import { openBuiltIn } from '../../../models/face/built-in.ts';
import { widestFirst } from '../../../models/face/boxes.ts';
import { openWorkspace } from '../../../models/face/workspace.ts';
import { loadModel } from '../../../models/manifest.ts';
import { openFacePainter, snapshot } from '../../scene/face.ts';
import { laneShot, portraitShot, VARIATIONS } from '../../scene/face-shots.ts';
import { seeded } from '../../scene/random.ts';
import { own, type Rgb } from '../../scene/raster.ts';

/** One person in several shots, as the embedding network sees them; of nobody, so that it may be kept for measuring. */
export interface Measured {
  readonly seed: number;
  readonly shots: readonly Float32Array[];
}

/** Shots of a person: 0 is the document photo, 1 and up the variations before the lane's camera. */
export const SHOTS: readonly number[] = [0, ...VARIATIONS.map((_, i) => i + 1)];

/** Undefined when no face is found in one of the shots. One call at a time. */
export type FaceMeasure = (seed: number, shots?: readonly number[]) => Promise<Measured | undefined>;

export async function openMeasure(painter = openFacePainter()): Promise<FaceMeasure> {
  const files = {
    detect: loadModel('face/detect'),
    landmarks: loadModel('face/landmarks'),
    embed: loadModel('face/embed'),
  };
  const chain = await openBuiltIn(files);
  const picture = async (seed: number, shot: number): Promise<Rgb> => {
    if (shot === 0) return painter.draw(portraitShot(seed));
    const variation = VARIATIONS[shot - 1]!;
    const clean = await painter.draw(laneShot(seed, variation));
    const { noise, jpegQuality: quality } = variation;
    const jpeg = await snapshot(clean, { noise, quality, random: seeded(seed * 31 + shot) });
    return { ...clean, data: own(await sharp(jpeg).raw().toBuffer()) };
  };
  return async (seed, shots = SHOTS) => {
    const found: Float32Array[] = [];
    for (const shot of shots) {
      const workspace = openWorkspace();
      const { width, height, data } = await picture(seed, shot);
      const raster = { width, height, rgb: data };
      const [face] = widestFirst(await chain.detect(raster, workspace));
      if (!face) return undefined;
      found.push((await chain.embed(raster, await chain.points(raster, face, workspace), workspace)).slice());
      workspace.wipe();
    }
    return { seed, shots: found };
  };
}

/** The largest distance (L2) between two shots of one person. */
export function widthOf({ shots }: Measured): number {
  return Math.max(...shots.flatMap((a, i) => shots.slice(i + 1).map((b) => distance(a, b))));
}

/** The smallest distance (L2) between any shots of two people. */
export function gapBetween(one: Measured, other: Measured): number {
  return Math.min(...one.shots.flatMap((a) => other.shots.map((b) => distance(a, b))));
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
