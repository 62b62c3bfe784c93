/** Opens ONNX Runtime sessions with the settings that the whole product uses. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelFile } from './manifest.ts';
import { inEnglish } from '../gateway/contracts/words/area.ts';
import { threads } from '../gateway/contracts/words/threads.words.ts';

export interface ModelOutput {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A model with one input and any number of float32 outputs. */
export type Network = Awaited<ReturnType<typeof openNetwork>>;

/** A box runs one model per worker thread; more threads inside a session would only fight with the other workers. */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
};

/** All sessions of this thread, so that it can release them before it ends. */
const sessions = new Set<InferenceSession>();

/** Releases all sessions of this thread; none may be used afterwards. */
export async function releaseSessions(): Promise<void> {
  const open = [...sessions];
  sessions.clear();
  for (const session of open) await session.release();
}

/** Throws with the model's name when the runtime cannot read it. */
export async function openNetwork(model: ModelFile) {
  const session = await InferenceSession.create(model.bytes, OPTIONS).catch((cause: unknown) => {
    throw new Error(inEnglish(threads['model-not-readable'], { name: model.name }), { cause });
  });
  sessions.add(session);
  const input = session.inputNames[0]!;
  const output = session.outputNames[0]!;
  /** The outputs by name; each owns its memory. `data` is only read. */
  const run = async (
    data: Uint8Array | Float32Array,
    dims: readonly number[],
  ): Promise<Readonly<Record<string, ModelOutput>>> => {
    const answers = await session.run({ [input]: tensor(data, dims) });
    return Object.fromEntries(
      Object.entries(answers).map(([name, { data, dims }]) => [name, { data: data as Float32Array, dims }]),
    );
  };
  return {
    run,
    /** The first output. It is valid until the caller drops it; `data` is only read and may be used again afterwards. */
    runOne: async (data: Float32Array, dims: readonly number[]) => Object.values(await run(data, dims))[0]!,
    /**
     * For a model with one output of `answer.length` values, `answerDims` by shape: the runtime writes it into `answer` and keeps no
     * copy anywhere, so that wiping `answer` wipes it.
     */
    async runInto(
      data: Uint8Array | Float32Array,
      dims: readonly number[],
      answer: Float32Array,
      answerDims: readonly number[],
    ): Promise<void> {
      const target = new Tensor('float32', answer, answerDims);
      const answers = await session.run({ [input]: tensor(data, dims) }, { [output]: target });
      // The binding answers with a copy of what the runtime wrote into `answer`.
      const copy = answers[output]!.data as Float32Array;
      if (copy !== answer) copy.fill(0);
    },
  };
}

function tensor(data: Uint8Array | Float32Array, dims: readonly number[]): Tensor {
  return data instanceof Uint8Array ? new Tensor('uint8', data, dims) : new Tensor('float32', data, dims);
}
