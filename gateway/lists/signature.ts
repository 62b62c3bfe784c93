/**
 * Detached Ed25519 signatures (RFC 8032) over raw bytes, made with node:crypto from raw 32-byte keys.
 *
 * A signature file is text, one line per signature: 16 hex digits of the key id, one space, 88 characters of base64, one line feed.
 * Nothing else is allowed, so that any changed byte invalidates a signature.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { accept, refuse, type ListRefusal, type Result } from './result.ts';
import { english } from '../contracts/words/words.ts';

/** A file with the text of its signature file. */
export interface SignedFile {
  readonly bytes: Uint8Array;
  readonly signatures: string;
}

/** The keys of one role, and how many of them must sign. */
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

/** Twice as many as a root can have keys: a rotation is signed by old and new keys. */
const MAX_SIGNATURES = 64;
/** One line is 106 bytes. */
export const MAX_SIGNATURE_BYTES = MAX_SIGNATURES * 106;

/** The DER prefix of a raw key in SubjectPublicKeyInfo and PKCS #8 (RFC 8410). */
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
    // Base64 leaves four bits unused here; encoding again shows whether they are set.
    if (keyId === '' || bytes.toString('base64') !== base64) {
      return refuse('altered', english('signature-line-form', { line: i + 1 }));
    }
    signatures.push({ keyId, bytes: new Uint8Array(bytes) });
  }
  return accept(signatures);
}

/** The key ids that signed a file. */
interface Signers {
  readonly valid: ReadonlySet<string>;
  /** The signature carries the id of a key in the ring but does not match the bytes. */
  readonly invalid: ReadonlySet<string>;
  /** Not in the ring: the signature cannot be checked. */
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
 * Refuses unless at least `threshold` different keys of `ring` signed `file.bytes`. Signatures by other keys are ignored (a rotated root carries
 * those of two rings). An invalid signature with the id of a key in the ring is a sign of tampering: the file is refused even where enough
 * others are valid.
 */
export function checkThreshold(file: SignedFile, ring: Keyring, whose: string): ListRefusal | undefined {
  const signers = signersOf(file, ring);
  return signers.ok ? checkSigned(signers.value, ring, whose) : signers;
}

/** As `checkThreshold`, for signatures that are verified already. */
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
