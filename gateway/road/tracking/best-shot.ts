/** Which frame of a track shows its plate best. Pure. People look at the pictures that prove a hit, so what they can see counts. */
import { differences } from '../../contracts/plate-text.ts';
import type { PlateRead } from '../../contracts/plate.ts';
import { platePosition } from './motion.ts';

/** A person sees no more in a wider plate. */
const ENOUGH_PX = 240;

/**
 * 0..1: the product of size (width up to 240 pixels), squareness (1 seen from straight before, less the more the quad leans or
 * narrows to one side) and sharpness, which never takes more than three quarters.
 */
export function shotQuality(read: PlateRead): number {
  const size = Math.min(1, platePosition(read.corners).width / ENOUGH_PX);
  return size * squareness(read) * (0.25 + 0.75 * Math.min(1, Math.max(0, read.sharpness)));
}

/** A picture in which the plate was read otherwise than the vote has it may show another plate, or this one badly: half for each such character. */
export function agreement(shown: string, voted: string): number {
  return 0.5 ** differences(shown, voted);
}

function squareness({ corners }: PlateRead): number {
  const side = (from: number): [number, number] => {
    const [a, b] = [corners[from]!, corners[(from + 1) % 4]!];
    return [b[0] - a[0], b[1] - a[1]];
  };
  const sides = [side(0), side(1), side(2), side(3)];
  const [top, right, bottom, left] = sides.map(([x, y]) => Math.hypot(x, y)) as [number, number, number, number];
  if (Math.min(top, right, bottom, left) <= 0) return 0;
  // Of the angle between the mean horizontal and the mean vertical edge.
  const across = [sides[0]![0] - sides[2]![0], sides[0]![1] - sides[2]![1]] as const;
  const down = [sides[1]![0] - sides[3]![0], sides[1]![1] - sides[3]![1]] as const;
  const sine = Math.abs(across[0] * down[1] - across[1] * down[0]) / (Math.hypot(...across) * Math.hypot(...down));
  const ratio = (a: number, b: number) => Math.min(a, b) / Math.max(a, b);
  return sine * ratio(top, bottom) * ratio(left, right);
}
