/** Our ONNX files against onnx-proto: what is written here is read there, and a file that is written there is read and changed here. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { type Attributes, newGraph } from './onnx.ts';
import { floatOf, integersOf, newNode, openGraph } from './onnx-edit.ts';
import { fieldsOf, number, wholesOf } from './protobuf.ts';

const { ModelProto, NodeProto, AttributeProto, TensorProto } = onnxProto.onnx;

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed());
const whole = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(
  name.filter((key) => key !== '__proto__'),
  fc.oneof(name, whole, fc.array(whole, { maxLength: 4 }), fc.record({ float: fc.float({ noNaN: true }) })),
  { maxKeys: 4 },
);
const nodes = fc.record({ operator: name, inputs: fc.array(name, { maxLength: 3 }), attributes, output: name });

/** Its types leave out what its 64-bit numbers are. */
interface Attribute {
  readonly name: string;
  readonly type: onnxProto.onnx.AttributeProto.AttributeType;
  readonly s: Uint8Array;
  readonly i: unknown;
  readonly f: number;
  readonly ints: readonly unknown[];
}

/** What onnx-proto read, in the form that our writer takes. */
function attributesOf(protos: readonly onnxProto.onnx.IAttributeProto[]): Attributes {
  const { STRING, INT, FLOAT, INTS } = AttributeProto.AttributeType;
  return Object.fromEntries(
    protos.map((proto): [string, Attributes[string]] => {
      const { name, type, s, i, f, ints } = AttributeProto.create(proto) as Attribute;
      if (type === STRING) return [name, Buffer.from(s).toString()];
      if (type === INT) return [name, Number(i)];
      if (type === FLOAT) return [name, { float: f }];
      expect(type).toBe(INTS);
      return [name, ints.map(Number)];
    }),
  );
}

describe('ONNX files and onnx-proto', () => {
  it('read there as they were written here', () => {
    const dims = fc.array(fc.oneof(fc.nat(4096), name), { maxLength: 4 });
    const data = fc.float32Array({ maxLength: 8, noNaN: true });
    fc.assert(
      fc.property(name, name, dims, data, nodes, (title, input, shape, numbers, node) => {
        const graph = newGraph(title);
        graph.input(input, shape);
        const constant = graph.constant({ dims: [numbers.length], data: numbers });
        graph.output(graph.node(node.operator, [...node.inputs, constant], node.attributes, node.output), shape);
        const model = ModelProto.decode(graph.bytes());
        const read = model.graph;
        expect([Number(model.irVersion), Number(model.opsetImport[0]!.version), read!.name]).toEqual([7, 13, title]);
        const [tensor] = read!.initializer!;
        expect([tensor!.name, tensor!.dims!.map(Number), tensor!.dataType]).toEqual([
          constant,
          [numbers.length],
          TensorProto.DataType.FLOAT,
        ]);
        expect(new Float32Array(Uint8Array.from(tensor!.rawData!).buffer)).toEqual(numbers);
        const [first] = read!.node!;
        expect([first!.opType, first!.input, first!.output]).toEqual([
          node.operator,
          [...node.inputs, constant],
          [node.output],
        ]);
        expect(attributesOf(first!.attribute!)).toEqual(node.attributes);
        for (const value of [read!.input![0]!, read!.output![0]!]) {
          const found = value.type!.tensorType!.shape!.dim!.map((d) => d.dimParam || Number(d.dimValue));
          expect(found).toEqual(shape);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('are read here as they were written there, lists packed or not', () => {
    fc.assert(
      fc.property(nodes, fc.float({ noNaN: true }), fc.array(whole, { maxLength: 5 }), (node, f, ints) => {
        const attribute = [
          { name: 'f', type: AttributeProto.AttributeType.FLOAT, f },
          { name: 'ints', type: AttributeProto.AttributeType.INTS, ints },
        ];
        const proto = { opType: node.operator, input: node.inputs, output: [node.output], attribute };
        const written = Buffer.from(ModelProto.encode({ graph: { node: [proto] } }).finish());
        const [read] = openGraph(written).nodes();
        expect([read!.operator, read!.inputs, read!.outputs]).toEqual([node.operator, node.inputs, [node.output]]);
        expect([floatOf(read!, 'f'), integersOf(read!, 'ints')]).toEqual([f, ints]);
        // onnx-proto writes one field for each number.
        const separate = Buffer.concat(ints.map((n) => number(8, n)));
        expect(wholesOf(fieldsOf(separate), 8)).toEqual(ints);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('stay what they were but for the node that is changed here', () => {
    const file = readFileSync(new URL('../plate/find.onnx', import.meta.url));
    const before = ModelProto.decode(file);
    const unchanged = ModelProto.decode(openGraph(file).bytes());
    expect(sizes(unchanged)).toEqual(sizes(before));

    const graph = openGraph(file);
    const at = graph.nodes().findIndex((n) => n.operator === 'Relu');
    const old = graph.nodes()[at]!;
    graph.replace(old, newNode('Clip', old.inputs, { min: { float: 0 } }, old.outputs[0]!));
    const after = ModelProto.decode(graph.bytes());
    const types = before.graph!.node!.map((n) => n.opType);
    expect(after.graph!.node!.map((n) => n.opType)).toEqual(types.with(at, 'Clip'));
    expect(NodeProto.create(after.graph!.node![at]).output).toEqual(old.outputs);
  });
});

/** Each node by the bytes that onnx-proto makes of it. */
function sizes({ graph }: onnxProto.onnx.ModelProto): unknown {
  const { node, input, output, initializer, name } = graph!;
  return [node!.map((n) => Buffer.from(NodeProto.encode(n).finish())), input, output, initializer, name];
}
