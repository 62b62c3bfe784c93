/** C3: what the lane display says of where a caller is. */
import { describe, expect, it } from 'vitest';
import type { ShownSos } from '../../contracts/display.ts';

interface Show {
  readonly describeSos: (calls: readonly ShownSos[], language: 'zh' | 'en') => string;
}
// Computed, because its types are in comments.
const { describeSos } = (await import(new URL('./show.js', import.meta.url).href)) as Show;

const call = (more: Partial<ShownSos> = {}): ShownSos => ({ id: 'S', at: Date.UTC(2026, 10, 21, 8), ...more });
const place = { lat: 30.25, lon: 120.125, origin: 'own', ageS: 40 } as const;

describe('C3: a call for help on the display', () => {
  it('has its place with origin and age, in both languages', () => {
    expect(describeSos([call({ place })], 'en')).toContain('30.25000, 120.12500 · own position (40 s ago)');
    expect(describeSos([call({ place })], 'zh')).toContain('30.25000, 120.12500 · 求助装备定位 (40 秒前)');
    const old = { ...place, origin: 'last known', ageS: 600 } as const;
    expect(describeSos([call({ place: old })], 'en')).toContain('last known position (10 min ago)');
  });

  it('has the doubtful place beside it, and says where no place is known', () => {
    const doubtful = { lat: 30.4, lon: 120.125 };
    expect(describeSos([call({ place, doubtful })], 'en')).toContain('or perhaps at 30.40000, 120.12500');
    expect(describeSos([call()], 'en')).toContain('position not known');
  });
});
