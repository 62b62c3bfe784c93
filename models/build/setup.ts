/** The part of ./setup that is about models: builds what is missing or altered, then checks all that the product needs, and opens the nets. */
import { loadModel, MODEL_FOLDERS, readManifest } from '../manifest.ts';
import { openNetwork } from '../session.ts';
import { buildLacking } from './start.ts';

try {
  const manifest = readManifest();
  for (const { name } of buildLacking(manifest, MODEL_FOLDERS)) process.stdout.write(`setup: models: built ${name}\n`);
  for (const { name, file, neededFor } of manifest) {
    if (neededFor === undefined) continue;
    const model = loadModel(name, manifest);
    if (file.endsWith('.onnx')) await openNetwork(model);
  }
} catch (error) {
  process.stderr.write(`setup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
