/**
 * A sealed value: version, id of the master key, nonce, ciphertext and tag of AES-256-GCM (NIST SP 800-38D). The additional data names the column
 * and the row, so that a value opens in its own place only. In a column of text it is base64url behind the version character, which no text of
 * people and no JSON begins with.
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const ID_BYTES = 6;
/** Random: up to 2^32 values under one key (SP 800-38D, 8.3). `rekey` begins anew. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = 1 + ID_BYTES;
const CIPHERTEXT_AT = NONCE_AT + NONCE_BYTES;
/** First character of a sealed text: the version. */
export const SEALED_MARK = String.fromCharCode(VERSION);

/** `keyId`: twelve hex digits. `place`: the column and the row. */
export function sealBytes(key: KeyObject, keyId: string, place: string, plain: Uint8Array): Buffer {
  const head = Buffer.alloc(CIPHERTEXT_AT);
  head[0] = VERSION;
  head.write(keyId, 1, 'hex');
  const nonce = randomBytes(NONCE_BYTES);
  nonce.copy(head, NONCE_AT);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined: altered, or sealed for another place. */
export function openBytes(key: KeyObject, place: string, sealed: Uint8Array): Buffer | undefined {
  const nonce = sealed.subarray(NONCE_AT, CIPHERTEXT_AT);
  const end = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(CIPHERTEXT_AT, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The id of the key that a value was sealed with; undefined for a plain one, as earlier versions wrote. No picture format begins with the version. */
export function keyIdOf(value: Uint8Array): string | undefined {
  if (value[0] !== VERSION || value.length < CIPHERTEXT_AT + TAG_BYTES) return undefined;
  return Buffer.from(value.subarray(1, NONCE_AT)).toString('hex');
}

export function isSealedText(text: string): boolean {
  return text.startsWith(SEALED_MARK);
}

export function toText(sealed: Buffer): string {
  return SEALED_MARK + sealed.subarray(1).toString('base64url');
}

/** `text` begins with the mark. */
export function fromText(text: string): Buffer {
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(text.slice(SEALED_MARK.length), 'base64url')]);
}

/** How each value begins that was sealed with this key: in a column of bytes, and of text. */
export function sealedStart(keyId: string): { readonly blob: Buffer; readonly text: string } {
  const blob = Buffer.concat([Buffer.of(VERSION), Buffer.from(keyId, 'hex')]);
  return { blob, text: toText(blob) };
}
