/** Reads the weight files of TensorFlow.js: a list of names and shapes, and one file with the numbers in that order. */
import type { Tensor } from './onnx.ts';

/** One group of `weightsManifest`, as tfjs writes it. */
export interface WeightGroup {
  readonly weights: readonly WeightEntry[];
}

interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Stored smaller: the value is `stored × scale + min`; float16 has neither. */
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

export type Weights = ReturnType<typeof readWeights>;

interface Stored {
  readonly bytes: number;
  read(view: DataView, at: number): number;
}

/** How one number of each stored type is read; tfjs writes little-endian. */
const STORED: Readonly<Record<string, Stored>> = {
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  float16: { bytes: 2, read: (view, at) => view.getFloat16(at, true) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/** Throws when the numbers do not fill the file exactly: then list and file do not belong together. */
export function readWeights(groups: readonly WeightGroup[], file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tensors = new Map<string, Tensor>();
  let at = 0;
  for (const entry of groups.flatMap((g) => g.weights)) {
    const stored = entry.quantization?.dtype ?? entry.dtype;
    const type = STORED[stored];
    if (type === undefined)
      throw new Error(`weight ${entry.name} is stored as ${stored}, which this reader does not know`);
    const length = entry.shape.reduce((a, b) => a * b, 1);
    if (at + length * type.bytes > file.length) throw new Error(`the weights end within ${entry.name}`);
    tensors.set(entry.name, {
      dims: entry.shape,
      data: numbers(entry, length, (i) => type.read(view, at + i * type.bytes)),
    });
    at += length * type.bytes;
  }
  if (at !== file.length) throw new Error(`the weights take ${at} bytes, the file has ${file.length}`);
  return {
    /** Throws, naming it, when the net has no such weight. */
    get(name: string): Tensor {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`the net has no weight ${name}`);
      return tensor;
    },
  };
}

function numbers({ dtype, quantization }: WeightEntry, length: number, read: (i: number) => number): Tensor['data'] {
  const { scale = 1, min = 0 } = quantization ?? {};
  const data = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = read(i) * scale + min;
  return data;
}

/** Filters of a convolution: TensorFlow keeps [height, width, in, out], ONNX [out, in, height, width]. */
export function toOihw(filters: Tensor): Tensor {
  return transpose(filters, [3, 2, 0, 1]);
}

/** Filters of a depthwise convolution: [height, width, channels, multiplier] becomes [channels × multiplier, 1, height, width]. */
export function toDepthwise(filters: Tensor): Tensor {
  const { dims, data } = transpose(filters, [2, 3, 0, 1]);
  const [channels, multiplier, height, width] = dims as [number, number, number, number];
  return { dims: [channels * multiplier, 1, height, width], data };
}

/** Four dimensions in another order: dimension `i` of the answer is dimension `order[i]` of the tensor. */
function transpose({ dims, data }: Tensor, order: readonly [number, number, number, number]): Tensor {
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((a, b) => a * b, 1));
  const [a, b, c, d] = order.map((i) => dims[i]!) as [number, number, number, number];
  const [sa, sb, sc, sd] = order.map((i) => strides[i]!) as [number, number, number, number];
  const moved = new Float32Array(data.length);
  let to = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++)
        for (let l = 0; l < d; l++) moved[to++] = Number(data[i * sa + j * sb + k * sc + l * sd]);
  return { dims: [a, b, c, d], data: moved };
}
