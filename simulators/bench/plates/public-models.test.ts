/** Graphs with the shapes of the public models, and answers that can be worked out by hand: the real files are not in this project. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { newGraph } from '../../../models/build/onnx.ts';
import type { Raster } from '../../../models/raster.ts';
import type { Contender } from './contender.ts';
import { openPublicModels } from './public-models.ts';
import { UsageError } from '../usage.ts';

let folder: string;
beforeAll(() => {
  folder = tempFolder();
});

/** The writer declares uint8 inputs (TensorProto.DataType 2); these models take float32 (1). */
function write(name: string, bytes: Buffer, input = 'images'): string {
  const value = Buffer.concat([Buffer.of(0x0a, input.length), Buffer.from(input), Buffer.of(0x12)]);
  bytes[bytes.indexOf(Buffer.of(0x08, 2), bytes.lastIndexOf(value)) + 1] = 1;
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

/**
 * One column of colour is one step: blue writes `letters[0]`, green the next, red the last, black nothing. Colours are told apart by the
 * model's own scale: `white` and `black` are what 255 and 0 become.
 */
function reader(file: string, spec: { dims: number[]; cell: number[]; at: number[]; blank: number; inner: string }) {
  const [steps, classes] = [spec.inner === 'class' ? spec.dims[0]! : spec.dims[1]!, spec.inner === 'class' ? 78 : 68];
  const graph = newGraph('reader');
  const input = graph.input('images', ['N', 3, ...(spec.inner === 'class' ? [48, 168] : [24, 94])]);
  const means = graph.node('AveragePool', [input], { kernel_shape: spec.cell, strides: spec.cell });
  const axis = graph.constant({ dims: [1], data: BigInt64Array.of(2n) });
  const columns = graph.node('Squeeze', [means, axis]);
  const weights = new Float32Array(classes * 3);
  for (const [channel, letter] of spec.at.entries()) weights[letter * 3 + channel] = 1;
  const scores = graph.node('MatMul', [graph.constant({ dims: [classes, 3], data: weights }), columns]);
  const blank = new Float32Array(classes).fill(-9);
  for (const letter of spec.at) blank[letter] = 0;
  // A colour at half its strength writes nothing.
  blank[spec.blank] = spec.inner === 'class' ? (0.6 - 0.588) / 0.193 : (0.6 * 255 - 127.5) / 128;
  const read = graph.node('Add', [scores, graph.constant({ dims: [classes, 1], data: blank })]);
  const out = spec.inner === 'class' ? graph.node('Transpose', [read], { perm: [0, 2, 1] }) : read;
  graph.output(graph.node('Identity', [out], {}, 'text'), [
    'N',
    ...(spec.inner === 'class' ? [steps, classes] : [classes, steps]),
  ]);
  return write(file, graph.bytes());
}

// 京, A, 1 of each alphabet for blue, green, red.
const plateRec = () => reader('rec.onnx', { dims: [21, 78], cell: [48, 8], at: [1, 52, 43], blank: 0, inner: 'class' });
const lprnet = () =>
  reader('lprnet.onnx', { dims: [68, 18], cell: [24, 5], at: [0, 41, 32], blank: 67, inner: 'step' });

/** Three plates of which one lies over another and one is nothing; how sure it is of the first is the picture's mean red. */
function yolo(): string {
  const rows = new Float32Array(25_200 * 15);
  const row = (i: number, ...values: readonly number[]): void => rows.set(values, i * 15);
  // Corners stand in another order than a reader's.
  const corners = (x: number, y: number, w: number, h: number) => [x + w, y + h, x, y + h, x, y, x + w, y];
  row(7, 120, 190, 120, 60, 1, ...corners(60, 160, 120, 60), 0.1, 0.9);
  row(8, 122, 191, 120, 60, 0.9, ...corners(62, 161, 120, 60), 0.1, 0.8);
  row(9, 420, 400, 160, 50, 1, ...corners(340, 375, 160, 50), 0.95, 0);
  row(10, 100, 500, 160, 50, 0.2, ...corners(20, 475, 160, 50), 0.95, 0);
  const graph = newGraph('yolo');
  const input = graph.input('images', [1, 3, 640, 640]);
  const mean = graph.node('Flatten', [graph.node('GlobalAveragePool', [input])]);
  const red = graph.node('MatMul', [mean, graph.constant({ dims: [3, 1], data: Float32Array.of(1, 0, 0) })]);
  const factor = new Float32Array(15);
  factor[4] = 1;
  const dim = graph.node('Mul', [red, graph.constant({ dims: [15], data: factor })]);
  const others = graph.constant({ dims: [15], data: Float32Array.from(factor, (f) => 1 - f) });
  const all = graph.node('Mul', [
    graph.constant({ dims: [1, 25_200, 15], data: rows }),
    graph.node('Add', [dim, others]),
  ]);
  graph.output(graph.node('Identity', [all], {}, 'output'), [1, 25_200, 15]);
  return write('yolo.onnx', graph.bytes());
}

type Colour = readonly [number, number, number];
const [RED, GREEN, BLUE, BLACK, PALE]: Colour[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [0, 0, 0],
  [255, 200, 200],
];
const LETTERS: Readonly<Record<string, Colour>> = { 京: BLUE!, A: GREEN!, '1': RED!, ' ': BLACK! };

function plain(width: number, height: number, colour: Colour): Raster {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i += 3) rgb.set(colour, i);
  return { width, height, rgb };
}

/** Columns of colour, as many pixels wide as `place` has room for. */
function paint(picture: Raster, columns: string, place: { left: number; top: number; width: number; height: number }) {
  const letters = [...columns];
  for (let y = place.top; y < place.top + place.height; y++)
    for (let x = 0; x < place.width; x++) {
      const letter = letters[Math.floor((x * letters.length) / place.width)]!;
      picture.rgb.set(LETTERS[letter]!, (y * picture.width + place.left + x) * 3);
    }
  return picture;
}

function strip(columns: string, width: number, height: number): Raster {
  return paint(plain(width, height, BLACK!), columns, { left: 0, top: 0, width, height });
}

const readCrop = async (contender: Contender | undefined, raster: Raster): Promise<readonly string[]> =>
  (await contender!.crop!({ file: '', raster })).texts;
const warned: string[] = [];
const open = (files: Parameters<typeof openPublicModels>[0]) => openPublicModels(files, (text) => warned.push(text));

describe('readers', () => {
  it.each([
    ['plate-rec', plateRec, 21, 'plate_rec_color'],
    ['lprnet', lprnet, 18, 'LPRNet'],
  ] as const)(
    '%s: blue, green, red are channels 0, 1, 2 in its own scale; repeats and blanks go',
    async (option, file, steps, name) => {
      const [contender, ...others] = await open({ [option]: file() });
      expect([contender!.name, contender!.frame, others]).toEqual([name, undefined, []]);
      const text = '京京AA1 1 1 11'.padEnd(steps);
      // LPRNet's columns are five pixels wide and leave four over.
      const raster = option === 'lprnet' ? strip(`${text}`, 90, 24) : strip(text, 168, 48);
      const whole =
        option === 'lprnet' ? paint(plain(94, 24, BLACK!), text, { left: 0, top: 0, width: 90, height: 24 }) : raster;
      expect(await readCrop(contender, whole)).toEqual(['京A1111']);
      expect(await readCrop(contender, plain(168, 48, [150, 150, 150]))).toEqual(['']);
    },
  );

  it('a crop half as high as wide is read as two lines, the upper one first', async () => {
    const [contender] = await open({ 'plate-rec': plateRec() });
    const two = plain(168, 84, BLACK!);
    paint(two, '京A    ', { left: 0, top: 0, width: 168, height: 28 });
    paint(two, '1 1 1 ', { left: 0, top: 35, width: 168, height: 49 });
    expect(await readCrop(contender, two)).toEqual(['京A111']);
  });
});

describe('detector', () => {
  it('red first in 0..1, boxes of the field lead back to the picture, one read for each plate', async () => {
    const [contender] = await open({ yolo: yolo(), 'plate-rec': plateRec() });
    // 960 × 640 lies in the field from row 106 on, at two thirds.
    const picture = plain(960, 640, PALE!);
    const inPicture = (x: number, y: number, width: number, height: number) => ({
      left: Math.round(x * 1.5),
      top: Math.round((y - 106) * 1.5),
      width: width * 1.5,
      height: height * 1.5,
    });
    paint(picture, '京A    ', inPicture(60, 160, 120, 21));
    paint(picture, '1 1 1 ', inPicture(60, 184, 120, 36));
    paint(picture, '京 A 1 1 1 1 ', inPicture(340, 375, 160, 50));
    const { texts, detectMs, ms } = await contender!.frame!({ file: '', raster: picture });
    expect(texts).toEqual(['京A1111', '京A111']);
    expect(detectMs).toBeLessThanOrEqual(ms);
    // Turned to blue the same picture has no red: nothing is sure any more.
    const { rgb } = picture;
    for (let i = 0; i < rgb.length; i += 3) rgb[i] = 0;
    expect((await contender!.frame!({ file: '', raster: picture })).texts).toEqual([]);
  });
});

describe('files', () => {
  it('of another sha256 than the known one are run, with a warning that names both', async () => {
    warned.length = 0;
    await open({ yolo: yolo(), 'plate-rec': plateRec(), lprnet: lprnet() });
    expect(warned).toEqual([
      expect.stringMatching(
        /^--plate-rec: sha256 [0-9a-f]{64}; the file known is 5ef7430a…423db7ef of .*plate_rec_color/,
      ),
      expect.stringMatching(/^--yolo: sha256 [0-9a-f]{64}; the file known is 337d1ccb…33fe164 of .*plate_detect/),
    ]);
  });

  it.each([
    [{ yolo: 'x.onnx' }, /--plate-rec names the file of its reader/],
    [{ lprnet: '/nowhere/x.onnx' }, /--lprnet \/nowhere\/x.onnx: cannot be read \(ENOENT\)/],
  ])('%j is refused', async (files, message) => {
    const refusal = await open(files).catch((e: unknown) => e);
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as Error).message).toMatch(message);
  });

  it('that are no model, or another one, are refused by name and shape', async () => {
    const text = join(folder, 'text.onnx');
    writeFileSync(text, 'not a model');
    await expect(open({ lprnet: text })).rejects.toThrow(/--lprnet .*text\.onnx: ONNX Runtime cannot read it/);
    await expect(open({ lprnet: plateRec() })).rejects.toThrow(
      /has tensors \[N,3,48,168\] -> \[N,21,78\]; expected \[N,3,24,94\] -> \[N,68,18\]/,
    );
    await expect(open({ yolo: lprnet(), 'plate-rec': plateRec() })).rejects.toThrow(UsageError);
  });
});
