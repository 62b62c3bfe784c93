/** Signed files, their signatures and secret keys on disk. Every read is capped before a byte of the content is looked at. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { tooBig } from './bundle.ts';
import type { ReadPhoto } from './entry.ts';
import { MAX_PHOTO_BYTES, PHOTO_TOO_BIG, photoProblem } from './photo.ts';
import { accept, refuse, type Result } from './result.ts';
import { keyIdOf, MAX_SIGNATURE_BYTES, publicKeyOf, type SignedFile } from './signature.ts';
import type { SecretKey } from './office/sign.ts';
import { replaceFile } from '../store/files/private-files.ts';
import { english } from '../contracts/words/words.ts';

const MAX_KEY_BYTES = 4096;

/** `PATH` and `PATH.sig`. A missing .sig gives no signatures, so that the file is refused as unsigned. */
export function readSigned(path: string, maxBytes: number): Result<SignedFile> {
  const bytes = readCapped(path, maxBytes);
  if (!bytes.ok) return bytes;
  const signatures = readCapped(`${path}.sig`, MAX_SIGNATURE_BYTES);
  if (!signatures.ok) {
    return signatures.why === 'no list'
      ? refuse('unsigned', english('signature-beside-missing', { path }))
      : signatures;
  }
  // Latin-1 keeps every byte apart, so that no two signature files look alike.
  return accept({ bytes: bytes.value, signatures: Buffer.from(signatures.value).toString('latin1') });
}

/** The size is asked of the open file and refused before anything is read; the read itself stops at the cap too. */
export function readCapped(path: string, maxBytes: number): Result<Uint8Array> {
  let fd: number;
  try {
    // Without O_NONBLOCK a named pipe would hold us here until somebody writes to it.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    return refuse(code === 'ENOENT' ? 'no list' : 'unreadable', english('path-unreadable', { path, code }));
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return refuse('unreadable', english('path-no-file', { path }));
    if (stat.size > maxBytes) return tooBig(path, stat.size, maxBytes);
    const bytes = new Uint8Array(stat.size);
    let have = 0;
    while (have < bytes.length) {
      const got = readSync(fd, bytes, have, bytes.length - have, null);
      if (got === 0) break;
      have += got;
    }
    return accept(bytes.subarray(0, have));
  } finally {
    closeSync(fd);
  }
}

/** Reads the photos that a table in `folder` names, `maxBytes` of them all in all. */
export function photosIn(folder: string, maxBytes: number): ReadPhoto {
  let left = maxBytes;
  return (path) => {
    const read = readCapped(resolve(folder, path), MAX_PHOTO_BYTES);
    if (!read.ok && read.why === 'too big') return { problem: PHOTO_TOO_BIG };
    if (!read.ok) return { problem: english('photo-unreadable') };
    const problem = photoProblem(read.value);
    if (problem !== undefined) return { problem };
    left -= read.value.length;
    if (left >= 0) return { bytes: read.value };
    return {
      problem: english('photos-too-many-bytes', { MB: Math.floor(maxBytes / 1e6) }),
    };
  };
}

/** Lists and roots go from hand to hand: the umask decides. */
export const PUBLIC = 0o666;

/** Writes both files; never over others unless `replace`, and then in one step each, so that none is ever half-written. */
export function writeSigned(path: string, file: SignedFile, replace = false): void {
  if (!replace) {
    writeFileSync(path, file.bytes, { flag: 'wx' });
    writeFileSync(`${path}.sig`, file.signatures, { flag: 'wx' });
    return;
  }
  replaceFile(path, file.bytes, PUBLIC);
  replaceFile(`${path}.sig`, file.signatures, PUBLIC);
}

const keyText = z.strictObject({
  _type: z.literal('sitebox-key'),
  role: z.enum(['root', 'list']),
  id: z.string(),
  seed: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
});

export function writeKey(path: string, key: SecretKey): void {
  const seed = Buffer.from(key.seed).toString('base64');
  const text = JSON.stringify({ _type: 'sitebox-key', role: key.role, id: key.id, seed } satisfies z.input<
    typeof keyText
  >);
  writeFileSync(path, `${text}\n`, { flag: 'wx', mode: 0o600 });
}

/** The content of a key file never appears in an error. */
export function readKey(path: string): Result<SecretKey> {
  const bytes = readCapped(path, MAX_KEY_BYTES);
  if (!bytes.ok) return bytes;
  const wrong = refuse('unreadable', english('key-file-none', { path }));
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.value).toString('utf8'));
  } catch {
    return wrong;
  }
  const parsed = keyText.safeParse(value);
  if (!parsed.success) return wrong;
  const seed = new Uint8Array(Buffer.from(parsed.data.seed, 'base64'));
  const publicKey = publicKeyOf(seed);
  if (keyIdOf(publicKey) !== parsed.data.id) return refuse('altered', english('key-file-damaged', { path }));
  return accept({ role: parsed.data.role, id: parsed.data.id, publicKey, seed });
}

/** True when others than the owner may read the key. (A stick without access rights cannot do better: a warning, not a refusal.) */
export function isExposed(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}
