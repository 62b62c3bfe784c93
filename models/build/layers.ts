/** The steps that all the nets share. Activations are [N, channels, height, width], as ONNX has them. */
import type { Graph, Tensor, ValueName } from './onnx.ts';

export function floats(graph: Graph, dims: readonly number[], ...values: readonly number[]): ValueName {
  return graph.constant({ dims, data: Float32Array.from(values) });
}

export function wholes(graph: Graph, ...values: readonly number[]): ValueName {
  return graph.constant({ dims: [values.length], data: BigInt64Array.from(values, BigInt) });
}

/**
 * The input `image`: uint8 [N, height, width, 3], RGB, as a decoded picture lies in memory. Gives (v − mean) / divisor, channels
 * first, so that no caller has to know what a net was trained with.
 */
export function picture(
  graph: Graph,
  [pictures, height, width]: readonly [number | string, number, number],
  mean: readonly [number, number, number],
  divisor: number,
): ValueName {
  const image = graph.input('image', [pictures, height, width, 3]);
  const numbers = graph.node('Cast', [image], { to: 1 });
  const planes = graph.node('Transpose', [numbers], { perm: [0, 3, 1, 2] });
  const centred = graph.node('Sub', [planes, floats(graph, [1, 3, 1, 1], ...mean)]);
  return graph.node('Div', [centred, floats(graph, [1], divisor)]);
}

/** TensorFlow's padding SAME; for an even excess the odd pixel goes to the bottom right. */
export const SAME = { auto_pad: 'SAME_UPPER' };

/** Filters are [out, in, height, width]. Without further attributes nothing is padded and the stride is 1. */
export function convolution(
  graph: Graph,
  input: ValueName,
  filters: Tensor,
  bias: Tensor | undefined,
  attributes: Parameters<Graph['node']>[2] = {},
): ValueName {
  const inputs = [input, graph.constant(filters), ...(bias ? [graph.constant(bias)] : [])];
  return graph.node('Conv', inputs, { kernel_shape: filters.dims.slice(2), ...attributes });
}

export function sumThenRelu(graph: Graph, first: ValueName, ...more: readonly ValueName[]): ValueName {
  const sum = more.reduce((a, b) => graph.node('Add', [a, b]), first);
  return graph.node('Relu', [sum]);
}
