import { expect, test } from 'vitest';
import type { Quad } from '../../gateway/contracts/picture.ts';
import { loadModel, type ModelFile } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import { type PlateDrawing, drawScene, drawStackedCrop } from './drawn-plate.fixtures.ts';
import { findPlates, type PlateProposal, openPlateFinder } from './find.ts';

const finder = await openPlateFinder(loadModel('plate/find'));

const BLUE = { ground: '#1450a0', ink: '#f2f2f2' };
const plates: readonly PlateDrawing[] = [
  { text: '京A12345', left: 300, top: 500, width: 150, ...BLUE },
  { text: '沪AD12345', left: 900, top: 420, width: 90, ground: '#8fd08f', ink: '#111', turn: 6 },
  { text: '粤Z1234港', left: 1400, top: 560, width: 200, ground: '#151515', ink: '#f2f2f2' },
];

function cornersOf({ text, left, top, width, turn = 0 }: PlateDrawing): Quad {
  const height = (width * 140) / ([...text].length === 8 ? 480 : 440);
  const a = (turn * Math.PI) / 180;
  const corner = (u: number, v: number) => {
    const [dx, dy] = [(u * width) / 2, (v * height) / 2];
    const [x, y] = [left + width / 2, top + height / 2];
    return [x + dx * Math.cos(a) - dy * Math.sin(a), y + dx * Math.sin(a) + dy * Math.cos(a)] as const;
  };
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

/** The worst corner, as a share of the width. */
function errorOf(found: PlateProposal, expected: Quad): number {
  const width = expected[1][0] - expected[0][0];
  return (
    Math.max(...expected.map(([x, y], i) => Math.hypot(found.corners[i]![0] - x, found.corners[i]![1] - y))) / width
  );
}

function nearest(found: readonly PlateProposal[], expected: Quad): PlateProposal {
  return found.toSorted((a, b) => errorOf(a, expected) - errorOf(b, expected))[0]!;
}

function empty(width: number, height: number, tone = 120): Raster {
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(tone) };
}

/** Lays a small picture onto a large one. */
function paste(onto: Raster, small: Raster, left: number, top: number): void {
  for (let y = 0; y < small.height; y++) {
    const row = small.rgb.subarray(y * small.width * 3, (y + 1) * small.width * 3);
    onto.rgb.set(row, ((top + y) * onto.width + left) * 3);
  }
}

test('finds the plates of a frame, their corners in its pixels, the most probable first', async () => {
  const found = await findPlates(finder, await drawScene(1920, 1080, plates));
  expect(found.length).toBeGreaterThanOrEqual(plates.length);
  for (const plate of plates) {
    const one = nearest(found, cornersOf(plate));
    expect(errorOf(one, cornersOf(plate)), plate.text).toBeLessThan(0.06);
    expect([one.lines, one.probability > 0.5], plate.text).toEqual([1, true]);
  }
  const sure = found.map((f) => f.probability);
  expect(sure).toEqual(sure.toSorted((a, b) => b - a));
});

test('says of a plate with two lines that it has two', async () => {
  const scene = await drawScene(1280, 720, []);
  paste(scene, await drawStackedCrop('京A12345', 140), 560, 400);
  const [first] = await findPlates(finder, scene);
  expect(first).toMatchObject({ lines: 2 });
  const expected: Quad = [[560, 400], [700, 400], [700, 470], [560, 470]]; // prettier-ignore
  expect(errorOf(first!, expected)).toBeLessThan(0.08);
});

test('a street without plates has none', async () => {
  expect(await findPlates(finder, await drawScene(1920, 1080, []))).toEqual([]);
  expect(await findPlates(finder, empty(640, 480))).toEqual([]);
});

test('inside a box only: corners still count from the picture, and a far plate has more pixels', async () => {
  const far: PlateDrawing = { text: '京A12345', left: 1500, top: 800, width: 30, ...BLUE };
  const scene = await drawScene(2560, 1440, [far]);
  const box = { left: 1200, top: 600, width: 640, height: 480 };
  // Of 30 pixels 7 are left on the canvas for the whole frame.
  expect((await findPlates(finder, scene)).filter((f) => f.probability > 0.5)).toEqual([]);
  const [first] = await findPlates(finder, scene, { box });
  expect(errorOf(first!, cornersOf(far))).toBeLessThan(0.1);
  expect(first!.probability).toBeGreaterThan(0.5);
  expect(await findPlates(finder, scene, { box: { ...box, left: 200 } })).toEqual([]);
});

test('in parts only: the same plates with the same corners, and nothing of what lies outside', async () => {
  const scene = await drawScene(1920, 1080, plates);
  const whole = await findPlates(finder, scene);
  expect(whole).toHaveLength(plates.length);
  for (const [i, drawn] of plates.entries()) {
    const part = {
      left: drawn.left - 90,
      top: drawn.top - 80,
      width: drawn.width + 180,
      height: drawn.width / 3 + 160,
    };
    const same = whole.find((f) => errorOf(f, cornersOf(drawn)) < 0.2)!;
    const [found, ...more] = await findPlates(finder, scene, { parts: [part] });
    expect(more, `plate ${i}`).toEqual([]);
    expect(errorOf(found!, same.corners)).toBeLessThan(0.05);
    expect(found!.probability).toBeGreaterThan(same.probability - 0.1);
  }
  expect(await findPlates(finder, scene, { parts: [{ left: 3000, top: 0, width: 50, height: 50 }] })).toEqual([]);
  expect(await findPlates(finder, scene, { parts: [] })).toEqual([]);
});

test('at most twelve, one per place', async () => {
  const many = Array.from({ length: 20 }, (_, i): PlateDrawing => {
    return { text: '京A12345', left: 60 + 370 * (i % 5), top: 160 + 240 * Math.floor(i / 5), width: 130, ...BLUE };
  });
  const found = await findPlates(finder, await drawScene(1920, 1080, many));
  expect(found.length).toBe(12);
  const places = found.map((f) => many.findIndex((p) => errorOf(f, cornersOf(p)) < 0.2));
  expect(new Set(places).size).toBe(12);
  expect(places).not.toContain(-1);
});

test.each([[1, 1], [3, 200], [5000, 2], [17, 33], [640, 368]])('takes a picture of %i × %i pixels', async (w, h) => {
  for (const one of await findPlates(finder, empty(w, h, 200))) expect(one.corners.flat().every(Number.isFinite)).toBe(true);
}); // prettier-ignore

test('frames of other sizes in turn leave nothing behind on the canvas', async () => {
  const scene = await drawScene(1920, 1080, plates);
  const before = await findPlates(finder, scene);
  await findPlates(finder, empty(1080, 1920, 255));
  await findPlates(finder, await drawScene(1910, 1080, plates.slice(0, 1)));
  expect(await findPlates(finder, scene)).toEqual(before);
});

test('a file that is no plate finder is refused by name: damaged, another input, another answer', async () => {
  const posing = (model: ModelFile): ModelFile => ({ ...model, name: 'plate/find' });
  const own = loadModel('plate/find');
  await expect(openPlateFinder({ ...own, bytes: own.bytes.subarray(0, 5000) })).rejects.toThrow(
    /plate\/find cannot be opened/,
  );
  await expect(openPlateFinder(posing(loadModel('plate/read')))).rejects.toThrow(
    /plate\/find .*\[1, 3, 64, 64\].*\[1, 10, 8, 8\]/,
  );
  // The text detector takes the same input; only the shape of its answer gives it away.
  const text = openPlateFinder(posing(loadModel('plate/detect')));
  await expect(text).rejects.toThrow(
    /plate\/find answers with \[1, 1, 64, 64\].*a plate finder answers with \[1, 10, 8, 8\]/,
  );
});
