/**
 * Detached Ed25519 signatures (RFC 8032) over raw bytes, made with node:crypto from raw 32-byte keys.
 *
 * A signature file is text, one line per signature: 16 hex digits of the key id, one space, 88 characters of base64, one line feed.
 * Nothing else is allowed, so that no byte of the file can be changed without a signature getting lost.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { accept, refuse, type ListRefusal, type Result } from './result.ts';
import { english } from '../contracts/words/words.ts';

/** A file that carries weight only together with its signatures: its raw bytes, and the text of the signature file. */
export interface SignedFile {
  readonly bytes: Uint8Array;
  readonly signatures: string;
}

/** The keys of one role, and how many different ones of them must have signed. */
export interface Keyring {
  readonly threshold: number;
  /** Key id -> raw public key, 32 bytes. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

export interface Signature {
  readonly keyId: string;
  /** 64 bytes. */
  readonly bytes: Uint8Array;
}

/** More than any root of trust can name keys for, twice over (a rotation is signed by old and new keys). */
export const MAX_SIGNATURES = 64;
/** One line is 106 bytes. */
export const MAX_SIGNATURE_BYTES = MAX_SIGNATURES * 106;

/** The DER that stands before a raw key in SubjectPublicKeyInfo and PKCS #8 (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** First 16 hex digits of the SHA-256 of the raw public key. */
export function keyIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

/** `seed` is the 32-byte secret of RFC 8032 5.1.5. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const der = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(SPKI_PREFIX.length));
}

export function signBytes(bytes: Uint8Array, seed: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, bytes, privateKey(seed)));
}

export function verifyBytes(bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, bytes, key, signature);
}

function privateKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

export function formatSignatures(signatures: readonly Signature[]): string {
  return signatures.map((s) => `${s.keyId} ${Buffer.from(s.bytes).toString('base64')}\n`).join('');
}

export function parseSignatures(text: string): Result<readonly Signature[]> {
  if (text === '') return refuse('unsigned', english('signature-none'));
  if (text.length > MAX_SIGNATURE_BYTES) {
    return refuse('too big', english('signature-file-too-long', { most: MAX_SIGNATURE_BYTES }));
  }
  const signatures: Signature[] = [];
  const lines = text.split('\n');
  if (lines.pop() !== '') return refuse('altered', english('signature-file-cut-off'));
  for (const [i, line] of lines.entries()) {
    const [, keyId = '', base64 = ''] = /^([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)$/.exec(line) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    // Base64 leaves four bits unused here; writing them back shows whether somebody used them.
    if (keyId === '' || bytes.toString('base64') !== base64) {
      return refuse('altered', english('signature-line-form', { line: i + 1 }));
    }
    signatures.push({ keyId, bytes: new Uint8Array(bytes) });
  }
  return accept(signatures);
}

/** Key ids of the signatures of a file, each once. */
export interface Signers {
  readonly valid: ReadonlySet<string>;
  /** In the name of a key of the ring, and they do not fit the bytes. */
  readonly invalid: ReadonlySet<string>;
  /** Of keys that are not in the ring: they cannot be checked. */
  readonly unknown: ReadonlySet<string>;
}

export function signersOf(file: SignedFile, ring: Keyring): Result<Signers> {
  const parsed = parseSignatures(file.signatures);
  if (!parsed.ok) return parsed;
  const [valid, invalid, unknown] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { keyId, bytes } of parsed.value) {
    const key = ring.keys.get(keyId);
    if (!key) unknown.add(keyId);
    else if (verifyBytes(file.bytes, bytes, key)) valid.add(keyId);
    else invalid.add(keyId);
  }
  return accept({ valid, invalid, unknown });
}

/**
 * Refuses unless at least `threshold` different keys of `ring` signed `file.bytes`. Each key id counts once; signatures by keys that are not in the ring
 * are passed over (a rotated root carries those of two rings). A false signature in the name of a key of the ring is a sign of tampering
 * and refuses the file, even where enough others are good.
 */
export function checkThreshold(file: SignedFile, ring: Keyring, whose: string): ListRefusal | undefined {
  const signers = signersOf(file, ring);
  return signers.ok ? checkSigned(signers.value, ring, whose) : signers;
}

/** As `checkThreshold`, of signatures that have been verified. */
export function checkSigned({ valid, invalid }: Signers, ring: Keyring, whose: string): ListRefusal | undefined {
  for (const keyId of invalid) {
    return refuse('altered', english('signature-does-not-fit', { whose, key: keyId }));
  }
  if (valid.size >= ring.threshold) return undefined;
  return refuse(
    'unsigned',
    english('signatures-missing', {
      good: valid.size,
      needed: ring.threshold,
      whose,
      missing: ring.threshold - valid.size,
    }),
  );
}
