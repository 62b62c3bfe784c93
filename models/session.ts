/** Opens ONNX Runtime sessions the one way the product uses them. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelFile } from './manifest.ts';

export interface Session {
  /**
   * Runs the model on one float32 input of the given shape. The answer is valid until the caller drops it.
   * `input` is only read and may be used again afterwards.
   */
  run(
    input: Float32Array,
    dims: readonly number[],
  ): Promise<{ readonly data: Float32Array; readonly dims: readonly number[] }>;
}

/** A box runs one model per worker thread; more threads inside a session would only fight with the other workers. */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
};

/** Models with one input and one output. Throws with the model's name when the runtime cannot read it. */
export async function openSession(model: ModelFile): Promise<Session> {
  const session = await InferenceSession.create(model.bytes, OPTIONS).catch((cause: unknown) => {
    throw new Error(`model ${model.name} cannot be opened by ONNX Runtime`, { cause });
  });
  const input = session.inputNames[0]!;
  const output = session.outputNames[0]!;
  return {
    async run(data, dims) {
      const answer = (await session.run({ [input]: new Tensor('float32', data, dims) }))[output]!;
      return { data: answer.data as Float32Array, dims: answer.dims };
    },
  };
}
