import { beforeAll, expect, test } from 'vitest';
import { openPlateReader, type PlateReader } from '../../../models/plate/index.ts';
import { openScene, randomTraffic, type Scene } from '../../scene/scene.ts';
import { comparePassers } from './passers-measures.ts';
import { letPass, type Passers } from './passers.ts';

const VEHICLES = randomTraffic(5, { count: 4, everyS: 1.5, styles: ['standard', 'new-energy-small'] });
let reader: PlateReader;
let scene: Scene;
let full: Passers;
const drive = { fps: 5, seconds: 12 };

beforeAll(async () => {
  reader = await openPlateReader();
  scene = await openScene({ seed: 5, vehicles: VEHICLES });
  full = await letPass(scene, reader, { ...drive, full: true });
});

test('what the box makes of the traffic is what it makes of it when it searches and reads everything, for less work', async () => {
  const needed = await letPass(scene, reader, drive);
  expect(comparePassers(needed, full)).toEqual({ missed: [], extra: [], narrower: [] });
  expect(full.counted.map((p) => p.best.text).sort()).toEqual(VEHICLES.map((v) => v.plate).sort());
  expect(needed.counts.platesRead).toBeLessThan(0.8 * full.counts.platesRead);
  expect(needed.counts.platesSighted).toBeGreaterThan(0);
  expect(needed.counts.partly).toBeGreaterThan(0);
});

test('the comparison catches a box that searches the wrong part', async () => {
  const blind = await letPass(scene, reader, {
    ...drive,
    change: (search) => ({ ...search, parts: [{ left: 0, top: 0, width: 200, height: 200 }] }),
  });
  expect(comparePassers(blind, full).missed).not.toEqual([]);
});

test('the comparison catches a box that takes every plate for one that it knows', async () => {
  const everywhere = { centre: [640, 360], reach: 2_000, minWidth: 0, maxWidth: 2_000, maxSharpness: 1 } as const;
  const blind = await letPass(scene, reader, {
    ...drive,
    change: (search) => ({ ...search, sure: [{ track: 'anything', ...everywhere }] }),
  });
  expect(comparePassers(blind, full).missed).not.toEqual([]);
});
