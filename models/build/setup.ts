/** The part of ./setup that is about models: builds what is missing or altered, then checks all that the product needs. */
import { findModel, loadModel, PLACES, readManifest } from '../manifest.ts';
import { buildModels } from './start.ts';

const say = (text: string): void => void process.stdout.write(`setup: ${text}\n`);
try {
  const manifest = readManifest();
  const lacking = manifest.filter((m) => 'built' in m).filter((m) => findModel(m).state !== 'present');
  if (lacking.length > 0) {
    say(`models: building ${lacking.map((m) => m.name).join(', ')}`);
    buildModels(lacking, PLACES);
  }
  for (const m of manifest) if (m.neededFor !== undefined) loadModel(m.name, manifest);
} catch (error) {
  process.stderr.write(`setup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
