/** Reads and writes signed files, signatures and secret keys. The size is checked before anything is read. */
import { closeSync, constants, fstatSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { tooBig } from './bundle.ts';
import type { ReadPhoto } from './entry.ts';
import { MAX_PHOTO_BYTES, PHOTO_TOO_BIG, photoProblem } from './photo.ts';
import { accept, refuse, type Result } from './result.ts';
import { keyIdOf, MAX_SIGNATURE_BYTES, publicKeyOf, type SignedFile } from './signature.ts';
import type { SecretKey } from './office/sign.ts';
import { fileFaultLine } from '../contracts/file-errors.ts';
import { openRegular } from '../contracts/regular-file.ts';
import { replaceFile } from '../store/files/private-files.ts';
import { english } from '../contracts/words/words.ts';

const MAX_KEY_BYTES = 4096;

/** Reads `PATH` and `PATH.sig`. */
export function readSigned(path: string, maxBytes: number): Result<SignedFile> {
  const bytes = readCapped(path, maxBytes);
  if (!bytes.ok) return bytes;
  const signatures = readCapped(`${path}.sig`, MAX_SIGNATURE_BYTES);
  if (!signatures.ok) {
    return signatures.why === 'no list'
      ? refuse('unsigned', english('signature-beside-missing', { path }))
      : signatures;
  }
  // Latin-1 maps each byte to a character of its own, so that different files stay different.
  return accept({ bytes: bytes.value, signatures: Buffer.from(signatures.value).toString('latin1') });
}

/** Checks the size of the open file before it reads. */
export function readCapped(path: string, maxBytes: number): Result<Uint8Array> {
  let fd: number;
  try {
    fd = openRegular(path, constants.O_RDONLY, { linked: true });
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    const detail = fileFaultLine(error) ?? english('path-unreadable', { path, code });
    return refuse(code === 'ENOENT' ? 'no list' : 'unreadable', detail);
  }
  try {
    const { size } = fstatSync(fd);
    if (size > maxBytes) return tooBig(path, size, maxBytes);
    return accept(new Uint8Array(readFileSync(fd)));
  } finally {
    closeSync(fd);
  }
}

/** Reads the photos that a table in `folder` names, `maxBytes` in total. */
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
    return { problem: english('photos-too-many-bytes', { MB: Math.floor(maxBytes / 1e6) }) };
  };
}

/** Lists and roots are passed on between people; the umask decides who may read them. */
export const PUBLIC = 0o666;

/** Writes both files. Overwrites only with `replace`, and then each file in one step, so that neither is ever half-written. */
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

/** Errors never quote the content of the key file. */
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

/** Whether others than the owner may read the key. It is a warning and no refusal, because some USB sticks have no access rights. */
export function isExposed(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}
