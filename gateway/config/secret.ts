/** Reads secrets, which the configuration refers to as `file:PATH` or `env:NAME`. */
import { resolve } from 'node:path';
import { readRegular } from '../contracts/regular-file.ts';
import { english } from '../contracts/words/words.ts';

/** Relative paths start at `base`. Problems do not repeat the value. */
export function readSecret(reference: string, base: string): string | { message: string; hint: string } {
  const [, kind, rest = ''] = /^(file|env):(.+)$/s.exec(reference) ?? [];
  if (kind === 'env') {
    const value = process.env[rest];
    return value
      ? value
      : { message: english('config-env-unset', { name: rest }), hint: english('config-env-unset-hint') };
  }
  if (kind !== 'file') return { message: english('config-secret-form'), hint: english('config-secret-form-hint') };
  const file = resolve(base, rest);
  try {
    const value = readRegular(file, { linked: true }).trim();
    return value
      ? value
      : { message: english('config-secret-empty', { file }), hint: english('config-secret-empty-hint') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const hint = english(code === 'ENOENT' ? 'config-secret-create' : 'config-secret-rights');
    return { message: english('config-secret-unreadable', { file, code }), hint };
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
