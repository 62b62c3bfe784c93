import { describe, expect, it } from 'vitest';
import { distanceM } from '../../../gateway/crew/nearest.ts';
import { seeded } from '../../scene/random.ts';
import { openWalk, type MovementProfile } from './walk.ts';

const BASE = { lat: 30.2741, lon: 120.1551 };

describe('the way', () => {
  const after = (gait: MovementProfile, seed: number, seconds: number) =>
    openWalk(gait, BASE, seeded(seed)).go(seconds);
  it.each<[MovementProfile, number, number]>([
    ['walk', 1.3, 1_300],
    ['drive', 9, 3_600],
    ['fly', 10, 2_200],
    ['stand', 0, 0],
  ])('%s: as fast as it should be, near the base, and the same for the same seed', (gait, speedMps, reachM) => {
    const walk = openWalk(gait, BASE, seeded(3));
    let [last, lengthM] = [walk.go(0), 0];
    for (let s = 0; s < 2_000; s++) {
      const fix = walk.go(1);
      const stepM = distanceM(last, fix);
      expect(stepM).toBeLessThanOrEqual(speedMps * 1.01);
      expect(distanceM(BASE, fix)).toBeLessThanOrEqual(reachM);
      expect(fix.speedKmh).toBeCloseTo(speedMps * 3.6);
      lengthM += stepM;
      last = fix;
    }
    expect(lengthM).toBeGreaterThanOrEqual(2_000 * speedMps * 0.95);
    expect(after(gait, 4, 500)).toEqual(after(gait, 4, 500));
    if (gait !== 'stand') expect(after(gait, 5, 500)).not.toEqual(after(gait, 4, 500));
  });
});
