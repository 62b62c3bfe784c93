/** Where the devices of a fleet go, in WGS-84: along streets on foot or on wheels, in legs through the air, or nowhere. */
import type { LatLon, Position } from '../../../gateway/contracts/crew.ts';
import { pick, type Random } from '../../scene/random.ts';

export type MovementProfile = 'walk' | 'drive' | 'fly' | 'stand';

/** A position with everything that a receiver knows. */
export type ReceiverFix = Required<Omit<Position, 'trusted'>>;

/** Metres east and north of the base. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Blocks between two crossings; no device goes further from the base than `reachM`. */
const GAITS = {
  walk: { speedMps: 1.3, blockM: 90, reachM: 900, altitudeM: 12 },
  drive: { speedMps: 9, blockM: 180, reachM: 2_500, altitudeM: 12 },
  fly: { speedMps: 10, blockM: 0, reachM: 1_500, altitudeM: 95 },
  stand: { speedMps: 0, blockM: 0, reachM: 0, altitudeM: 12 },
} as const;

/** Of a degree of latitude; the Earth as a sphere is near enough for some kilometres. */
const M_PER_DEGREE = 111_195;
const STREETS: readonly Point[] = [
  { x: 1, y: 0 },
  { x: -1, y: 0 },
  { x: 0, y: 1 },
  { x: 0, y: -1 },
];

/** Begins at a crossing near `base`, or at `base` itself where it does not move. */
export function openWalk(gait: MovementProfile, base: LatLon, random: Random) {
  const { speedMps, blockM, reachM, altitudeM } = GAITS[gait];
  let here = gait === 'stand' ? { x: 0, y: 0 } : somewhere(random, reachM / 2, blockM);
  let to = here;
  const next = (): Point => {
    if (blockM === 0) return somewhere(random, reachM, 0);
    const crossings = STREETS.map(({ x, y }) => ({ x: here.x + x * blockM, y: here.y + y * blockM }));
    return pick(
      random,
      crossings.filter(({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) <= reachM),
    );
  };
  let courseDeg = 0;
  return {
    /** Moves on by this many seconds of the walk. */
    go(seconds: number): ReceiverFix {
      for (let leftM = seconds * speedMps; leftM > 0;) {
        const [dx, dy] = [to.x - here.x, to.y - here.y];
        const legM = Math.hypot(dx, dy);
        if (legM > 0) courseDeg = (Math.atan2(dx, dy) * (180 / Math.PI) + 360) % 360;
        const share = legM === 0 ? 1 : Math.min(1, leftM / legM);
        here = { x: here.x + dx * share, y: here.y + dy * share };
        // What is left of a leg that is not done is nothing, and not a rounding error for ever.
        leftM = share < 1 ? 0 : leftM - legM;
        if (share === 1) {
          here = to;
          to = next();
        }
      }
      return { ...toDegrees(here, base), accuracyM: 5, altitudeM, speedKmh: speedMps * 3.6, courseDeg };
    },
  };
}

function somewhere(random: Random, reachM: number, blockM: number): Point {
  const one = (): number => {
    const metres = (random() * 2 - 1) * reachM;
    return blockM === 0 ? metres : Math.round(metres / blockM) * blockM;
  };
  return { x: one(), y: one() };
}

function toDegrees({ x, y }: Point, base: LatLon): { readonly lat: number; readonly lon: number } {
  const lat = base.lat + y / M_PER_DEGREE;
  return { lat, lon: base.lon + x / (M_PER_DEGREE * Math.cos((base.lat * Math.PI) / 180)) };
}
