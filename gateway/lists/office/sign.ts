/** Makes keys, roots of trust and signed lists for the list office. In memory; files.ts writes them to disk. */
import { randomBytes } from 'node:crypto';
import { iso } from '../../contracts/time.ts';
import type { Instant } from '../../contracts/base.ts';
import type { ListType } from '../../contracts/list.ts';
import type { EntryText } from '../entry.ts';
import { accept } from '../result.ts';
import { formatSignatures, keyIdOf, parseSignatures, publicKeyOf, signBytes } from '../signature.ts';
import type { Keyring, Signature, SignedFile } from '../signature.ts';
import type { Root, RootText } from '../trust.ts';

export type KeyRole = 'root' | 'list';

export interface SecretKey {
  readonly role: KeyRole;
  readonly id: string;
  readonly publicKey: Uint8Array;
  /** The secret, 32 bytes. */
  readonly seed: Uint8Array;
}

export interface NewRoot {
  readonly file: SignedFile;
  /** Keys made for this root. */
  readonly newKeys: readonly SecretKey[];
}

const DAY_MS = 24 * 3600_000;

export function newKey(role: KeyRole, seed: Uint8Array = randomBytes(32)): SecretKey {
  const publicKey = publicKeyOf(seed);
  return { role, id: keyIdOf(publicKey), publicKey, seed };
}

interface NewRootOptions {
  readonly now: Instant;
  /** Keys per role, default 3. */
  readonly keys?: number;
  /** Signatures needed per role, default 2. */
  readonly threshold?: number;
  /** Life of the root, default 365. */
  readonly days?: number;
}

/** Version 1: new keys for both roles, signed by all its root keys. */
export function makeRoot(plan: NewRootOptions): NewRoot {
  const { keys = 3, threshold = Math.min(2, keys), days = 365 } = plan;
  const rootKeys = Array.from({ length: keys }, () => newKey('root'));
  const listKeys = Array.from({ length: keys }, () => newKey('list'));
  const rings = { rootKeys: ringText(threshold, rootKeys), listKeys: ringText(threshold, listKeys) };
  const text: RootText = { _type: 'root', spec: 1, version: 1, ...lifeText(plan.now, days), ...rings };
  return { file: signAll(text, rootKeys), newKeys: [...rootKeys, ...listKeys] };
}

export interface RotationOptions extends Pick<NewRootOptions, 'now' | 'days'> {
  /** Replaces the keys of the role with as many new ones. */
  readonly replaceRootKeys?: boolean;
  readonly replaceListKeys?: boolean;
}

/** The successor of `old`, signed by `signers` (old root keys) and by new root keys. The caller checks whether these are enough. */
export function rotateRoot(old: Root, signers: readonly SecretKey[], plan: RotationOptions): NewRoot {
  const fresh = (role: KeyRole, ring: Keyring) => Array.from({ length: ring.keys.size }, () => newKey(role));
  const newRootKeys = plan.replaceRootKeys ? fresh('root', old.rootKeys) : [];
  const newListKeys = plan.replaceListKeys ? fresh('list', old.listKeys) : [];
  const rings = {
    rootKeys: plan.replaceRootKeys ? ringText(old.rootKeys.threshold, newRootKeys) : keptRing(old.rootKeys),
    listKeys: plan.replaceListKeys ? ringText(old.listKeys.threshold, newListKeys) : keptRing(old.listKeys),
  };
  const life = lifeText(plan.now, plan.days ?? 365);
  const text: RootText = { _type: 'root', spec: 1, version: old.version + 1, ...life, ...rings };
  return { file: signAll(text, [...signers, ...newRootKeys]), newKeys: [...newRootKeys, ...newListKeys] };
}

export interface SignListOptions {
  readonly type: ListType;
  readonly site: string;
  readonly version: number;
  readonly entries: readonly EntryText[];
  readonly now: Instant;
  /** Life of the list, 7 at most; default 7. */
  readonly days?: number;
  /** Of a document list: what its digests were made with. */
  readonly salt?: Uint8Array;
}

export function signBundle(plan: SignListOptions, keys: readonly SecretKey[]): SignedFile {
  const { type, site, version, entries, now, days = 7, salt } = plan;
  const salted = salt ? { salt: base64(salt) } : {};
  return signAll({ _type: type, spec: 1, site, version, ...lifeText(now, days), ...salted, entries }, keys);
}

function lifeText(now: Instant, days: number): { readonly issued: string; readonly expires: string } {
  return { issued: iso(now), expires: iso(now + days * DAY_MS) };
}

/** Adds (or renews) the signature of `key`. Throws when the signature file is not one. */
export function addSignature(file: SignedFile, key: SecretKey): SignedFile {
  const before = file.signatures === '' ? accept([]) : parseSignatures(file.signatures);
  if (!before.ok) throw new Error(before.detail);
  const others = before.value.filter((signature) => signature.keyId !== key.id);
  return { bytes: file.bytes, signatures: formatSignatures([...others, signature(file.bytes, key)]) };
}

/** The JSON is indented, so that a person can read what is signed. */
function signAll(content: unknown, keys: readonly SecretKey[]): SignedFile {
  const bytes = new TextEncoder().encode(`${JSON.stringify(content, null, 1)}\n`);
  return { bytes, signatures: formatSignatures(keys.map((key) => signature(bytes, key))) };
}

function signature(bytes: Uint8Array, key: SecretKey): Signature {
  return { keyId: key.id, bytes: signBytes(bytes, key.seed) };
}

function ringText(threshold: number, keys: readonly SecretKey[]): RootText['rootKeys'] {
  return { threshold, keys: keys.map((key) => ({ id: key.id, public: base64(key.publicKey) })) };
}

function keptRing(ring: Keyring): RootText['rootKeys'] {
  return { threshold: ring.threshold, keys: [...ring.keys].map(([id, key]) => ({ id, public: base64(key) })) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
