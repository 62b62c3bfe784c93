import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../gateway/contracts/rig.fixtures.ts';
import { loadModel, type ModelEntry, type ModelName, pathOf, type ModelFolders, readManifest } from './manifest.ts';

const dictionary = readManifest().find((m) => m.name === 'plate/dictionary')!;
let folder: string;
const places = (): ModelFolders => ({ packages: folder, files: folder, own: folder });
beforeEach(() => {
  folder = tempFolder();
  mkdirSync(dirname(pathOf(dictionary, places())), { recursive: true });
});

/** Puts a changed copy of the dictionary where the package would be and loads it. */
function loadChanged(change: (bytes: Buffer) => Buffer, manifest: readonly ModelEntry[] = readManifest()) {
  writeFileSync(pathOf(dictionary, places()), change(Buffer.from(loadModel('plate/dictionary').bytes)));
  return () => loadModel('plate/dictionary', manifest, places());
}

test('every model that something needs is there and is the one of the manifest', () => {
  const needed = readManifest().filter((m) => m.neededFor !== undefined);
  expect(needed.map((m) => m.name)).toContain('face/embed');
  for (const { name, bytes, sha256 } of needed) {
    const file = loadModel(name);
    expect([file.bytes.length, file.sha256]).toEqual([bytes, sha256]);
  }
});

test('an unchanged copy is taken; a truncated or altered one is refused by name, with what to do', () => {
  expect(loadChanged((b) => b)().bytes.length).toBe(dictionary.bytes);
  expect(loadChanged((b) => b.subarray(0, 1000))).toThrow(/plate\/dictionary.*1000 bytes instead of 26249.*\.\/setup/);
  const flipped = (b: Buffer) => {
    b[500]! ^= 1;
    return b;
  };
  expect(loadChanged(flipped)).toThrow(/plate\/dictionary.*was altered.*\.\/setup/);
});

test('the check hangs on the digest: with the altered file’s own digest in the manifest it would pass', () => {
  const shorter = (b: Buffer) => b.subarray(0, 1000);
  expect(loadChanged(shorter)).toThrow();
  const sha256 = /SHA-256 is ([0-9a-f]{64})/;
  const lax = [{ ...dictionary, bytes: 1000 }];
  let message = '';
  try {
    loadChanged(shorter, lax)();
  } catch (e) {
    message = String(e);
  }
  const digest = sha256.exec(message)![1]!;
  expect(loadChanged(shorter, [{ ...dictionary, bytes: 1000, sha256: digest }])().bytes.length).toBe(1000);
});

test('a missing file is refused by name, with what to do', () => {
  const load = (name: ModelName) => () => loadModel(name, readManifest(), places());
  expect(load('plate/read')).toThrow(/plate\/read.*is missing.*\.\/setup/);
  expect(load('face/embed')).toThrow(/face\/embed.*is missing.*\.\/setup/);
  expect(load('plate/find')).toThrow(/plate\/find.*models\/training.*is missing.*restore models\/plate\/find\.onnx/);
  expect(load('face/opencv-embed')).toThrow(/face\/opencv-embed.*is missing.*npx sitebox models fetch/);
});

test('a manifest entry without a digest is refused', () => {
  const path = join(folder, 'manifest.json');
  const text = readFileSync(new URL('./manifest.json', import.meta.url), 'utf8');
  writeFileSync(path, text.replace(/"sha256": "[0-9a-f]+"/, '"sha256": ""'));
  expect(() => readManifest(pathToFileURL(path))).toThrow(/"plate\/find" needs/);
});
