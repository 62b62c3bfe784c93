/** The nets that set-up builds: which converter makes which, and the checks of what goes in and what comes out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltEntry, differenceFrom, type ModelName, sha256Of } from '../manifest.ts';
import { embeddingModel } from './embedding.ts';
import { foldRecogniser } from './fold.ts';
import { convertGraphModel, type GraphModel, type WantedOutput } from './graph-model.ts';
import { landmarksModel } from './landmarks.ts';
import { readWeights, type WeightGroup } from './weights.ts';

/** The files of the entry, in its order; gives the ONNX file. */
type Converter = (files: readonly Buffer[]) => Buffer;

const CONVERTERS: Partial<Record<ModelName, Converter>> = {
  'plate/read': ([net = Buffer.alloc(0)]) => foldRecogniser(net),
  'face/detect': fromWeights(detector),
  'face/landmarks': fromWeights((list, weights) => landmarksModel(readWeights(list as WeightGroup[], weights))),
  'face/embed': fromWeights((list, weights) => embeddingModel(readWeights(list as WeightGroup[], weights))),
};

/** Of TensorFlow.js: the parsed list of the weights, and the weights. */
function fromWeights(build: (list: unknown, weights: Buffer) => Buffer): Converter {
  return ([list, weights]) => {
    if (list === undefined || weights === undefined)
      throw new Error('the list of the weights and the weights are needed');
    return build(JSON.parse(list.toString()), weights);
  };
}

/** By the stride of the grid they stand on: 16 × 16 cells with 2 anchors each, and 8 × 8 cells with 6. */
const DETECTOR_OUTPUTS: readonly WantedOutput[] = [
  { node: 'Identity', name: 'scores16', dims: [1, 512, 1] },
  { node: 'Identity_1', name: 'scores32', dims: [1, 384, 1] },
  { node: 'Identity_2', name: 'boxes16', dims: [1, 512, 16] },
  { node: 'Identity_3', name: 'boxes32', dims: [1, 384, 16] },
];

/** MediaPipe's BlazeFace: image uint8 [1, 256, 256, 3] → the four outputs above. */
function detector(list: unknown, weights: Buffer): Buffer {
  const { weightsManifest, ...model } = list as GraphModel & { weightsManifest: WeightGroup[] };
  const range = { mean: 127.5, divisor: 127.5 };
  return convertGraphModel('blazeface', model, readWeights(weightsManifest, weights), range, DETECTOR_OUTPUTS);
}

/**
 * The ONNX file of an entry. Throws, naming the file, when an input or the result is not the one that the manifest has; `packages`
 * is node_modules.
 */
export function convert(entry: BuiltEntry, packages: string): Buffer {
  const converter = CONVERTERS[entry.name];
  if (converter === undefined) throw new Error(`models/build/convert.ts has no converter for ${entry.name}`);
  const files = entry.built.files.map((input) => {
    const path = join(entry.built.package, input.file);
    const bytes = read(path, packages);
    const difference = differenceFrom(input, bytes);
    if (difference !== undefined) {
      throw new Error(`${path} ${difference}; delete node_modules and run ./setup again`);
    }
    return bytes;
  });
  const file = made(entry, () => converter(files));
  if (differenceFrom(entry, file) !== undefined) {
    throw new Error(
      `the built ${entry.file} is not the one of models/manifest.json: it has ${file.length} bytes and SHA-256 ${sha256Of(file)}; ` +
        'if the converter was changed on purpose, put these into the manifest',
    );
  }
  return file;
}

/** Adds to a converter's error which files of which package it was about. */
function made(entry: BuiltEntry, convert: () => Buffer): Buffer {
  try {
    return convert();
  } catch (cause) {
    const { package: name, version, files } = entry.built;
    const from = files.map((f) => f.file).join(', ');
    throw new Error(`${from} of ${name} ${version} cannot be made into ${entry.file}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function read(path: string, packages: string): Buffer {
  try {
    return readFileSync(join(packages, path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ERR_ACCESS_DENIED') throw new Error(`${path} cannot be read (${code}); run ./setup again`, { cause });
    throw new Error(`${path} may not be opened: models/build/inputs.ts does not list it`, { cause });
  }
}
