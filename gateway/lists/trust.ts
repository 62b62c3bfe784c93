/**
 * The root of trust: which keys may sign lists, which may sign the next root, how many of each, and until when.
 * It follows the roles of The Update Framework (specification 1.0: root keys, thresholds, rotation N+1).
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { iso } from '../contracts/time.ts';
import type { Instant, Sha256 } from '../contracts/base.ts';
import { readJson, timeText } from './json.ts';
import { accept, refuse, type ListRefusal, type Result } from './result.ts';
import { checkThreshold, keyIdOf, type Keyring, type SignedFile } from './signature.ts';
import { english } from '../contracts/words/words.ts';

export interface Root {
  readonly version: number;
  readonly issued: Instant;
  readonly expires: Instant;
  /** Of the signed bytes. */
  readonly sha256: Sha256;
  readonly rootKeys: Keyring;
  readonly listKeys: Keyring;
}

export const MAX_ROOT_BYTES = 64 * 1024;
export const MAX_KEYS = 16;

const keyring = z.strictObject({
  threshold: z.int().min(1).max(MAX_KEYS),
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{16}$/),
        public: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, english('field-key')),
      }),
    )
    .min(1)
    .max(MAX_KEYS),
});

const schema = z.strictObject({
  _type: z.literal('root'),
  spec: z.literal(1),
  version: z.int().min(1),
  issued: timeText,
  expires: timeText,
  rootKeys: keyring,
  listKeys: keyring,
});

export type RootText = z.input<typeof schema>;

/** Opens a root that was installed by hand: a threshold of its own root keys must have signed it. */
export function openFirstRoot(file: SignedFile): Result<Root> {
  const root = readRootText(file.bytes);
  if (!root.ok) return root;
  return checkThreshold(file, root.value.rootKeys, english('whose-root-key')) ?? root;
}

/** Opens the successor of `old`: version + 1, signed by a threshold of the old and of the new root keys. Verifies the old keys before it parses. */
export function openNextRoot(old: Root, file: SignedFile): Result<Root> {
  const byOld = checkThreshold(file, old.rootKeys, english('whose-root-key-of', { version: old.version }));
  if (byOld) {
    return refuse(byOld.why, english('root-one-by-one', { detail: byOld.detail, next: old.version + 1 }));
  }
  const next = readRootText(file.bytes);
  if (!next.ok) return next;
  const version = next.value.version;
  if (version !== old.version + 1) {
    return refuse(
      version <= old.version ? 'rolled back' : 'no trust',
      english('root-does-not-follow', { version, old: old.version, next: old.version + 1 }),
    );
  }
  return checkThreshold(file, next.value.rootKeys, english('whose-root-key-of', { version })) ?? next;
}

export function rootExpired(root: Root, now: Instant): ListRefusal | undefined {
  if (now < root.expires) return undefined;
  return refuse('expired', english('root-ran-out', { version: root.version, at: iso(root.expires) }));
}

/** Parses without verifying: call it directly only for the person who is about to sign. */
export function readRootText(bytes: Uint8Array): Result<Root> {
  if (bytes.length > MAX_ROOT_BYTES) return refuse('too big', english('root-too-long', { most: MAX_ROOT_BYTES }));
  const parsed = readJson(bytes, schema, 'root.json');
  if (!parsed.ok) return parsed;
  const { version, issued, expires } = parsed.value;
  const rootKeys = openKeyring(parsed.value.rootKeys, 'rootKeys');
  if (!rootKeys.ok) return rootKeys;
  const listKeys = openKeyring(parsed.value.listKeys, 'listKeys');
  if (!listKeys.ok) return listKeys;
  if (expires <= issued) return refuse('unreadable', english('root-life'));
  for (const id of listKeys.value.keys.keys()) {
    // List keys sign every week and are kept on a desk; root keys are kept in a safe.
    if (rootKeys.value.keys.has(id)) return refuse('unreadable', english('root-key-in-both', { id }));
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return accept({ version, issued, expires, sha256, rootKeys: rootKeys.value, listKeys: listKeys.value });
}

function openKeyring(text: z.infer<typeof keyring>, name: string): Result<Keyring> {
  const keys = new Map<string, Uint8Array>();
  for (const { id, public: base64 } of text.keys) {
    const key = new Uint8Array(Buffer.from(base64, 'base64'));
    if (keyIdOf(key) !== id) return refuse('unreadable', english('root-key-id', { keys: name, id }));
    if (keys.has(id)) return refuse('unreadable', english('root-key-twice', { keys: name, id }));
    keys.set(id, key);
  }
  if (text.threshold > keys.size) {
    return refuse('unreadable', english('root-threshold', { keys: name, threshold: text.threshold, of: keys.size }));
  }
  return accept({ threshold: text.threshold, keys });
}
