/**
 * Opens an ONNX model file to change single nodes. All else keeps the bytes that it came with, so that a net is the same but for the
 * changes. Field numbers are those of onnx/onnx.proto.
 */
import { FLOAT, nodeProto, type Tensor, tensorProto, type ValueName } from './onnx.ts';
import { field, type Field, fieldsOf, lastOf, textsOf, wholesOf } from './protobuf.ts';

/** Inputs and outputs may be changed in place. */
export interface Node {
  readonly operator: string;
  inputs: readonly ValueName[];
  outputs: readonly ValueName[];
  /** AttributeProto by name. */
  readonly attributes: ReadonlyMap<string, readonly Field[]>;
  /** All but inputs and outputs. */
  readonly rest: Buffer;
}

export interface Floats extends Tensor {
  readonly data: Float32Array;
}

export type OpenGraph = ReturnType<typeof openGraph>;

export function newNode(...node: Parameters<typeof nodeProto>): Node {
  return nodeOf(nodeProto(...node));
}

/** A float attribute; undefined where the node does not have it. */
export function floatOf(node: Node, name: string): number | undefined {
  const content = lastOf(node.attributes.get(name) ?? [], 2)?.content;
  return content?.length === 4 ? content.readFloatLE() : undefined;
}

/** An attribute of whole numbers; empty where the node does not have it. */
export function integersOf(node: Node, name: string): number[] {
  return wholesOf(node.attributes.get(name) ?? [], 8);
}

/** Throws where the bytes are no ONNX model, or where a node holds a graph of its own, whose use of values cannot be seen. */
export function openGraph(file: Buffer) {
  const model = fieldsOf(file);
  const graph = fieldsOf(lastOf(model, 7)?.content ?? Buffer.alloc(0));
  let nodes = graph.filter((f) => f.id === 1).map((f) => nodeOf(f.content));
  if (nodes.length === 0) throw new Error('the file holds no graph of ONNX');
  const added = new Map<ValueName, Buffer>();
  const constants = constantsOf(nodes);
  const results = graph.filter((f) => f.id === 12).flatMap((f) => textsOf(fieldsOf(f.content), 1));
  return {
    /** Version of ONNX's own operators. */
    operatorSet: operatorSetOf(model),
    /** In the order of the file, which is one in which they can run. */
    nodes: (): readonly Node[] => nodes,
    producerOf: (value: ValueName): Node | undefined => nodes.find((n) => n.outputs.includes(value)),
    /** The node that takes the value, where there is but one, and it is no output of the net. */
    onlyUserOf(value: ValueName): Node | undefined {
      const users = nodes.filter((n) => n.inputs.includes(value));
      return users.length === 1 && !results.includes(value) ? users[0] : undefined;
    },
    /** Numbers of a constant; undefined for what is computed, and for constants of other types than float32. */
    constant: (value: ValueName): Floats | undefined => constants.get(value),
    /** Adds a constant and gives its name; replaces one that was added under this name. Throws where a node puts out that name. */
    addConstant(name: ValueName, tensor: Floats): ValueName {
      if (nodes.some((n) => n.outputs.includes(name))) throw new Error(`there is a value ${name} already`);
      constants.set(name, tensor);
      added.set(name, field(5, tensorProto(name, tensor)));
      return name;
    },
    /** Puts nodes in the place of one: none, to take it out. */
    replace(node: Node, ...by: readonly Node[]): void {
      nodes = nodes.flatMap((n) => (n === node ? by : [n]));
    },
    /** The whole file, without constants that no node takes any more. */
    bytes(): Buffer {
      const used = new Set([...results, ...nodes.flatMap((n) => n.inputs)]);
      const kept = nodes.filter((n) => n.operator !== 'Constant' || used.has(n.outputs[0]!)).map(nodeField);
      const others = graph.filter((f) => f.id !== 1).map((f) => f.whole);
      const news = [...added].filter(([name]) => used.has(name)).map(([, bytes]) => bytes);
      const whole = field(7, ...kept, ...others, ...news);
      return Buffer.concat(model.map((f) => (f.id === 7 ? whole : f.whole)));
    },
  };
}

function nodeOf(content: Buffer): Node {
  const fields = fieldsOf(content);
  const attributes = fields.filter((f) => f.id === 5).map((f) => fieldsOf(f.content));
  const [operator = ''] = textsOf(fields, 4);
  const outputs = textsOf(fields, 2);
  if (attributes.some((a) => a.some((f) => f.id === 6 || f.id === 11)))
    throw new Error(`node ${outputs[0]} (${operator}) holds a graph of its own`);
  return {
    operator,
    inputs: textsOf(fields, 1),
    outputs,
    attributes: new Map(attributes.map((a) => [textsOf(a, 1)[0]!, a])),
    rest: Buffer.concat(fields.filter((f) => f.id !== 1 && f.id !== 2).map((f) => f.whole)),
  };
}

function nodeField({ inputs, outputs, rest }: Node): Buffer {
  return field(1, ...inputs.map((value) => field(1, value)), ...outputs.map((value) => field(2, value)), rest);
}

/** The constants are nodes with a tensor as their attribute `value`. */
function constantsOf(nodes: readonly Node[]): Map<ValueName, Floats> {
  const found = new Map<ValueName, Floats>();
  for (const node of nodes) {
    const proto = node.operator === 'Constant' && lastOf(node.attributes.get('value') ?? [], 5)?.content;
    const tensor = proto && tensorOf(fieldsOf(proto), node.outputs[0]!);
    if (tensor) found.set(node.outputs[0]!, tensor);
  }
  return found;
}

function tensorOf(proto: readonly Field[], name: ValueName): Floats | undefined {
  if (wholesOf(proto, 2)[0] !== FLOAT) return undefined;
  const dims = wholesOf(proto, 1);
  const raw = lastOf(proto, 9)?.content;
  const length = dims.reduce((a, b) => a * b, 1);
  if (raw?.length !== 4 * length) throw new Error(`constant ${name} does not have its ${length} numbers as raw data`);
  // Copied, because the bytes of the file seldom lie where float32 may.
  return { dims, data: new Float32Array(Uint8Array.from(raw).buffer) };
}

function operatorSetOf(model: readonly Field[]): number {
  const sets = model.filter((f) => f.id === 8).map((f) => fieldsOf(f.content));
  const own = sets.find((s) => (textsOf(s, 1)[0] ?? '') === '');
  return (own && wholesOf(own, 2)[0]) ?? 0;
}
