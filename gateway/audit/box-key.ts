/**
 * The key with which a box signs its audit log: Ed25519 (RFC 8032), made at the first start, in the storage folder for the owner alone, or a
 * credential that systemd hands to the service.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../contracts/regular-file.ts';
import { AUDIT_KEY_FILE } from '../store/files/names.ts';
import { replaceFile } from '../store/files/private-files.ts';

export interface BoxKey {
  /** The raw public half, in base64. */
  readonly publicKey: string;
  /** In base64. */
  sign(text: string): string;
}

/** systemd.exec(5), LoadCredentialEncrypted=. */
const CREDENTIAL = 'audit-key';

/** As it is; undefined: there is none. Throws where it cannot be read or is no such key. */
export function readBoxKey(folder: string): BoxKey | undefined {
  const handed = credential();
  const path = handed ?? join(folder, AUDIT_KEY_FILE);
  if (!existsSync(path)) return undefined;
  return toKey(createPrivateKey(readRegular(path, { linked: handed !== undefined })));
}

/** Makes a new one in the storage folder; a file that is no key is moved aside. Throws what the file system throws. */
export function makeBoxKey(folder: string): BoxKey {
  const path = join(folder, AUDIT_KEY_FILE);
  if (existsSync(path)) renameSync(path, `${path}.damaged`);
  const { privateKey } = generateKeyPairSync('ed25519');
  replaceFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return toKey(privateKey);
}

function credential(): string | undefined {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  const path = folder === undefined ? undefined : join(folder, CREDENTIAL);
  return path !== undefined && existsSync(path) ? path : undefined;
}

function toKey(key: KeyObject): BoxKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${key.asymmetricKeyType ?? 'secret'} key`);
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: Buffer.from(x, 'base64url').toString('base64'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}
