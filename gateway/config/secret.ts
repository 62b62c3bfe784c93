/** Secrets stand outside the configuration, which names them: `file:PATH` or `env:NAME`. */
import { resolve } from 'node:path';
import { readRegular } from '../contracts/regular-file.ts';

/** Relative paths count from `base`. What goes wrong is said without the value. */
export function readSecret(reference: string, base: string): string | { message: string; hint: string } {
  const [, kind, rest = ''] = /^(file|env):(.+)$/s.exec(reference) ?? [];
  if (kind === 'env') {
    const value = process.env[rest];
    return value
      ? value
      : { message: `environment variable ${rest} is not set`, hint: 'set it where sitebox is started' };
  }
  if (kind !== 'file') {
    return {
      message: 'expected a reference to a secret',
      hint: 'write file:PATH or env:NAME, never the secret itself',
    };
  }
  const file = resolve(base, rest);
  try {
    const value = readRegular(file, { linked: true }).trim();
    return value ? value : { message: `secret file ${file} is empty`, hint: 'put the secret on its first line' };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const hint = code === 'ENOENT' ? 'create it with mode 0600' : 'let the user that runs sitebox read it';
    return { message: `secret file ${file} cannot be read (${code})`, hint };
  }
}

/** Whether the file is a private key in PEM (RFC 7468), as a listener for TLS has one. */
export function holdsPrivateKey(file: string): boolean {
  try {
    return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(readRegular(file, { linked: true }));
  } catch {
    return false;
  }
}
