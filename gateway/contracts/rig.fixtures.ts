/** What tests of every room need: a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

// Registered before any hook of the test file that imports this, and therefore run after all of them.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed when the test file has ended. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-test-'));
  folders.push(folder);
  return folder;
}
