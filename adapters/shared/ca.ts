/** The certificate authority of a command room that has no public certificate. */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../gateway/contracts/errors.ts';

/** Reads a PEM file; throws ConfigError on `ca` when it cannot. */
export function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ConfigError([{ path: ['ca'], message: `${path} cannot be read (${code})`, hint: 'expected a PEM file' }]);
  }
}
