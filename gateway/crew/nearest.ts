/** Who is nearest: great-circle distance on positions of WGS-84, taken as a sphere (0.5 % at most, far less than the age of a position). */
import type { LatLon } from '../contracts/crew.ts';

/** Mean radius of the Earth, R1 of IUGG, in metres. */
const EARTH_M = 6_371_008.8;

/** Where a device was last. */
export interface DispatchCandidate {
  readonly device: string;
  readonly lat: number;
  readonly lon: number;
  /** False where the position is too old, or cannot be trusted: such a device is named, never chosen. */
  readonly fresh: boolean;
}

/** The haversine formula (Sinnott, 1984), which holds for small distances too. Metres. */
export function distanceM(a: LatLon, b: LatLon): number {
  const rad = Math.PI / 180;
  const sinLat = Math.sin(((b.lat - a.lat) * rad) / 2);
  const sinLon = Math.sin(((b.lon - a.lon) * rad) / 2);
  const h = sinLat ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * sinLon ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * `chosen`: the `count` nearest to `place`, nearest first; of two as near the one whose id comes first. `stale`: those that their last position
 * would have put among them, were it fresh.
 */
export function nearest(place: LatLon, candidates: readonly DispatchCandidate[], count: number) {
  const sorted = candidates
    .map(({ device, lat, lon, fresh }) => ({ device, fresh, metres: distanceM(place, { lat, lon }) }))
    .sort((a, b) => a.metres - b.metres || (a.device < b.device ? -1 : 1));
  const chosen = sorted.filter((c) => c.fresh).slice(0, count);
  const furthest = chosen.length < count ? Infinity : chosen.at(-1)!.metres;
  return {
    chosen: chosen.map(({ device, metres }) => ({ device, metres })),
    stale: sorted.filter((c) => !c.fresh && c.metres <= furthest).map((c) => c.device),
  };
}
