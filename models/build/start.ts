/** Starts the build with leave to open the listed files and to write its results, and nothing else. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuiltEntry, findModel, type ModelEntry, pathOf, type ModelFolders } from '../manifest.ts';
import { INPUTS } from './inputs.ts';

const BUILD_FOLDER = import.meta.dirname;
const MODELS_FOLDER = dirname(BUILD_FOLDER);
export const MANIFEST = join(MODELS_FOLDER, 'manifest.json');

/** A build takes two or three seconds; a box that swaps may need longer. */
const DEADLINE_MS = 120_000;

/** `inputs` are paths inside `places.packages`. Reading also covers the program itself, and what it writes: renaming asks for both. */
export function permissions(places: ModelFolders, manifest: string, inputs: readonly string[] = INPUTS): string[] {
  const readable = [
    ...inputs.map((file) => join(places.packages, file)),
    manifest,
    join(BUILD_FOLDER, '*'),
    join(MODELS_FOLDER, 'manifest.ts'),
    // The words of its errors.
    fileURLToPath(new URL('../../gateway/contracts/*', import.meta.url)),
    join(places.files, '*'),
    fileURLToPath(new URL('../../package.json', import.meta.url)),
  ];
  return [
    '--permission',
    ...readable.map((p) => `--allow-fs-read=${p}`),
    `--allow-fs-write=${join(places.files, '*')}`,
  ];
}

/** Builds the entries into `places.files`. Throws with what the build said when it fails; then nothing was replaced halfway. */
export function buildModels(entries: readonly BuiltEntry[], places: ModelFolders, manifest: string = MANIFEST): void {
  for (const entry of entries) mkdirSync(dirname(pathOf(entry, places)), { recursive: true });
  const words = [manifest, places.packages, places.files, ...entries.map((e) => e.name)];
  const program = [...permissions(places, manifest), join(BUILD_FOLDER, 'main.ts'), ...words];
  const { status, stderr, error } = spawnSync(process.execPath, program, { encoding: 'utf8', timeout: DEADLINE_MS });
  if (error) throw new Error(`the models cannot be built: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`the models cannot be built: ${stderr.trim()}`);
}

/** Builds the entries whose files are missing or altered, and returns them: none when all is well. */
export function buildLacking(manifest: readonly ModelEntry[], places: ModelFolders): BuiltEntry[] {
  const lacking = manifest.filter((m) => 'built' in m).filter((m) => findModel(m, places).state !== 'present');
  if (lacking.length > 0) buildModels(lacking, places);
  return lacking;
}
