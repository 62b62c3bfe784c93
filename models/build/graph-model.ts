/**
 * Turns a TensorFlow.js graph model into ONNX by walking back from the outputs asked for: what they do not depend on is left out.
 * It knows the operators of MediaPipe's BlazeFace, which are those of a plain convolutional net, and refuses any other by name.
 */
import { convolution, picture, SAME, wholes } from './layers.ts';
import { type Attributes, type Graph, newGraph, type ValueName } from './onnx.ts';
import { toDepthwise, toOihw, type Weights } from './weights.ts';

interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, Attribute>>;
}

/** Texts are base64, whole numbers are texts, as JSON of Protocol Buffers has them. */
interface Attribute {
  readonly s?: string;
  readonly list?: { readonly s?: readonly string[]; readonly i?: readonly string[] };
  readonly shape?: { readonly dim: readonly { readonly size: string }[] };
}

export interface GraphModel {
  readonly modelTopology: { readonly node: readonly GraphNode[] };
}

/** One output: its node in the graph model, its name and shape in the ONNX file. */
export interface WantedOutput {
  readonly node: string;
  readonly name: string;
  readonly dims: readonly number[];
}

/** Picture in: uint8 [N, H, W, 3] with the sizes of the graph; `(v − mean) / divisor` is done inside. */
export function convertGraphModel(
  name: string,
  model: GraphModel,
  weights: Weights,
  { mean, divisor }: { readonly mean: number; readonly divisor: number },
  outputs: readonly WantedOutput[],
): Buffer {
  const graph = newGraph(name);
  const nodes = new Map(model.modelTopology.node.map((n) => [n.name, n]));
  const done = new Map<string, ValueName>();

  const valueOf = (from: string): ValueName => {
    const known = done.get(from);
    if (known !== undefined) return known;
    const node = nodes.get(from);
    if (node === undefined) throw new Error(`${name}: the graph has no node ${from}`);
    const value = convert(node);
    done.set(from, value);
    return value;
  };

  const convert = (node: GraphNode): ValueName => {
    const [first = '', second = '', third = ''] = node.input ?? [];
    switch (node.op) {
      case 'Placeholder':
        return picture(graph, sizeOf(node), [mean, mean, mean], divisor);
      case 'Identity':
        return valueOf(first);
      case 'Relu':
        return graph.node('Relu', [valueOf(first)]);
      case 'AddV2':
        return graph.node('Add', [valueOf(first), valueOf(second)]);
      case 'MaxPool':
        return graph.node('MaxPool', [valueOf(first)], { kernel_shape: sides(node, 'ksize'), ...window(node) });
      case 'DepthwiseConv2dNative': {
        const filters = toDepthwise(weights.get(second));
        return convolution(graph, valueOf(first), filters, undefined, { group: filters.dims[0]!, ...window(node) });
      }
      case '_FusedConv2D': {
        const filters = toOihw(weights.get(second));
        const sum = convolution(graph, valueOf(first), filters, weights.get(third), window(node));
        return withActivation(graph, node, sum);
      }
      case 'Pad':
        return graph.node('Pad', [valueOf(first), wholes(graph, ...padsOf(numbersOf(weights, second)))]);
      case 'Reshape': {
        // TensorFlow counts with the channels last; only here does their order show.
        const channelsLast = graph.node('Transpose', [valueOf(first)], { perm: [0, 2, 3, 1] });
        return graph.node('Reshape', [channelsLast, wholes(graph, ...numbersOf(weights, second))]);
      }
      default:
        throw new Error(`${name}: operator ${node.op} of node ${node.name} is not one that this converter knows`);
    }
  };

  for (const output of outputs) {
    graph.output(graph.node('Identity', [valueOf(output.node)], {}, output.name), output.dims);
  }
  return graph.bytes();
}

function sizeOf(node: GraphNode): [number, number, number] {
  const [pictures, height, width] = (node.attr?.['shape']?.shape?.dim ?? []).map((d) => Number(d.size));
  return [pictures!, height!, width!];
}

/** Strides and padding of a sliding window. All of these nets leave dilation at 1. */
function window(node: GraphNode): Attributes {
  const padding = textOf(node.attr?.['padding']?.s);
  return { strides: sides(node, 'strides'), ...(padding === 'SAME' ? SAME : {}) };
}

/** Height and width out of [1, height, width, 1]. */
function sides(node: GraphNode, name: string): number[] {
  return (node.attr?.[name]?.list?.i ?? []).slice(1, 3).map(Number);
}

function withActivation(graph: Graph, node: GraphNode, value: ValueName): ValueName {
  const fused = (node.attr?.['fused_ops']?.list?.s ?? []).map(textOf).join();
  if (fused === 'BiasAdd') return value;
  if (fused === 'BiasAdd,Relu') return graph.node('Relu', [value]);
  throw new Error(`node ${node.name} is fused with ${fused}; this converter knows BiasAdd and BiasAdd,Relu`);
}

function numbersOf(weights: Weights, name: string): number[] {
  return Array.from(weights.get(name).data, Number);
}

/** [[before, after] for N, H, W, C] becomes the befores, then the afters, of N, C, H, W. */
function padsOf(pairs: readonly number[]): number[] {
  const order = [0, 3, 1, 2];
  return [...order.map((i) => pairs[2 * i]!), ...order.map((i) => pairs[2 * i + 1]!)];
}

function textOf(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString();
}
