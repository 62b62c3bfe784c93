import { expect, test } from 'vitest';
import type { PlateRead } from '../../contracts/plate.ts';
import type { Quad } from '../../contracts/picture.ts';
import { agreement, shotQuality } from './best-shot.ts';

function shown(width: number, change: { lean?: number; taper?: number; sharpness?: number } = {}): PlateRead {
  const { lean = 0, taper = 1, sharpness = 0.8 } = change;
  const h = width / 3;
  const corners: Quad = [
    [0, 0],
    [width, 0],
    [width + lean * h, h * taper],
    [lean * h, h],
  ];
  return {
    text: '皖A12345',
    kind: 'standard',
    colour: 'blue',
    lines: 1,
    probability: 0.9,
    band: 'check',
    characters: [],
    alternatives: [],
    corners,
    sharpness,
  };
}

test('wide, square and sharp is worth more; wider than a person needs is worth no more', () => {
  expect(shotQuality(shown(200))).toBeGreaterThan(shotQuality(shown(100)));
  expect(shotQuality(shown(500))).toBe(shotQuality(shown(300)));
  expect(shotQuality(shown(200))).toBeGreaterThan(shotQuality(shown(200, { lean: 0.8 })));
  expect(shotQuality(shown(200))).toBeGreaterThan(shotQuality(shown(200, { taper: 0.5 })));
  expect(shotQuality(shown(200))).toBeGreaterThan(shotQuality(shown(200, { sharpness: 0.2 })));
  expect(shotQuality(shown(180))).toBeGreaterThan(shotQuality(shown(220, { sharpness: 0.2 })));
});

test('a plate without extent is worth nothing, and always a number', () => {
  const point: Quad = [
    [5, 5],
    [5, 5],
    [5, 5],
    [5, 5],
  ];
  expect(shotQuality({ ...shown(100), corners: point })).toBe(0);
  expect(shotQuality(shown(100, { sharpness: 0 }))).toBeGreaterThan(0);
});

test('a picture is worth half for each character that was read otherwise in it', () => {
  expect(agreement('皖A12345', '皖A12345')).toBe(1);
  expect(agreement('皖A1234S', '皖A12345')).toBe(0.5);
  expect(agreement('皖A12345', '皖AD12345')).toBeLessThan(0.1);
});
