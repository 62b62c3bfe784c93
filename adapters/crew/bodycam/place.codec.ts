/** Where a body-cam is, in telemetry and in a call for help alike, pure. */
import { z } from 'zod';
import type { Position } from '../../../gateway/contracts/crew.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const range = (min: number, max: number) => z.number().min(min).max(max);

/** What each field has to be, and how that is said where one is not. */
export const PLACE_FIELDS = {
  crs: [z.literal('WGS84'), 'WGS84'],
  lat: [range(-90, 90), english('range-degrees', { least: -90, most: 90 })],
  lon: [range(-180, 180), english('range-degrees', { least: -180, most: 180 })],
  acc: [range(0, 100_000), english('range-metres', { least: 0, most: 100_000 })],
  alt: [range(-500, 20_000), english('range-metres', { least: -500, most: 20_000 })],
  /** km/h */
  vel: [range(0, 1_000), english('range-km-per-hour', { least: 0, most: 1_000 })],
  /** Degrees from north. */
  cog: [range(0, 360), english('range-degrees', { least: 0, most: 360 })],
} as const;

/** Those that are as they should be. */
export type PlaceFields = {
  readonly [F in keyof typeof PLACE_FIELDS]?: z.infer<(typeof PLACE_FIELDS)[F][0]> | undefined;
};

/** Undefined where half of it is missing, and at 0, 0: what receivers without a fix say, a place in the sea off Africa. */
export function positionOf({ lat, lon, acc, alt, vel, cog }: PlaceFields): Position | undefined {
  if (lat === undefined || lon === undefined || (lat === 0 && lon === 0)) return undefined;
  return {
    lat,
    lon,
    trusted: true,
    ...(acc === undefined ? {} : { accuracyM: acc }),
    ...(alt === undefined ? {} : { altitudeM: alt }),
    ...(vel === undefined ? {} : { speedKmh: vel }),
    ...(cog === undefined ? {} : { courseDeg: cog }),
  };
}

/** As a device writes it. Members that are undefined are not written. */
export function fieldsOf(p: Omit<Position, 'trusted'> | undefined): object {
  return p ? { lat: p.lat, lon: p.lon, acc: p.accuracyM, alt: p.altitudeM, vel: p.speedKmh, cog: p.courseDeg } : {};
}
