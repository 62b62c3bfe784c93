/**
 * The converted nets against the packages' own: the same picture goes through ONNX Runtime and through TensorFlow.js on its `cpu`
 * backend, which the package bundles. The bundle is made for browsers, so two globals of a browser stand in.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, expect, test, vi } from 'vitest';
import { loadModel, type ModelName, MODEL_FOLDERS } from '../manifest.ts';

interface TfTensor {
  dataSync(): Float32Array;
}
/** The part of the bundle that is used here. */
interface FaceApi {
  readonly tf: {
    setBackend(name: 'cpu'): Promise<boolean>;
    tensor4d(values: Float32Array, shape: readonly number[]): TfTensor;
    sub(a: TfTensor, b: number): TfTensor;
    div(a: TfTensor, b: number): TfTensor;
    loadGraphModel(source: unknown): Promise<{ execute(input: TfTensor, outputs: readonly string[]): TfTensor[] }>;
    readonly io: {
      decodeWeights(weights: ArrayBuffer, specs: unknown): unknown;
      fromMemory(artifacts: object): unknown;
    };
  };
  readonly NetInput: new (inputs: readonly TfTensor[]) => object;
  readonly FaceLandmark68Net: new () => { loadFromWeightMap(map: unknown): void; runNet(input: object): TfTensor };
  readonly FaceRecognitionNet: new () => {
    loadFromWeightMap(map: unknown): void;
    forwardInput(input: object): TfTensor;
  };
}

let faceApi: FaceApi;
beforeAll(async () => {
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('document', {});
  vi.spyOn(console, 'warn').mockReturnValue();
  // Not import(): the test runner would take the bundle apart line by line.
  const bundle = join(MODEL_FOLDERS.packages, '@vladmandic/face-api/dist/face-api.esm.js');
  faceApi = createRequire(import.meta.url)(bundle) as FaceApi;
  await faceApi.tf.setBackend('cpu');
});

/** Waves of different length and phase in red, green and blue: a picture of nothing that stirs every filter. */
function waves(side: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    return 127.5 + 80 * Math.sin(x / 9 + (i % 3)) + 47 * Math.cos(y / 7 - x / 31);
  });
}

function asTensor(picture: Uint8Array, side: number): TfTensor {
  return faceApi.tf.tensor4d(Float32Array.from(picture), [1, side, side, 3]);
}

function weightsOf(path: string): { list: unknown; weights: ArrayBuffer } {
  const list: unknown = JSON.parse(readFileSync(join(MODEL_FOLDERS.packages, `${path}.json`), 'utf8'));
  const file = readFileSync(join(MODEL_FOLDERS.packages, `${path.replace('-weights_manifest', '')}.bin`));
  return { list, weights: Uint8Array.from(file).buffer };
}

function faceApiWeights(net: string): unknown {
  const { list, weights } = weightsOf(`@vladmandic/face-api/model/${net}_model-weights_manifest`);
  return faceApi.tf.io.decodeWeights(weights, (list as { weights: unknown }[])[0]!.weights);
}

async function converted(name: ModelName, picture: Uint8Array, side: number): Promise<Map<string, Float32Array>> {
  const session = await InferenceSession.create(loadModel(name).bytes, { logSeverityLevel: 3 });
  const answers = await session.run({ image: new Tensor('uint8', picture, [1, side, side, 3]) });
  return new Map(session.outputNames.map((output) => [output, answers[output]!.data as Float32Array]));
}

/** The largest difference, as a part of the largest value. */
function difference(ours: Float32Array | undefined, theirs: Float32Array): number {
  expect(ours?.length).toBe(theirs.length);
  const largest = theirs.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return theirs.reduce((most, v, i) => Math.max(most, Math.abs(v - ours![i]!)), 0) / largest;
}

/** Rounding of float32 over a few dozen layers; measured 0.5 to 1.5 of a millionth. */
const ROUNDING = 4e-6;

/** Blue for red: the mistake that a converter makes most easily, and the smallest that the comparison must see. */
function swapped(picture: Uint8Array): Uint8Array {
  return picture.map((_, i) => picture[i + 2 - 2 * (i % 3)]!);
}

test('face/landmarks gives what face-api gives', async () => {
  const net = new faceApi.FaceLandmark68Net();
  net.loadFromWeightMap(faceApiWeights('face_landmark_68'));
  const picture = waves(112);
  const theirs = net.runNet(new faceApi.NetInput([asTensor(picture, 112)])).dataSync();
  const ours = await converted('face/landmarks', picture, 112);
  expect(difference(ours.get('landmarks'), theirs)).toBeLessThan(ROUNDING);
  const wrong = await converted('face/landmarks', swapped(picture), 112);
  expect(difference(wrong.get('landmarks'), theirs)).toBeGreaterThan(100 * ROUNDING);
});

test('face/embed gives what face-api gives', async () => {
  const net = new faceApi.FaceRecognitionNet();
  net.loadFromWeightMap(faceApiWeights('face_recognition'));
  const picture = waves(150);
  const theirs = net.forwardInput(new faceApi.NetInput([asTensor(picture, 150)])).dataSync();
  const ours = await converted('face/embed', picture, 150);
  expect(difference(ours.get('descriptor'), theirs)).toBeLessThan(ROUNDING);
  const wrong = await converted('face/embed', swapped(picture), 150);
  expect(difference(wrong.get('descriptor'), theirs)).toBeGreaterThan(100 * ROUNDING);
});

test('face/detect gives what the graph model of human gives', async () => {
  const { list, weights } = weightsOf('@vladmandic/human/models/blazeface');
  const { modelTopology, weightsManifest } = list as { modelTopology: object; weightsManifest: { weights: unknown }[] };
  const artifacts = {
    format: 'graph-model',
    modelTopology,
    weightSpecs: weightsManifest[0]!.weights,
    weightData: weights,
  };
  const model = await faceApi.tf.loadGraphModel(faceApi.tf.io.fromMemory(artifacts));
  const picture = waves(256);
  const input = faceApi.tf.sub(faceApi.tf.div(asTensor(picture, 256), 127.5), 1);
  const theirs = model.execute(input, ['Identity', 'Identity_1', 'Identity_2', 'Identity_3']).map((t) => t.dataSync());
  const ours = await converted('face/detect', picture, 256);
  const wrong = await converted('face/detect', swapped(picture), 256);
  expect([...ours.keys()]).toEqual(['scores16', 'scores32', 'boxes16', 'boxes32']);
  for (const [i, name] of [...ours.keys()].entries()) {
    expect(difference(ours.get(name), theirs[i]!)).toBeLessThan(ROUNDING);
    expect(difference(wrong.get(name), theirs[i]!)).toBeGreaterThan(100 * ROUNDING);
  }
});

test('a batch gives what its pictures give one by one', async () => {
  const [one, two] = [waves(112), swapped(waves(112))];
  const session = await InferenceSession.create(loadModel('face/landmarks').bytes);
  const both = new Tensor('uint8', Uint8Array.from([...one, ...two]), [2, 112, 112, 3]);
  const { landmarks } = await session.run({ image: both });
  expect(landmarks!.dims).toEqual([2, 136]);
  const second = (landmarks!.data as Float32Array).subarray(136);
  const alone = await converted('face/landmarks', two, 112);
  expect(difference(alone.get('landmarks'), second)).toBeLessThan(ROUNDING);
});
