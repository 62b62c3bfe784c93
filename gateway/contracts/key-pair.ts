/** A certificate of a server and its key, both PEM. */
import { createSecureContext } from 'node:tls';
import { readRegular } from './regular-file.ts';

export interface KeyPair {
  /** With the certificates that lead to its authority, where there are any. */
  readonly certificate: string;
  readonly key: string;
}

/** Of two files. Throws where they are no certificate with its key. */
export function readCertificate(files: KeyPair): KeyPair {
  const pair = {
    certificate: readRegular(files.certificate, { linked: true }),
    key: readRegular(files.key, { linked: true }),
  };
  createSecureContext({ cert: pair.certificate, key: pair.key });
  return pair;
}
