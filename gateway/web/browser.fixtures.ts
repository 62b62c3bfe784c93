/** The Chromium in which the tests look at the lane page. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Throws where there is none on PATH. */
export function browserPath(): string {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium'));
  const found = places.find((path) => existsSync(path));
  if (!found) throw new Error('no chromium on PATH: ./setup dev installs it');
  return found;
}
