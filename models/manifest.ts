/** Which model files the product runs, and the check that each is byte for byte the one it was measured with. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Sha256 } from '../gateway/types.ts';

export type ModelName = 'plate/detect' | 'plate/read' | 'plate/dictionary';

export interface ModelEntry {
  readonly name: ModelName;
  readonly package: string;
  readonly version: string;
  /** Path inside the package. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: Sha256;
}

/** The checked bytes themselves: what was hashed is what is run, so nothing can be swapped in between. */
export interface ModelFile {
  readonly name: ModelName;
  readonly sha256: Sha256;
  readonly bytes: Uint8Array;
}

/** Finds the folder of an installed npm package. */
export type PackageFolder = (name: string) => string;

const WHAT_TO_DO = 'run ./setup again; if that does not help, delete node_modules and run it once more';

/** The entries of `models/manifest.json`. Throws when the file is missing or an entry lacks what a check needs. */
export function readManifest(url: URL = new URL('./manifest.json', import.meta.url)): readonly ModelEntry[] {
  const { models } = JSON.parse(readFileSync(url, 'utf8')) as { models: ModelEntry[] };
  for (const m of models) {
    const complete = m.name && m.package && m.file && m.bytes > 0 && /^[0-9a-f]{64}$/.test(m.sha256);
    if (!complete)
      throw new Error(`models/manifest.json: entry "${m.name}" needs name, package, file, bytes and sha256`);
  }
  return models;
}

/**
 * Reads one model file and checks its length and SHA-256 against the manifest.
 * Throws, naming the model and what to do, when the file is missing, truncated or altered.
 */
export function loadModel(
  name: ModelName,
  manifest: readonly ModelEntry[] = readManifest(),
  folderOf: PackageFolder = installedFolder,
): ModelFile {
  const entry = manifest.find((m) => m.name === name);
  if (entry === undefined) throw new Error(`models/manifest.json has no entry "${name}"`);
  const where = `model ${name} (${entry.package} ${entry.version}, ${entry.file})`;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(join(folderOf(entry.package), entry.file));
  } catch (cause) {
    throw new Error(`${where} is missing: ${WHAT_TO_DO}`, { cause });
  }
  if (bytes.length !== entry.bytes) {
    throw new Error(`${where} has ${bytes.length} bytes instead of ${entry.bytes}: ${WHAT_TO_DO}`);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== entry.sha256) throw new Error(`${where} was altered, its SHA-256 is ${sha256}: ${WHAT_TO_DO}`);
  return { name, sha256, bytes };
}

/** The model package exports `./node` only, so its folder is found through that file, which is never run. */
function installedFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/node`));
}
