/** Opens a model file that the user names: a public model, which the project neither ships nor downloads. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ONE_THREAD } from './contender.ts';
import { UsageError } from '../usage.ts';

/** Undefined stands for any size. */
type Dims = readonly (number | undefined)[];

export interface ExpectedFile {
  /** The option that names it. */
  readonly option: string;
  readonly input: Dims;
  /** Of the output that is used. */
  readonly output: Dims;
  /** How the sha256 of the file that was measured begins and ends, and where it comes from. */
  readonly known?: { readonly begins: string; readonly ends: string; readonly from: string };
}

/** The one output that is used: its values, in a buffer of their own. */
type OnnxRunner = (input: Float32Array, dims: readonly number[]) => Promise<Float32Array>;

/**
 * Throws a UsageError that names the option, the file and what was expected, where there is no file, ONNX Runtime cannot read it, or it has
 * other tensors. `warn` is told of a file with another sha256 than the known one.
 */
export async function openOnnxFile(
  file: string,
  expected: ExpectedFile,
  warn: (text: string) => void,
): Promise<OnnxRunner> {
  const { option, known } = expected;
  const refuse = (what: string, cause?: unknown): never => {
    throw new UsageError(`--${option} ${file}: ${what}`, { cause });
  };
  const bytes = read(file, refuse);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (known && !(sha256.startsWith(known.begins) && sha256.endsWith(known.ends)))
    warn(`--${option}: sha256 ${sha256}; the file known is ${known.begins}…${known.ends} of ${known.from}`);
  const session = await InferenceSession.create(bytes, ONE_THREAD).catch((cause: unknown) =>
    refuse('ONNX Runtime cannot read it; expected an ONNX model', cause),
  );
  const [input] = session.inputMetadata;
  const output = session.outputMetadata.find((o) => fits(o, expected.output));
  if (input === undefined || output === undefined || !fits(input, expected.input)) {
    const has = `${shapes(session.inputMetadata)} -> ${shapes(session.outputMetadata)}`;
    return refuse(`has tensors ${has}; expected ${shape(expected.input)} -> ${shape(expected.output)}`);
  }
  return async (values, dims) => {
    const answers = await session.run({ [input.name]: new Tensor('float32', values, dims) });
    return answers[output.name]!.data as Float32Array;
  };
}

function read(file: string, refuse: (what: string, cause: unknown) => never): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    return refuse(`cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, cause);
  }
}

type Metadata = InferenceSession.ValueMetadata;

/** Exporters write an open size as a name or as a number below 1. */
const isOpen = (size: number | string | undefined): boolean => typeof size !== 'number' || size < 1;

function fits(value: Metadata, dims: Dims): boolean {
  if (!value.isTensor || value.type !== 'float32' || value.shape.length !== dims.length) return false;
  return value.shape.every((size, i) => dims[i] === undefined || isOpen(size) || size === dims[i]);
}

const shape = (dims: readonly (number | string | undefined)[]): string =>
  `[${dims.map((size) => (isOpen(size) ? 'N' : size)).join(',')}]`;

function shapes(values: readonly Metadata[]): string {
  return values.map((v) => (v.isTensor ? `${v.type === 'float32' ? '' : v.type}${shape(v.shape)}` : '?')).join(' ');
}
