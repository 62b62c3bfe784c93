/**
 * Standard Webhooks signatures (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md), pure: `v1` is HMAC-SHA256
 * with a shared secret (`whsec_…`), `v1a` is Ed25519 (`whsk_…` signs, `whpk_…` verifies). Signed is `id.timestamp.body`.
 */
import type { KeyObject } from 'node:crypto';
import { createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';
import type { Instant } from '../../gateway/contracts/base.ts';
import { english } from '../../gateway/contracts/words/words.ts';

/** Either side may be off by this much. */
export const TOLERANCE_MS = 5 * 60_000;

export interface SignatureHeaders {
  readonly 'webhook-id': string;
  /** Seconds since the Unix epoch. */
  readonly 'webhook-timestamp': string;
  /** Space-separated, one per key, so that keys can be changed without a gap. */
  readonly 'webhook-signature': string;
}

/** Those of them that `given` has; one that came several times is no signature. */
export function signatureIn(given: Readonly<Record<string, unknown>>): Partial<SignatureHeaders> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
  return Object.fromEntries(names.flatMap((n) => (typeof given[n] === 'string' ? [[n, given[n]]] : [])));
}

export type SignatureVerdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

// DER headers of a raw Ed25519 key (RFC 8410).
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** True for one or more keys, separated by spaces, that `signBody` can sign with. */
export function areSigningKeys(keys: string): boolean {
  const list = keys.trim().split(/\s+/);
  return list.every((k) => {
    const bytes = keyBytes(k);
    if (k.startsWith('whsec_')) return bytes.length >= 24 && bytes.length <= 64;
    return k.startsWith('whsk_') && (bytes.length === 32 || bytes.length === 64);
  });
}

/** `keys`: `whsec_…` or `whsk_…`, several separated by spaces while they are being changed. */
export function signBody(keys: string, id: string, at: Instant, body: Uint8Array): SignatureHeaders {
  const timestamp = String(Math.floor(at / 1000));
  const content = signedContent(id, timestamp, body);
  const signatures = keys
    .trim()
    .split(/\s+/)
    .map((key) =>
      key.startsWith('whsk_')
        ? `v1a,${sign(null, content, privateKey(keyBytes(key))).toString('base64')}`
        : `v1,${createHmac('sha256', keyBytes(key)).update(content).digest('base64')}`,
    );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** True for one or more keys, separated by spaces, that signatures can be verified with: `whsec_…` or `whpk_…`. */
export function areVerifyingKeys(keys: string): boolean {
  const list = keys.trim().split(/\s+/);
  return list.every((k) =>
    k.startsWith('whpk_') ? keyBytes(k).length === 32 : k.startsWith('whsec_') && areSigningKeys(k),
  );
}

/**
 * `ok` at the first signature that fits one of `keys` (`whsec_…` or `whpk_…`), where the clocks differ by TOLERANCE_MS at most; unknown versions
 * are passed over.
 */
export function verifyBody(
  keys: string,
  headers: Partial<SignatureHeaders>,
  body: Uint8Array,
  now: Instant,
): SignatureVerdict {
  const verdict = verifySignature(keys, headers, body);
  if (!verdict.ok) return verdict;
  const skewMs = Number(headers['webhook-timestamp']) * 1000 - now;
  if (Math.abs(skewMs) > TOLERANCE_MS) {
    return {
      ok: false,
      why: english('webhook-clocks-differ', { seconds: Math.round(skewMs / 1000), most: TOLERANCE_MS / 1000 }),
    };
  }
  return { ok: true };
}

/** The same whenever it was signed: for what may wait on its way, and says in its body how long it holds. */
export function verifySignature(keys: string, headers: Partial<SignatureHeaders>, body: Uint8Array): SignatureVerdict {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !timestamp || !signatures) return { ok: false, why: english('webhook-header-missing') };
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, why: english('webhook-timestamp') };
  const content = signedContent(id, timestamp, body);
  const list = keys.trim().split(/\s+/);
  const fits = signatures.split(' ').some((s) => list.some((key) => signatureFits(key, s, content)));
  return fits ? { ok: true } : { ok: false, why: english('webhook-no-signature-fits') };
}

function signatureFits(key: string, signature: string, content: Buffer): boolean {
  const [version, value] = signature.split(',', 2);
  if (!value) return false;
  const given = Buffer.from(value, 'base64');
  if (version === 'v1' && key.startsWith('whsec_')) {
    const expected = createHmac('sha256', keyBytes(key)).update(content).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
  if (version === 'v1a' && key.startsWith('whpk_')) {
    const bytes = keyBytes(key);
    return given.length === 64 && bytes.length === 32 && verify(null, content, publicKey(bytes), given);
  }
  return false;
}

function signedContent(id: string, timestamp: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
}

function keyBytes(key: string): Buffer {
  return Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');
}

/** A private key is 32 bytes of seed, or the seed followed by the public key. */
function privateKey(bytes: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, bytes.subarray(0, 32)]), format: 'der', type: 'pkcs8' });
}

function publicKey(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
}
