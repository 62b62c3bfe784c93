/**
 * The format of a file of master keys: a line that names it, a line of JSON, and the keys, 32 bytes each. Where systemd hands the service a
 * credential the keys are wrapped in it (AES-256-GCM), because the service cannot write a credential itself and `rekey` has to change them; without
 * one they are plain in a file of mode 0600.
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../../contracts/errors.ts';
import { readRegularBytes } from '../../contracts/regular-file.ts';
import { english } from '../../contracts/words/words.ts';
import { isWord, membersOf } from '../shapes.ts';
import { derive, idOf, MASTER_BYTES } from './keyring.ts';

const MAGIC = 'sitebox seal keys 1\n';
const CREDENTIAL = 'seal-key';
const MIN_CREDENTIAL_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Header {
  /** The file of the credential that wraps the keys; null: they are plain. */
  readonly credential: string | null;
  readonly ids: readonly string[];
  /** `rekey` has begun and not ended: the first key is the new one. */
  readonly rekeying: boolean;
}

export interface KeyFile extends Header {
  /** The first is the current one. Whoever reads them zeroes them. */
  readonly masters: readonly Buffer[];
}

/** Where systemd has put the credential of this process, if it has (systemd.exec(5), LoadCredentialEncrypted=). */
export function handedCredential(): string | undefined {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  const path = folder === undefined ? undefined : join(folder, CREDENTIAL);
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** Undefined: there is no such file. Throws where it, or its credential, is not readable or not as it was written. */
export function readKeyFile(path: string): KeyFile | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readRegularBytes(path);
  try {
    return decode(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** What the file says of its keys, without them. Throws as `readKeyFile` does. */
export function headerOf(path: string): Header | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readRegularBytes(path);
  try {
    return split(bytes).header;
  } finally {
    bytes.fill(0);
  }
}

function split(bytes: Buffer): { readonly header: Header; readonly head: Buffer } {
  const end = bytes.indexOf('\n', MAGIC.length) + 1;
  const isOurs = end > 0 && bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC));
  const head = bytes.subarray(0, isOurs ? end : 0);
  const header = isOurs ? parsed(head.subarray(MAGIC.length).toString('utf8')) : undefined;
  if (!isHeader(header)) throw new Error(english('seal-keys-not'));
  return { header, head };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is Header {
  const { credential, ids, rekeying } = membersOf(value);
  const isList = Array.isArray(ids) && ids.length > 0 && ids.every(isWord);
  return (credential === null || isWord(credential)) && isList && typeof rekeying === 'boolean';
}

function decode(bytes: Buffer): KeyFile {
  const { header, head } = split(bytes);
  const stored = bytes.subarray(head.length);
  const body = header.credential === null ? Buffer.from(stored) : unwrap(stored, head, header.credential);
  const masters = header.ids.map((_, i) => Buffer.from(body.subarray(i * MASTER_BYTES, (i + 1) * MASTER_BYTES)));
  body.fill(0);
  if (masters.some((master, i) => master.length !== MASTER_BYTES || idOf(master) !== header.ids[i]))
    throw new Error(english('seal-keys-not'));
  return { ...header, masters };
}

/**
 * The content of a key file; the caller zeroes it, and `masters`. `credential`: the file that wraps them. It keeps its name where this process was
 * handed the same credential under another (`systemd-run`).
 */
export function encodeKeyFile(
  masters: readonly Uint8Array[],
  { credential, rekeying = false }: { readonly credential: string | null; readonly rekeying?: boolean },
): Buffer {
  const header: Header = { credential, ids: masters.map(idOf), rekeying };
  const head = Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`);
  const body = Buffer.concat(masters);
  try {
    return Buffer.concat([head, credential === null ? body : wrap(body, head, credential)]);
  } finally {
    if (credential !== null) body.fill(0);
  }
}

function wrap(body: Buffer, head: Buffer, credential: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', credentialKey(handedCredential() ?? credential), nonce).setAAD(head);
  return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

/** Tries what systemd has handed to this process, then the file that the keys were wrapped with: a verb beside the service reads it there. */
function unwrap(wrapped: Buffer, head: Buffer, recorded: string): Buffer {
  let failed: unknown;
  for (const path of new Set([handedCredential() ?? recorded, recorded])) {
    try {
      const key = credentialKey(path);
      const nonce = wrapped.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(head);
      decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      failed ??= error;
    }
  }
  throw new Error(english('seal-keys-other-credential', { credential: recorded, cause: causeOf(failed) }));
}

function credentialKey(path: string): KeyObject {
  const bytes = readRegularBytes(path, { linked: true });
  try {
    if (bytes.length < MIN_CREDENTIAL_BYTES) throw new Error(english('seal-credential-short', { bytes: bytes.length }));
    return derive(bytes, 'sitebox seal keys', MASTER_BYTES);
  } finally {
    bytes.fill(0);
  }
}
