/**
 * The text recogniser of PP-OCRv4 with less to do. Its backbone (PP-LCNetV3) has a learned scale and shift after each convolution and
 * after each activation, and its exporter wrote hard swish as four operators. A runtime takes a pass over memory for each of them. Three
 * rewritings take them out; each is equal on paper and differs by the rounding of float32:
 *
 * 1. Hard swish, y · clip(y + 3, 0, 6) / 6, becomes y · HardSigmoid(y), which ONNX Runtime does as part of the convolution before it.
 * 2. A convolution is linear: s (w ∗ x + b) + t = (s w) ∗ x + (s b + t).
 * 3. So is the one behind: w ∗ (s h + t) + b = (s w) ∗ h + (b + t Σw), where its window never reaches beyond the edge: there it finds
 *    zeros in place of s h + t, not of h. Where it does, or the value has several users, scale and shift become one BatchNormalization:
 *    ONNX Runtime does that in the memory layout of its convolutions, and has to leave it for Mul and Add with a single number.
 */
import type { ValueName } from './onnx.ts';
import { type Floats, floatOf, integersOf, newNode, type Node, openGraph, type OpenGraph } from './onnx-edit.ts';

/** In this version the operators that are put in mean what they shall. */
const OPERATOR_SET = 9;

/** The same net, folded. Throws where the file is no ONNX model, or the net is built in another way than described above. */
export function foldRecogniser(file: Buffer): Buffer {
  const graph = openGraph(file);
  if (graph.operatorSet !== OPERATOR_SET)
    throw new Error(`the net uses operator set ${graph.operatorSet}; the folding was made for ${OPERATOR_SET}`);
  const clips = graph.nodes().filter((n) => n.operator === 'Clip');
  if (clips.length === 0) throw new Error('the net has no hard swish (Clip) to fold');
  const swishes = clips.map((clip) => joinHardSwish(graph, clip));
  for (const conv of graph.nodes().filter((n) => n.operator === 'Conv')) scaleOutput(graph, conv);
  for (const swish of swishes) scaleBehind(graph, swish);
  return graph.bytes();
}

interface HardSwish {
  readonly input: ValueName;
  readonly output: ValueName;
}

/** The first rewriting. `clip` is the node in the middle of a hard swish. */
function joinHardSwish(graph: OpenGraph, clip: Node): HardSwish {
  const plus = graph.producerOf(clip.inputs[0]!);
  const times = graph.onlyUserOf(clip.outputs[0]!);
  const over = times && graph.onlyUserOf(times.outputs[0]!);
  const sum = withNumber(graph, plus, 'Add');
  const quotient = withNumber(graph, over, 'Div');
  const fits =
    sum?.number === 3 &&
    graph.onlyUserOf(plus!.outputs[0]!) === clip &&
    floatOf(clip, 'min') === 0 &&
    floatOf(clip, 'max') === 6 &&
    times?.operator === 'Mul' &&
    times.inputs.includes(sum.value) &&
    quotient?.number === 6 &&
    quotient.value === over!.inputs[0];
  if (!fits) throw new Error(`node ${clip.outputs[0]} (Clip) is not the middle of a hard swish`);
  const [input, output] = [sum.value, over!.outputs[0]!];
  const gate = newNode('HardSigmoid', [input], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }, `${output}.gate`);
  for (const node of [plus!, clip, times]) graph.replace(node);
  graph.replace(over!, gate, newNode('Mul', [input, gate.outputs[0]!], {}, output));
  return { input, output };
}

/** The second rewriting; leaves alone a convolution that is followed by something else. */
function scaleOutput(graph: OpenGraph, conv: Node): void {
  const affine = affineOf(graph, conv.outputs[0]!);
  if (affine === undefined) return;
  const { filters, bias } = weightsOf(graph, conv);
  setWeights(
    graph,
    conv,
    scaled(filters, affine.scale),
    bias.map((b) => b * affine.scale + affine.shift),
  );
  for (const node of affine.nodes) graph.replace(node);
  conv.outputs = [affine.output];
}

/** The third rewriting. */
function scaleBehind(graph: OpenGraph, { input, output }: HardSwish): void {
  const conv = graph.producerOf(input);
  const affine = affineOf(graph, output);
  if (conv?.operator !== 'Conv' || affine === undefined)
    throw new Error(`${output} does not stand between a convolution and a scale and shift`);
  const user = graph.onlyUserOf(affine.output);
  const [mul, add] = affine.nodes;
  if (user?.operator === 'Conv' && staysInside(user)) {
    const { filters, bias } = weightsOf(graph, user);
    const each = filters.data.length / bias.length;
    const sum = (o: number) => filters.data.subarray(o * each, (o + 1) * each).reduce((a, b) => a + b, 0);
    setWeights(
      graph,
      user,
      scaled(filters, affine.scale),
      bias.map((b, o) => b + affine.shift * sum(o)),
    );
    user.inputs = [output, ...user.inputs.slice(1)];
    graph.replace(add);
  } else {
    const channels = weightsOf(graph, conv).bias.length;
    const parameters = [affine.scale, affine.shift, 0, 1].map((value, i) =>
      graph.addConstant(`${affine.output}.${['scale', 'shift', 'mean', 'variance'][i]}`, {
        dims: [channels],
        data: new Float32Array(channels).fill(value),
      }),
    );
    const inputs = [output, ...parameters];
    graph.replace(add, newNode('BatchNormalization', inputs, { epsilon: { float: 0 } }, affine.output));
  }
  graph.replace(mul);
}

/** Without padding no window of a convolution reaches beyond the edge. */
function staysInside(conv: Node): boolean {
  return !conv.attributes.has('auto_pad') && integersOf(conv, 'pads').every((pad) => pad === 0);
}

/** value · scale + shift, where that is all that becomes of the value. */
interface Affine {
  readonly scale: number;
  readonly shift: number;
  readonly nodes: readonly [mul: Node, add: Node];
  readonly output: ValueName;
}

function affineOf(graph: OpenGraph, value: ValueName): Affine | undefined {
  const mul = graph.onlyUserOf(value);
  const scale = withNumber(graph, mul, 'Mul')?.number;
  const add = mul && graph.onlyUserOf(mul.outputs[0]!);
  const shift = withNumber(graph, add, 'Add')?.number;
  if (scale === undefined || shift === undefined) return undefined;
  return { scale, shift, nodes: [mul!, add!], output: add!.outputs[0]! };
}

/** The two inputs of a node of this operator that takes a constant of one number, in either order. */
function withNumber(
  graph: OpenGraph,
  node: Node | undefined,
  operator: string,
): { readonly value: ValueName; readonly number: number } | undefined {
  if (node?.operator !== operator) return undefined;
  const numbers = node.inputs.map((input) => graph.constant(input));
  const at = numbers.findIndex((tensor) => tensor?.data.length === 1 && tensor.dims.length <= 1);
  return at < 0 ? undefined : { value: node.inputs[1 - at]!, number: numbers[at]!.data[0]! };
}

/** Filters are [out, in / groups, height, width]. A convolution without a bias has zeros. */
function weightsOf(graph: OpenGraph, conv: Node): { readonly filters: Floats; readonly bias: Float32Array } {
  const [filters, bias] = conv.inputs.slice(1).map((input) => graph.constant(input));
  if (filters === undefined || (conv.inputs.length > 2 && bias === undefined))
    throw new Error(`the weights of ${conv.outputs[0]} (Conv) are no constants`);
  return { filters, bias: bias?.data ?? new Float32Array(filters.dims[0]!) };
}

function scaled({ dims, data }: Floats, by: number): Floats {
  return { dims, data: data.map((w) => w * by) };
}

/** Under names of their own: another node may use the old ones. */
function setWeights(graph: OpenGraph, conv: Node, filters: Floats, bias: Float32Array): void {
  const weights = [
    graph.addConstant(`${conv.outputs[0]}.filters`, filters),
    graph.addConstant(`${conv.outputs[0]}.bias`, { dims: [bias.length], data: bias }),
  ];
  conv.inputs = [conv.inputs[0]!, ...weights];
}
