/** The text that the box signs for a head of its audit log, and whether a head is signed so. */
import { createPublicKey, verify } from 'node:crypto';
import type { SignedHead } from '../store/audit-heads.ts';

/** A JSON array, which makes the bounds of its members unambiguous. `verify-export.mjs` writes it for itself. */
export function headText({ source, seq, hash, at }: Omit<SignedHead, 'key' | 'signature'>): string {
  return JSON.stringify(['sitebox audit head', source, seq, hash, at]);
}

/** Whether the key that it names has signed it. Whether that is a key of the box is another question. */
export function isSigned(head: SignedHead): boolean {
  try {
    const x = Buffer.from(head.key, 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, Buffer.from(headText(head)), key, Buffer.from(head.signature, 'base64'));
  } catch {
    return false;
  }
}
