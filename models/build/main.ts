/**
 * Builds models: `node --permission … main.ts MANIFEST PACKAGES FILES NAME…`, started by start.ts with the permissions it needs.
 * Each file appears whole or not at all.
 */
import { pathToFileURL } from 'node:url';
import { type ModelFolders, placeModel, readManifest } from '../manifest.ts';
import { convert } from './convert.ts';

const [manifest = '', packages = '', files = '', ...names] = process.argv.slice(2);
const places: ModelFolders = { packages, files };
try {
  // Started by hand without the permissions, it builds nothing.
  if (process.permission === undefined) throw new Error('this runs under the permission model only: run ./setup');
  for (const entry of readManifest(pathToFileURL(manifest))) {
    if ('built' in entry && names.includes(entry.name)) placeModel(entry, places, convert(entry, places.packages));
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
