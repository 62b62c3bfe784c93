/** Reads PEM files that a configuration names: certificates, authorities, keys. */
import { ConfigError } from '../../gateway/contracts/errors.ts';
import { readRegular } from '../../gateway/contracts/regular-file.ts';
import { english } from '../../gateway/contracts/words/words.ts';

/** Throws ConfigError on `path` of the configuration if the file cannot be read, and does not block on a pipe or device. */
export function readPem(file: string, path: readonly string[] = ['ca']): string {
  try {
    return readRegular(file, { linked: true });
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ConfigError([
      { path, message: english('pem-unreadable', { file, code }), hint: english('pem-expected') },
    ]);
  }
}
