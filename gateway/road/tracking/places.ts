/** Where in the next frame vehicles are looked for, whatever has changed there. Pure. */
import type { Instant } from '../../contracts/base.ts';
import type { FramePart } from '../../inference/jobs.ts';
import type { Track } from './model.ts';
import { expectedDisplacement, type PlatePosition } from './motion.ts';

/** Around a plate, in its widths. */
const AROUND = 2;
/** A plate that is expected to have moved less, in its widths, stands: where it does not, the picture changes. */
const STANDS = 0.25;
/** A vehicle may drive so much faster than it did. */
const FASTER = 1.8;

/** `must`: vehicles that have to be read surely yet, in every frame. `also`: those that move, in every frame that is searched at all. */
export function placesToSearch(
  tracks: readonly Track[],
  at: Instant,
): { readonly must: readonly FramePart[]; readonly also: readonly FramePart[] } {
  const open = tracks.filter((t) => !t.closed);
  const must = open.filter((t) => t.lookedUp === undefined);
  const also = open.filter((t) => t.lookedUp !== undefined && t.missed === 0 && isMoving(t, at));
  return { must: must.map((t) => wayOf(t, at)), also: also.map((t) => wayOf(t, at)) };
}

export function covers({ left, top, width, height }: FramePart, { x, y }: PlatePosition): boolean {
  return x >= left && x < left + width && y >= top && y < top + height;
}

function isMoving({ motion, last }: Track, at: Instant): boolean {
  const displacement = expectedDisplacement(motion, last, at);
  return displacement !== undefined && Math.hypot(displacement.x, displacement.y) > STANDS * motion.position.width;
}

/** From where it was to where it may be. */
function wayOf({ motion, last }: Track, at: Instant): FramePart {
  const { x, y, width } = motion.position;
  const moved = expectedDisplacement(motion, last, at) ?? { x: 0, y: 0 };
  const [toX, toY] = [x + FASTER * moved.x, y + FASTER * moved.y];
  const around = AROUND * width;
  return {
    left: Math.min(x, toX) - around,
    top: Math.min(y, toY) - around,
    width: Math.abs(toX - x) + 2 * around,
    height: Math.abs(toY - y) + 2 * around,
  };
}
