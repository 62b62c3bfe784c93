/** Graphs with the inputs and outputs of YuNet and SFace, and answers that can be worked out by hand: the real files are fetched. */
import { beforeAll, expect, test } from 'vitest';
import { newGraph } from '../build/onnx.ts';
import type { ModelFile, ModelName } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import type { FaceChain } from './chain.ts';
import { ARCFACE_TEMPLATE } from './geometry.ts';
import { openOpencv } from './opencv.ts';
import { openWorkspace } from './workspace.ts';

const FIELD = 640;

/** The writer declares uint8 inputs (TensorProto.DataType 2); YuNet and SFace take float32 (1). */
function withFloatInput(bytes: Buffer, input: string): Buffer {
  const name = Buffer.concat([Buffer.of(0x0a, input.length), Buffer.from(input), Buffer.of(0x12)]);
  const at = bytes.indexOf(Buffer.of(0x08, 2), bytes.lastIndexOf(name));
  bytes[at + 1] = 1;
  return bytes;
}

function file(name: ModelName, bytes: Buffer): ModelFile {
  return { name, sha256: name.padEnd(64, '0'), bytes };
}

/** One face by the cell of stride 16 in column 20, row 12, its score that of the picture's blue, and a doubtful one of stride 8. */
function yunet(): ModelFile {
  const graph = newGraph('yunet');
  const input = graph.input('input', [1, 3, FIELD, FIELD]);
  const mean = graph.node('GlobalAveragePool', [input]);
  const scale = graph.constant({ dims: [1], data: Float32Array.of(1 / 255) });
  const weights = graph.constant({ dims: [3, 1], data: Float32Array.of(1, 0, 0) });
  const blue = graph.node('Mul', [graph.node('MatMul', [graph.node('Flatten', [mean]), weights]), scale]);
  for (const stride of [8, 16, 32]) {
    const columns = FIELD / stride;
    const cells = columns ** 2;
    const out = (name: string, width: number, fill: (cell: Float32Array, value: number) => void, by?: string) => {
      const data = new Float32Array(cells * width);
      const at = 12 * columns + 20;
      fill(data.subarray(at * width, (at + 1) * width), stride);
      const constant = graph.constant({ dims: [1, cells, width], data });
      const value = `${name}_${stride}`;
      graph.node(by ? 'Mul' : 'Identity', by ? [constant, by] : [constant], {}, value);
      graph.output(value, [1, cells, width]);
    };
    out('cls', 1, (c) => c.set([stride === 16 ? 1 : stride === 8 ? 0.5 : 0]), stride === 16 ? blue : undefined);
    out('obj', 1, (c) => c.set([stride === 16 ? 1 : 0.5]));
    out('bbox', 4, (c) => c.set([0.5, 0.25, Math.log(4), Math.log(5)]));
    out('kps', 10, (c) => c.set(ARCFACE_TEMPLATE.flatMap(([x, y]) => [x / stride, y / stride])));
  }
  return file('face/opencv-detect', withFloatInput(graph.bytes(), 'input'));
}

/** The template is the mean red, green and blue of the chip. */
function sface(): ModelFile {
  const graph = newGraph('sface');
  const input = graph.input('data', [1, 3, 112, 112]);
  const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [input])]);
  const data = new Float32Array(3 * 128);
  for (let i = 0; i < 3; i++) data[i * 128 + i] = 1;
  graph.node('MatMul', [flat, graph.constant({ dims: [3, 128], data })], {}, 'fc1');
  graph.output('fc1', [1, 128]);
  return file('face/opencv-embed', withFloatInput(graph.bytes(), 'data'));
}

function plain(width: number, height: number, colour: readonly [number, number, number]): Raster {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i += 3) rgb.set(colour, i);
  return { width, height, rgb };
}

let chain: FaceChain;
beforeAll(async () => {
  chain = await openOpencv({ detect: yunet(), embed: sface() });
});

test('boxes and points come from cell, stride and scale; the score is the root of class times object', async () => {
  const workspace = openWorkspace();
  const found = await chain.detect(plain(1280, 1280, [0, 0, 204]), workspace);
  expect(found).toHaveLength(1);
  const [face] = found;
  // Cell (20, 12) of stride 16, in a picture twice the size of the field.
  expect(face!.width).toBeCloseTo(4 * 32, 3);
  expect(face!.height).toBeCloseTo(5 * 32, 3);
  expect(face!.left).toBeCloseTo(20.5 * 32 - 64, 3);
  expect(face!.top).toBeCloseTo(12.25 * 32 - 80, 3);
  expect(face!.score).toBeCloseTo(Math.sqrt(0.8), 4);
  const points = await chain.points(plain(1280, 1280, [0, 0, 0]), face!, workspace);
  for (const [i, [x, y]] of ARCFACE_TEMPLATE.entries()) {
    expect(points[i]![0]).toBeCloseTo(20 * 32 + 2 * x, 2);
    expect(points[i]![1]).toBeCloseTo(12 * 32 + 2 * y, 2);
  }
});

test('YuNet is given blue first: the red of a picture finds no face, nor does less than 0.6', async () => {
  expect(await chain.detect(plain(640, 640, [204, 0, 0]), openWorkspace())).toEqual([]);
  expect(await chain.detect(plain(640, 640, [0, 0, 91]), openWorkspace())).toEqual([]);
  expect(await chain.detect(plain(640, 640, [0, 0, 93]), openWorkspace())).toHaveLength(1);
});

test('SFace is given red first, 0 to 255, and templates are compared by their cosine', async () => {
  const workspace = openWorkspace();
  const embed = (colour: readonly [number, number, number]) =>
    chain.embed(plain(200, 200, colour), ARCFACE_TEMPLATE, workspace);
  const [red, bright, green] = [await embed([100, 0, 0]), await embed([200, 0, 0]), await embed([60, 80, 0])];
  expect([...red.subarray(0, 3)]).toEqual([100, 0, 0]);
  expect(chain.similarity(red, bright)).toBeCloseTo(1, 6);
  expect(chain.similarity(red, green)).toBeCloseTo(0.6, 6);
  expect(chain.threshold).toBe(0.363);
  expect(chain.models).toHaveLength(2);
  workspace.wipe();
  expect(red.every((v) => v === 0)).toBe(true);
});

test('a detector with other outputs is refused by name', async () => {
  const graph = newGraph('other');
  const input = graph.input('input', [1, 3, FIELD, FIELD]);
  graph.node('GlobalAveragePool', [input], {}, 'boxes');
  graph.output('boxes', [1, 3, 1, 1]);
  const detect = file('face/opencv-detect', withFloatInput(graph.bytes(), 'input'));
  const other = await openOpencv({ detect, embed: sface() });
  await expect(other.detect(plain(64, 64, [0, 0, 0]), openWorkspace())).rejects.toThrow(/no output "cls_8"; expected/);
});
