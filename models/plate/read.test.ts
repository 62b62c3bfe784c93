import { beforeAll, expect, test } from 'vitest';
import type { PlateColour, PlateKind } from '../../gateway/contracts/plate.ts';
import type { Quad } from '../../gateway/contracts/picture.ts';
import { loadModel } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import { drawCrop, type PlateDrawing, drawScene, drawStackedCrop } from './drawn-plate.fixtures.ts';
import { openStripReader, readAll, type StripReader, type PlateShape } from './read.ts';

const [BLUE, YELLOW, WHITE, BLACK] = ['#1b49b5', '#f0b41e', '#f4f4f4', '#111'] as const;

let reader: StripReader;
/** How many windows each run of the network had. */
let runs: number[] = [];
beforeAll(async () => {
  const opened = await openStripReader(loadModel('plate/read'), loadModel('plate/dictionary'));
  const { session } = opened;
  reader = { ...opened, session: { runOne: (input, dims) => (runs.push(dims[0]!), session.runOne(input, dims)) } };
});

const rectangle = (x: number, y: number, width: number, height: number): Quad => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];

function whole({ width, height }: Raster): PlateShape {
  return { corners: rectangle(0, 0, width, height), lines: 'either', edge: 'cut' };
}

async function readOne(picture: Raster, shape: PlateShape = whole(picture)) {
  runs = [];
  const reads = await readAll(reader, picture, [shape]);
  expect(reads).toHaveLength(1);
  return reads[0]!;
}

test.each<[string, string, string, PlateKind, PlateColour]>([
  ['皖A12345', BLUE, WHITE, 'standard', 'blue'],
  ['晋K7081B', YELLOW, BLACK, 'standard', 'yellow'],
  ['京A4821警', WHITE, BLACK, 'police', 'unknown'],
  ['鲁B7035学', YELLOW, BLACK, 'coach', 'yellow'],
  ['粤Z59F7港', BLACK, WHITE, 'hong-kong', 'unknown'],
  ['粤ZM83C澳', BLACK, WHITE, 'macao', 'unknown'],
  ['沪22417领', BLACK, WHITE, 'consulate', 'unknown'],
  ['224578使', BLACK, WHITE, 'embassy', 'unknown'],
  ['使014532', BLACK, WHITE, 'embassy', 'unknown'],
  ['粤BD12345', '#5fc98a', BLACK, 'new-energy-small', 'green'],
  ['浙B48213D', '#5fc98a', BLACK, 'new-energy-large', 'green'],
  ['WJ京12345', WHITE, BLACK, 'armed-police', 'unknown'],
])('%s on %s is accepted as what it is, from one window', async (text, ground, ink, kind, colour) => {
  const read = await readOne(await drawCrop(text, ground, ink));
  // White and black crops hold no coloured pixel, so whether the camera sees colours cannot be told.
  expect(read).toMatchObject({ text, kind, colour, lines: 1, band: 'accept' });
  expect(runs).toEqual([1]);
  expect(read.characters).toHaveLength(text.length);
  for (const p of read.characters) expect(p).toBeGreaterThan(0.95);
});

test.each([
  ['鲁H3P68Z', YELLOW, BLACK, 'lorry', 'standard', 'yellow'],
  ['冀C820M挂', YELLOW, BLACK, 'lorry', 'trailer', 'yellow'],
  ['湘B4K172', YELLOW, BLACK, 'motorcycle', 'standard', 'yellow'],
  ['浙J9053T', BLUE, WHITE, 'motorcycle', 'standard', 'blue'],
] as const)('two lines: %s', async (text, ground, ink, shape, kind, colour) => {
  const picture = await drawStackedCrop(text, 150, { ground, ink, shape });
  expect(await readOne(picture)).toMatchObject({ text, kind, colour, lines: 2, band: 'accept' });
  expect(await readOne(picture, { ...whole(picture), lines: 2 })).toMatchObject({ text, lines: 2, band: 'accept' });
});

const PLATES: readonly PlateDrawing[] = ['苏B7K29M', '浙C80L51', '川A3P862', '京N0P9Z8', '冀D47R05'].map((text, i) => ({
  text,
  left: 60 + 240 * (i % 3),
  top: 180 + 200 * Math.floor(i / 3),
  width: 100 + 12 * i,
  ground: BLUE,
  ink: '#fff',
}));
const shapeOf = ({ left, top, width }: PlateDrawing, off = 0): PlateShape => ({
  corners: rectangle(left + off, top - off, width, (width * 140) / 440),
  lines: 1,
  edge: 'found',
});

test('plates of one picture are read in batches; each answer is the one the plate gets alone, in the order asked', async () => {
  const scene = await drawScene(800, 480, PLATES);
  const order = [3, 0, 4, 1, 2].map((i) => PLATES[i]!);
  runs = [];
  const reads = await readAll(
    reader,
    scene,
    order.map((p) => shapeOf(p)),
  );
  expect(runs).toEqual([4, 1]);
  expect(reads.map((r) => r.text)).toEqual(order.map((p) => p.text));
  for (const [i, plate] of order.entries()) {
    const alone = await readOne(scene, shapeOf(plate));
    expect(reads[i]!.probability).toBeCloseTo(alone.probability, 4);
    expect(reads[i]!.corners).toEqual(shapeOf(plate).corners);
  }
  expect(await readAll(reader, scene, [])).toEqual([]);
});

test('corners that are a few per cent off, and a plate seen from the side, are read all the same', async () => {
  const scene = await drawScene(800, 480, [PLATES[4]!]);
  for (const off of [-4, 4]) expect(await readOne(scene, shapeOf(PLATES[4]!, off))).toMatchObject({ text: '冀D47R05' });
  const crop = await drawCrop('冀D47R05', BLUE, WHITE, 240);
  const leaning: Quad = [
    [40, 30],
    [170, 10],
    [165, 62],
    [45, 70],
  ];
  const read = await readOne(sheared(crop, leaning), { corners: leaning, lines: 1, edge: 'found' });
  expect(read).toMatchObject({ text: '冀D47R05', band: 'accept', colour: 'blue' });
});

/** The crop laid into the quadrilateral of a grey picture, by two triangles' worth of bilinear interpolation of the corners. */
function sheared(crop: Raster, [a, b, c, d]: Quad): Raster {
  const [width, height] = [220, 100];
  const rgb = new Uint8Array(width * height * 3).fill(120);
  const fine = 4;
  for (let j = 0; j < crop.height * fine; j++) {
    for (let i = 0; i < crop.width * fine; i++) {
      const [u, v] = [i / (crop.width * fine), j / (crop.height * fine)];
      const at = (k: 0 | 1) => (1 - v) * ((1 - u) * a[k] + u * b[k]) + v * ((1 - u) * d[k] + u * c[k]);
      const from = (Math.floor(j / fine) * crop.width + Math.floor(i / fine)) * 3;
      rgb.set(crop.rgb.subarray(from, from + 3), (Math.floor(at(1)) * width + Math.floor(at(0))) * 3);
    }
  }
  return { width, height, rgb };
}

/** A box blur of `px` pixels along the lines: what a moving vehicle's picture looks like. */
function smear({ width, height, rgb }: Raster, px: number): Raster {
  const out = rgb.map((_, i) => {
    const x = Math.floor(i / 3) % width;
    let [sum, n] = [0, 0];
    for (let d = -Math.floor(px / 2); d <= px / 2; d++) {
      if (x + d < 0 || x + d >= width) continue;
      sum += rgb[i + 3 * d]!;
      n++;
    }
    return sum / n;
  });
  return { width, height, rgb: out };
}

test('the more a picture is blurred, the less sharp and the less probable; doubt costs further windows, and in the end it is rejected', async () => {
  const crop = await drawCrop('皖A58306', BLUE, WHITE, 160);
  const blurred = async (px: number) => {
    const read = await readOne(px === 0 ? crop : smear(crop, px));
    return { ...read, windows: runs.reduce((a, b) => a + b, 0) };
  };
  const clear = await blurred(0);
  const soft = await blurred(12);
  const gone = await blurred(24);
  expect(clear.sharpness).toBeGreaterThan(1.5 * soft.sharpness);
  expect(soft.sharpness).toBeGreaterThan(1.5 * gone.sharpness);
  expect(clear.probability).toBeGreaterThan(soft.probability);
  expect(soft.probability).toBeGreaterThan(gone.probability);
  expect([clear.windows, soft.windows > 1, gone.band]).toEqual([1, true, 'reject']);
});

test('what is no plate is rejected, and costs no further windows', async () => {
  const scene = await drawScene(800, 480, []);
  expect(await readOne(scene, shapeOf(PLATES[0]!))).toMatchObject({ band: 'reject', sharpness: 0 });
  expect(runs).toEqual([1]);
  for (const text of ['欢迎光临停车场', 'PARKING24H', 'TEL05137788']) {
    const { band } = await readOne(await drawCrop(text, BLUE, WHITE));
    expect(band).toBe('reject');
  }
});

test('corners without area, beyond the picture or without numbers give a rejected read', async () => {
  const scene = await drawScene(320, 200, []);
  const point: Quad = [
    [9, 9],
    [9, 9],
    [9, 9],
    [9, 9],
  ];
  for (const corners of [point, rectangle(-5e3, 9e3, 200, 60), rectangle(NaN, 0, NaN, 1), rectangle(9, 9, -80, -30)]) {
    for (const lines of [1, 2, 'either'] as const) {
      const read = await readOne(scene, { corners, lines, edge: 'found' });
      expect(read.band).toBe('reject');
      expect(read.probability).toBeGreaterThanOrEqual(0);
    }
  }
});

test('a far plate of a stream is read from one window, however doubtful', async () => {
  const far = await drawCrop('皖A58306', BLUE, WHITE, 36);
  await readOne(far);
  expect(runs.reduce((a, b) => a + b, 0)).toBeGreaterThan(1);
  await readOne(far, { ...whole(far), stream: true });
  expect(runs).toEqual([1]);
});
