/**
 * Writes ONNX model files. ONNX is Protocol Buffers; the few messages a feed-forward net needs are written by hand, with the field
 * numbers of onnx/onnx.proto. IR version 7, operator set 13. The same calls give the same bytes.
 */
import { field, float, number } from './protobuf.ts';

export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

/** The name of a node's output. */
export type ValueName = string;
/** The types of attributes that the operators used here have. */
export type Attributes = Readonly<Record<string, number | readonly number[] | string | { readonly float: number }>>;

export type Graph = ReturnType<typeof newGraph>;

/** TensorProto.DataType. */
export const FLOAT = 1;
const UINT8 = 2;
const INT32 = 6;
const INT64 = 7;

export function newGraph(name: string) {
  const nodes: Buffer[] = [];
  const constants: Buffer[] = [];
  const inputs: Buffer[] = [];
  const outputs: Buffer[] = [];
  return {
    /** Declares the one input, uint8. A dimension given by name is open. */
    input(value: string, dims: readonly (number | string)[]): ValueName {
      inputs.push(field(11, valueInfo(value, UINT8, dims)));
      return value;
    },
    constant(tensor: Tensor): ValueName {
      const value = `c${constants.length}`;
      constants.push(field(5, tensorProto(value, tensor)));
      return value;
    },
    /** Appends a node; `output` names what it puts out, for those that are outputs of the model. */
    node(
      operator: string,
      from: readonly ValueName[],
      attributes: Attributes = {},
      output = `t${nodes.length}`,
    ): ValueName {
      nodes.push(field(1, nodeProto(operator, from, attributes, output)));
      return output;
    },
    /** Declares an output, float32. */
    output(value: ValueName, dims: readonly (number | string)[]): void {
      outputs.push(field(12, valueInfo(value, FLOAT, dims)));
    },
    /** The whole file. */
    bytes(): Buffer {
      const graph = [...nodes, field(2, name), ...constants, ...inputs, ...outputs];
      const operatorSet = [field(1, ''), number(2, 13)];
      return Buffer.concat([number(1, 7), field(2, 'sitebox'), field(7, ...graph), field(8, ...operatorSet)]);
    },
  };
}

export function nodeProto(
  operator: string,
  inputs: readonly ValueName[],
  attributes: Attributes,
  output: ValueName,
): Buffer {
  const names = [...inputs.map((value) => field(1, value)), field(2, output), field(3, output), field(4, operator)];
  const settings = Object.entries(attributes).map(([key, value]) => field(5, attribute(key, value)));
  return Buffer.concat([...names, ...settings]);
}

export function tensorProto(name: string, { dims, data }: Tensor): Buffer {
  const type = data instanceof Float32Array ? FLOAT : data instanceof Int32Array ? INT32 : INT64;
  // raw_data is little-endian, as is every machine Node 24 runs on but s390x.
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([...dims.map((d) => number(1, d)), number(2, type), field(8, name), field(9, raw)]);
}

function valueInfo(name: string, type: number, dims: readonly (number | string)[]): Buffer {
  const shape = dims.map((d) => field(1, typeof d === 'string' ? field(2, d) : number(1, d)));
  return Buffer.concat([field(1, name), field(2, field(1, number(1, type), field(2, ...shape)))]);
}

function attribute(name: string, value: Attributes[string]): Buffer {
  if (typeof value === 'string') return Buffer.concat([field(1, name), field(4, value), number(20, 3)]);
  if (typeof value === 'number') return Buffer.concat([field(1, name), number(3, value), number(20, 2)]);
  if ('float' in value) return Buffer.concat([field(1, name), float(2, value.float), number(20, 1)]);
  return Buffer.concat([field(1, name), ...value.map((v) => number(8, v)), number(20, 7)]);
}
