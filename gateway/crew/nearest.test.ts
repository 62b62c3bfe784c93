import { describe, expect, it } from 'vitest';
import { distanceM, nearest, type DispatchCandidate } from './nearest.ts';

const at = (device: string, lat: number, lon: number, fresh = true): DispatchCandidate => ({ device, lat, lon, fresh });

describe('distance', () => {
  // A degree of a great circle of radius R1 has 111,195.08 m. Paris (Eiffel tower) to New York (Statue of Liberty): 5,837 km.
  it.each([
    ['nothing', [30, 120], [30, 120], 0, 1e-6],
    ['a degree of latitude', [30, 120], [31, 120], 111_195.08, 0.1],
    ['a degree of longitude on the equator', [0, 0], [0, 1], 111_195.08, 0.1],
    ['a degree of longitude at 60 degrees, by the great circle', [60, 10], [60, 11], 55_596.5, 2],
    ['over the date line', [0, 179.5], [0, -179.5], 111_195.08, 0.1],
    ['pole to pole', [90, 0], [-90, 77], 20_015_114, 10],
    ['an ocean', [48.8584, 2.2945], [40.6892, -74.0445], 5_837_000, 6_000],
    ['a step', [30.25, 120.125], [30.250009, 120.125], 1, 0.01],
  ])('of %s', (_name, a, b, metres, within) => {
    const d = distanceM({ lat: a[0]!, lon: a[1]! }, { lat: b[0]!, lon: b[1]! });
    expect(Math.abs(d - metres)).toBeLessThanOrEqual(within);
  });
});

describe('the nearest', () => {
  const place = { lat: 30, lon: 120 };
  const far = at('far', 30.03, 120);
  const near = at('near', 30.01, 120);
  const west = at('west', 30, 119.98);

  it('are chosen by distance, not by order or degrees', () => {
    // 0.02 degrees of longitude are shorter here than 0.02 of latitude.
    const chosen = nearest(place, [far, at('north', 30.02, 120), west, near], 3).chosen;
    expect(chosen.map((c) => c.device)).toEqual(['near', 'west', 'north']);
    expect(chosen.map((c) => Math.round(c.metres))).toEqual([1112, 1926, 2224]);
    expect(nearest(place, [at('b', 30, 121), at('a', 30, 121)], 1).chosen[0]!.device).toBe('a');
    expect(nearest(place, [], 2)).toEqual({ chosen: [], stale: [] });
  });

  it('whose position is stale are named and never chosen, and only where they would have been among them', () => {
    const old = at('old', 30, 120, false);
    const oldAndFar = at('old-far', 31, 120, false);
    const found = nearest(place, [far, oldAndFar, old, near, west], 2);
    expect(found.chosen.map((c) => c.device)).toEqual(['near', 'west']);
    expect(found.stale).toEqual(['old']);
    expect(nearest(place, [oldAndFar, old, near], 2).stale).toEqual(['old', 'old-far']);
  });
});
