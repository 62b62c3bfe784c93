import { beforeAll, expect, test } from 'vitest';
import { loadPicture } from '../picture.ts';
import type { Raster } from '../raster.ts';
import { drawCrop, type PlateDrawing, drawScene, drawStackedCrop } from './drawn-plate.fixtures.ts';
import { cutEvidence } from './cut-evidence.ts';
import { openPlateReader, type PlateReader } from './index.ts';

const BLUE: PlateDrawing = { text: '苏B7K29M', left: 120, top: 380, width: 150, ground: '#1b49b5', ink: '#fff' };
const GREEN: PlateDrawing = {
  text: '粤BD12345',
  left: 600,
  top: 400,
  width: 140,
  ground: '#5fc98a',
  ink: '#111',
  turn: -6,
};

let reader: PlateReader;
let scene: Raster;
beforeAll(async () => {
  reader = await openPlateReader();
  scene = await drawScene(960, 540, [BLUE, GREEN]);
});

test('two plates of one frame are found, read and placed', async () => {
  const { reads } = await reader.plates(scene);
  expect(reads.map((r) => [r.text, r.kind, r.band]).sort()).toEqual([
    ['粤BD12345', 'new-energy-small', 'accept'],
    ['苏B7K29M', 'standard', 'accept'],
  ]);
  for (const plate of [BLUE, GREEN]) {
    const { corners } = reads.find((r) => r.text === plate.text)!;
    const [left, right] = [(corners[0][0] + corners[3][0]) / 2, (corners[1][0] + corners[2][0]) / 2];
    expect(Math.abs(left - plate.left)).toBeLessThan(15);
    expect(Math.abs(right - plate.left - plate.width)).toBeLessThan(15);
    expect(corners[0][1]).toBeLessThan(corners[3][1]);
  }
});

test('a region leaves out plates whose centre lies outside', async () => {
  const region = [
    [0, 0],
    [480, 0],
    [480, 540],
    [0, 540],
  ] as const;
  const { reads } = await reader.plates(scene, { regions: [region] });
  expect(reads.map((r) => r.text)).toEqual([BLUE.text]);
});

test.each([
  ['皖A12345', '#1b49b5', '#fff', 'standard'],
  ['京A4821警', '#f4f4f4', '#111', 'police'],
  ['粤Z59F7港', '#111', '#f4f4f4', 'hong-kong'],
  ['鲁B7035学', '#f0b41e', '#111', 'coach'],
  ['沪22417领', '#111', '#fff', 'consulate'],
  ['224578使', '#111', '#fff', 'embassy'],
  ['浙B48213D', '#5fc98a', '#111', 'new-energy-large'],
])('a drawn %s is read from a crop', async (text, ground, ink, kind) => {
  const { reads } = await reader.crop(await drawCrop(text, ground, ink));
  expect(reads).toMatchObject([{ text, kind, band: 'accept' }]);
});

test('a two-line plate is read in one', async () => {
  const { reads } = await reader.crop(await drawStackedCrop('鲁H3P68Z', 160));
  expect(reads).toMatchObject([{ text: '鲁H3P68Z', band: 'accept' }]);
});

test('text that is no plate gives no read; the grammar is what keeps it out', async () => {
  const words = ['欢迎光临停车场', 'PARKING24H', 'TEL05137788'];
  const signs = words.map((text, i) => ({ ...BLUE, text, left: 100 + 280 * i, width: 200 }));
  const picture = await drawScene(960, 540, signs);
  expect((await reader.plates(picture)).reads).toEqual([]);
  const all = await reader.plates(picture, { rejected: true });
  expect(all.reads.length).toBeGreaterThan(0);
  expect(all.reads.every((r) => r.band === 'reject')).toBe(true);
});

test('an empty street and a one-pixel picture give no read; wrong lengths are refused', async () => {
  expect((await reader.plates(await drawScene(640, 360, []))).reads).toEqual([]);
  expect((await reader.plates({ width: 1, height: 1, rgb: new Uint8Array(3) })).reads).toEqual([]);
  await expect(reader.plates({ width: 640, height: 360, rgb: new Uint8Array(100) })).rejects.toThrow(
    /640 × 360 .* 100 bytes/,
  );
});

test('evidence is a cut to the plate, and one to the vehicle that leaves out the other vehicle', async () => {
  const { reads } = await reader.plates(scene);
  const corners = reads.find((r) => r.text === BLUE.text)!.corners;
  const [plate, around] = await cutEvidence(scene, corners);
  expect([plate.what, around.what]).toEqual(['plate', 'vehicle']);
  expect((await reader.crop(await loadPicture(plate.bytes))).reads[0]!.text).toBe(BLUE.text);
  const cut = await loadPicture(around.bytes);
  expect(cut.width).toBeLessThan(600);
  expect((await reader.plates(cut)).reads.map((r) => r.text)).toEqual([BLUE.text]);
});

test('the digests of the models in use are known', () => {
  expect(reader.sha256s).toHaveLength(3);
  for (const s of reader.sha256s) expect(s).toMatch(/^[0-9a-f]{64}$/);
});
