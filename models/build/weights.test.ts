/** Weight files of every stored type, files that do not fit their list, and graphs with operators nobody converts. */
import { expect, test } from 'vitest';
import { convertGraphModel, type GraphModel } from './graph-model.ts';
import { readWeights, toDepthwise, toOihw, type WeightGroup } from './weights.ts';

const list: WeightGroup[] = [
  {
    weights: [
      { name: 'plain', shape: [2], dtype: 'float32' },
      { name: 'byte', shape: [2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
      { name: 'word', shape: [], dtype: 'float32', quantization: { dtype: 'uint16', scale: 2, min: 1 } },
    ],
  },
  {
    weights: [
      { name: 'half', shape: [1], dtype: 'float32', quantization: { dtype: 'float16' } },
      { name: 'whole', shape: [1, 2], dtype: 'int32' },
    ],
  },
];
// 1.5 and -2 as float32; 0 and 255; 1000; -0.5 as float16; 7 and -1 as int32; all little-endian.
const file = Buffer.from('0000c03f' + '000000c0' + '00ff' + 'e803' + '00b8' + '07000000' + 'ffffffff', 'hex');

test('every stored type is read, one behind the other, over all groups', () => {
  const weights = readWeights(list, file);
  const values = ['plain', 'byte', 'word', 'half', 'whole'].map((name) => Array.from(weights.get(name).data, Number));
  expect(values).toEqual([[1.5, -2], [-1, 126.5], [2001], [-0.5], [7, -1]]);
  expect(weights.get('whole').dims).toEqual([1, 2]);
  expect(() => weights.get('other')).toThrow('no weight other');
});

test('a file that is cut short, too long, or of another type is refused', () => {
  expect(() => readWeights(list, file.subarray(0, -1))).toThrow('end within whole');
  expect(() => readWeights(list, Buffer.concat([file, file]))).toThrow('take 22 bytes, the file has 44');
  const odd = [{ weights: [{ name: 'odd', shape: [1], dtype: 'string' }] }];
  expect(() => readWeights(odd, file)).toThrow('odd is stored as string');
});

test('filters are turned from the order of TensorFlow to that of ONNX', () => {
  // [height 1, width 2, in 2, out 2]: the value says y x i o.
  const data = Float32Array.from([0, 1, 10, 11, 100, 101, 110, 111]);
  const filters = { dims: [1, 2, 2, 2], data };
  expect(toOihw(filters)).toEqual({ dims: [2, 2, 1, 2], data: Float32Array.from([0, 100, 10, 110, 1, 101, 11, 111]) });
  expect(toDepthwise(filters)).toEqual({
    dims: [4, 1, 1, 2],
    data: Float32Array.from([0, 100, 1, 101, 10, 110, 11, 111]),
  });
});

test('an operator that nobody converts is refused by name, but only where an output depends on it', () => {
  const size = { shape: { dim: ['1', '4', '4', '3'].map((s) => ({ size: s })) } };
  const model: GraphModel = {
    modelTopology: {
      node: [
        { name: 'input', op: 'Placeholder', attr: { shape: size } },
        { name: 'good', op: 'Relu', input: ['input'] },
        { name: 'gender', op: 'Softmax', input: ['good'] },
      ],
    },
  };
  const to = (node: string) => () =>
    convertGraphModel('net', model, readWeights([], Buffer.alloc(0)), { mean: 0, divisor: 1 }, [
      { node, name: 'out', dims: [1, 3, 4, 4] },
    ]);
  expect(to('good')().includes('gender')).toBe(false);
  expect(to('gender')).toThrow('operator Softmax of node gender');
});
