/**
 * Builds models: `node --permission … main.ts MANIFEST PACKAGES FILES NAME…`, started by start.ts with the permissions it needs.
 * Each file appears whole or not at all.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readManifest } from '../manifest.ts';
import { convert } from './convert.ts';

const [manifest = '', packages = '', files = '', ...names] = process.argv.slice(2);
try {
  // Whoever starts this by hand and forgets the permissions gets nothing.
  if (process.permission === undefined) throw new Error('this runs under the permission model only: run ./setup');
  for (const entry of readManifest(pathToFileURL(manifest))) {
    if ('built' in entry && names.includes(entry.name)) place(join(files, entry.file), convert(entry, packages));
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** The permission model takes fsync away; a file that a power cut spoiled is found by its SHA-256 and built again. */
function place(path: string, bytes: Uint8Array): void {
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, bytes);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
