/** The part of ./setup that is about models: builds what is missing or altered, then checks all that the product needs. */
import { loadModel, PLACES, readManifest } from '../manifest.ts';
import { buildLacking } from './start.ts';

try {
  const manifest = readManifest();
  for (const { name } of buildLacking(manifest, PLACES)) process.stdout.write(`setup: models: built ${name}\n`);
  for (const m of manifest) if (m.neededFor !== undefined) loadModel(m.name, manifest);
} catch (error) {
  process.stderr.write(`setup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
