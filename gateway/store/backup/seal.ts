/**
 * The format of a backup file: sealed to a public key, so that neither its carrier nor the box that made it can read it.
 *
 * `sitebox-backup 1`, a line of JSON (the header), then pieces of 1 MiB, each AES-256-GCM followed by its tag. The key is HKDF-SHA256 of an
 * X25519 agreement (RFC 7748, RFC 5869) between a key made for this file and the public key. The nonce of a piece is its number and whether it
 * is the last (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015), so a file that was cut, reassembled or given another header does not open.
 * The keys of sealed rows travel in the header, under another key of the same agreement: they are never written to a disk unsealed.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { closeSync, constants, fsyncSync, readSync, writeSync } from 'node:fs';
import { openRegular } from '../../contracts/regular-file.ts';
import { english } from '../../contracts/words/words.ts';
import { openFile } from '../files/private-files.ts';
import { MASTER_BYTES } from '../sealing/keyring.ts';

export interface BackupHeader {
  readonly site: string;
  readonly box: string;
  /** RFC 3339, UTC. */
  readonly made: string;
  /** After that it is not restored, and has to be deleted. RFC 3339, UTC. */
  readonly lastDay: string;
  /** Id of the public key that it is sealed to (`keyId`). */
  readonly key: string;
}

interface SealedHeader extends BackupHeader {
  /** Public half of the key made for this file, base64. */
  readonly ephemeral: string;
  /** The master keys that rows are sealed with, under a key of their own, base64. Backups of earlier versions have none. */
  readonly sealKeys?: string;
}

/** Not a backup, an incomplete one, or one for another key. None of its content may be used. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

const MAGIC = 'sitebox-backup 1\n';
const KEYS_INFO = 'sitebox backup keys 1';
/** Room for some 80 keys of rows. */
const MAX_HEADER_BYTES = 4_096;
const PIECE_BYTES = 2 ** 20;
const TAG_BYTES = 16;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Prefix of the 32 bytes of an X25519 key in SubjectPublicKeyInfo (RFC 8410). */
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

/** Sixteen hex digits by which people tell keys apart. */
export function keyId(key: KeyObject): string {
  return hash('sha256', rawOf(key)).slice(0, 16);
}

function rawOf(key: KeyObject): Buffer {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  return open.export({ type: 'spki', format: 'der' }).subarray(-32);
}

/** What is sealed beside the file. */
export interface BackupContent extends BackupHeader {
  /** Master keys of the rows (`sealing/keyring.ts`); the caller zeroes them. */
  readonly masters?: readonly Buffer[];
}

/** Seals the file `from` into the new file `to`, which is whole and on disk when this returns. Throws if `to` exists. */
export function sealFile(
  from: string,
  to: string,
  publicKey: KeyObject,
  { masters = [], ...header }: BackupContent,
): void {
  const ours = generateKeyPairSync('x25519');
  const shared = diffieHellman({ privateKey: ours.privateKey, publicKey });
  const ephemeral = rawOf(ours.publicKey);
  const sealKeys = sealMasters(keyOf(shared, ephemeral, rawOf(publicKey), KEYS_INFO), masters);
  const sealed: SealedHeader = { ...header, ephemeral: ephemeral.toString('base64'), sealKeys };
  const head = Buffer.from(`${MAGIC}${JSON.stringify(sealed)}\n`);
  const key = keyOf(shared, ephemeral, rawOf(publicKey));
  using input = openFile(from, constants.O_RDONLY);
  using output = openFile(to, NEW_FILE);
  writeAll(output.fd, head);
  let piece = readPiece(input.fd, PIECE_BYTES);
  for (let i = 0; ; i++) {
    const next = readPiece(input.fd, PIECE_BYTES);
    const last = next.length === 0;
    const cipher = createCipheriv('aes-256-gcm', key, nonce(i, last)).setAAD(head);
    writeAll(output.fd, Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]));
    if (last) break;
    piece = next;
  }
  fsyncSync(output.fd);
}

/** The header of a backup; not to be trusted until the backup was opened. Throws BackupError. */
export function readHeader(file: string): BackupHeader {
  using input = openBackup(file);
  return headOf(input.fd, file).header;
}

/** Opens the backup `from` into the new file `to`. When it throws BackupError, none of the content may be used. The caller zeroes `masters`. */
export function openSealed(from: string, to: string, privateKey: KeyObject): Required<BackupContent> {
  using input = openBackup(from);
  const { header, head } = headOf(input.fd, from);
  if (header.key !== keyId(privateKey))
    throw new BackupError(english('backup-other-key', { file: from, key: header.key, ours: keyId(privateKey) }));
  const theirs = Buffer.from(header.ephemeral, 'base64');
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, theirs]), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey, publicKey });
  const key = keyOf(shared, theirs, rawOf(privateKey));
  using output = openFile(to, NEW_FILE);
  let piece = readPiece(input.fd, PIECE_BYTES + TAG_BYTES);
  for (let i = 0; ; i++) {
    const next = readPiece(input.fd, PIECE_BYTES + TAG_BYTES);
    writeAll(output.fd, openPiece(piece, key, nonce(i, next.length === 0), head, from));
    if (next.length === 0) break;
    piece = next;
  }
  fsyncSync(output.fd);
  const keysKey = keyOf(shared, theirs, rawOf(privateKey), KEYS_INFO);
  return { ...header, masters: header.sealKeys === undefined ? [] : openMasters(keysKey, header.sealKeys, from) };
}

/** Throws NoFileError, or what the system says of the path. */
function openBackup(file: string): Disposable & { readonly fd: number } {
  const fd = openRegular(file, constants.O_RDONLY, { linked: true });
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

function openPiece(piece: Buffer, key: Buffer, iv: Buffer, head: Buffer, file: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(head);
    decipher.setAuthTag(piece.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(piece.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new BackupError(english('backup-not-whole', { file }));
  }
}

function headOf(input: number, file: string): { header: SealedHeader; head: Buffer } {
  const start = Buffer.alloc(MAX_HEADER_BYTES);
  const read = readSync(input, start, 0, start.length, 0);
  const end = start.subarray(0, read).indexOf('\n', MAGIC.length) + 1;
  try {
    if (end <= 0 || !start.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC))) throw new Error('no header');
    const head = start.subarray(0, end);
    const header = JSON.parse(head.subarray(MAGIC.length).toString('utf8')) as SealedHeader;
    // The caller reads on from here.
    readSync(input, Buffer.alloc(end), 0, end, null);
    return { header, head: Buffer.from(head) };
  } catch {
    throw new BackupError(english('backup-none', { file }));
  }
}

function keyOf(shared: Buffer, ephemeral: Buffer, recipient: Buffer, info = 'sitebox backup 1'): Buffer {
  const salt = Buffer.concat([ephemeral, recipient]);
  return Buffer.from(hkdfSync('sha256', shared, salt, info, 32));
}

/** The key is used once, so the nonce may be the same for all files. */
const KEYS_NONCE = Buffer.alloc(12);

function sealMasters(key: Buffer, masters: readonly Buffer[]): string {
  const cipher = createCipheriv('aes-256-gcm', key, KEYS_NONCE);
  const plain = Buffer.concat(masters);
  try {
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
  } finally {
    plain.fill(0);
  }
}

function openMasters(key: Buffer, sealed: string, file: string): Buffer[] {
  const plain = openPiece(Buffer.from(sealed, 'base64'), key, KEYS_NONCE, Buffer.alloc(0), file);
  const masters = Array.from({ length: plain.length / MASTER_BYTES }, (_, i) =>
    Buffer.from(plain.subarray(i * MASTER_BYTES, (i + 1) * MASTER_BYTES)),
  );
  plain.fill(0);
  return masters;
}

function nonce(piece: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(piece, 5, 6);
  bytes[11] = last ? 1 : 0;
  return bytes;
}

/** Shorter only at the end of the file. */
function readPiece(fd: number, bytes: number): Buffer {
  const piece = Buffer.alloc(bytes);
  let have = 0;
  while (have < bytes) {
    const n = readSync(fd, piece, have, bytes - have, null);
    if (n === 0) break;
    have += n;
  }
  return piece.subarray(0, have);
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
