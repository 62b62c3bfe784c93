/** Which of the plates found in a frame need not be read: those of vehicles that are surely read, where they are expected and no clearer than before. */
import type { PlateSighting, SurePlate } from '../../gateway/inference/jobs.ts';
import { centreOf, sizeOf } from './geometry.ts';
import type { PlateShape } from './read.ts';

/**
 * `rest` is to be read. A plate is set aside where it alone is found within the reach of one sure plate alone: two candidates may be two
 * vehicles, and which of them is the known one, only their texts tell.
 */
export function setSureAside<Shape extends Pick<PlateShape, 'corners'>>(
  shapes: readonly Shape[],
  sure: readonly SurePlate[],
  sharpnessOf: (shape: Shape) => number,
): { readonly sightings: PlateSighting[]; readonly rest: readonly Shape[] } {
  const sightings: PlateSighting[] = [];
  const rest = shapes.filter((shape) => {
    const [plate, another] = sure.filter((one) => isNear(one, shape));
    if (!plate || another || shapes.some((other) => other !== shape && isNear(plate, other))) return true;
    const { width } = sizeOf(shape.corners);
    if (width < plate.minWidth || width > plate.maxWidth || sharpnessOf(shape) > plate.maxSharpness) return true;
    sightings.push({ track: plate.track, corners: shape.corners });
    return false;
  });
  return { sightings, rest };
}

function isNear({ centre, reach }: SurePlate, { corners }: Pick<PlateShape, 'corners'>): boolean {
  const [x, y] = centreOf(corners);
  return Math.hypot(x - centre[0], y - centre[1]) <= reach;
}
