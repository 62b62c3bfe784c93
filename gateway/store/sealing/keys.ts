/**
 * The keys in a storage folder. `seal.keys` holds the key that seals, and older ones while rows need them. Every other file whose name begins
 * so is read as well, and only opens: keys that came with a backup, a file that could not be read and was put aside, one that a person brought back.
 */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { causeOf } from '../../contracts/errors.ts';
import { iso } from '../../contracts/time.ts';
import { KEYS_FILE } from '../files/names.ts';
import { openFile, replaceFile, syncFile } from '../files/private-files.ts';
import { encodeKeyFile, handedCredential, headerOf, readKeyFile, type KeyFile } from './key-file.ts';
import { idOf, SealKeys, MASTER_BYTES } from './keyring.ts';

export interface FolderKeys {
  readonly keyring: SealKeys;
  /** `credential`: wrapped in what systemd hands over. `file`: plain, in a file of mode 0600. `nowhere`: no key seals. */
  readonly kept: 'credential' | 'file' | 'nowhere';
  /** Files that could not be read, and why. */
  readonly unreadable: readonly { readonly file: string; readonly why: string }[];
}

export const NO_KEYS: FolderKeys = { keyring: new SealKeys(), kept: 'nowhere', unreadable: [] };

/** Reads the keys; never makes one and never throws. */
export function readKeys(folder: string): FolderKeys {
  const unreadable: { file: string; why: string }[] = [];
  const read = (file: string): KeyFile | undefined => {
    try {
      return readKeyFile(join(folder, file));
    } catch (error) {
      unreadable.push({ file, why: causeOf(error) });
      return undefined;
    }
  };
  const main = read(KEYS_FILE);
  const others = otherFiles(folder).flatMap((file) => read(file)?.masters ?? []);
  const [current, ...older] = main?.masters ?? [];
  const kept = !main ? 'nowhere' : main.credential === null ? 'file' : 'credential';
  return { keyring: new SealKeys(current, [...older, ...others]), kept, unreadable };
}

/**
 * Reads the keys, and makes the first one. `renew`: of a gateway, which also goes on with a new key where the old one is lost, and wraps all keys
 * once systemd hands it a credential. Throws what the file system throws.
 */
export function openKeys(folder: string, { renew }: { readonly renew: boolean }): FolderKeys {
  if (renew) wrapPlain(folder);
  const keys = readKeys(folder);
  if (keys.keyring.current !== undefined || (!renew && keys.unreadable.length > 0)) return keys;
  makeKeys(folder);
  return readKeys(folder);
}

/** Keys that lie plain in their files are wrapped in the credential of this process, if it has one. */
function wrapPlain(folder: string): void {
  const credential = handedCredential();
  if (credential === undefined) return;
  for (const name of [KEYS_FILE, ...otherFiles(folder)]) {
    const path = join(folder, name);
    try {
      const file = readKeyFile(path);
      if (file?.credential === null) replaceKeys(path, file.masters, { credential, rekeying: file.rekeying });
      for (const master of file?.masters ?? []) master.fill(0);
    } catch {
      // It stays as it is: `readKeys` names what cannot be read, and /health says that the key lies plain.
    }
  }
}

/** Whether the keys are wrapped in a credential of systemd, or will be at the first start of this process. */
export function keptInCredential(folder: string): boolean {
  try {
    const credential = headerOf(join(folder, KEYS_FILE))?.credential ?? null;
    return credential !== null || handedCredential() !== undefined;
  } catch {
    return false;
  }
}

/** A file that is there and cannot be read is put aside first: with its credential it may be readable again. */
function makeKeys(folder: string): void {
  const path = join(folder, KEYS_FILE);
  putAside(path);
  writeNew(path, [randomBytes(MASTER_BYTES)]);
}

function putAside(path: string): void {
  const name = `${path}.unreadable-${stamp()}`;
  try {
    renameSync(path, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Adds keys that only open, those of a backup, unless they are here. Zeroes them. */
export function addKeys(folder: string, masters: readonly Buffer[]): void {
  const here = readKeys(folder).keyring;
  const missing = masters.filter((master) => !here.has(idOf(master)));
  if (missing.length > 0) writeNew(join(folder, `${KEYS_FILE}.restored-${stamp()}`), missing);
  for (const master of masters) master.fill(0);
}

/** Another process may be faster: its file then stays. */
function writeNew(path: string, masters: readonly Buffer[]): void {
  const part = `${path}.${process.pid}.part`;
  const content = encodeKeyFile(masters, { credential: credentialFor(dirname(path)) });
  try {
    rmSync(part, { force: true });
    writeFileSync(part, content, { flag: 'wx', mode: 0o600, flush: true });
    giveTo(statSync(dirname(path)), part);
    linkSync(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(part, { force: true });
    for (const bytes of [content, ...masters]) bytes.fill(0);
  }
  syncFile(dirname(path));
}

/** A verb that root runs must not take the keys from the account of the service. */
function giveTo({ uid, gid }: Stats, path: string): void {
  if (process.geteuid?.() === 0) chownSync(path, uid, gid);
}

/** Where the service has a credential, keys that come by another verb are wrapped in it too. */
function credentialFor(folder: string): string | null {
  try {
    return handedCredential() ?? headerOf(join(folder, KEYS_FILE))?.credential ?? null;
  } catch {
    return null;
  }
}

/** Replaces a file of keys in one step. The old bytes are overwritten, as far as the disk writes in place. Zeroes the keys. */
export function replaceKeys(
  path: string,
  masters: readonly Buffer[],
  how: { readonly credential: string | null; readonly rekeying: boolean },
): void {
  const content = encodeKeyFile(masters, how);
  using old = openFile(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    replaceFile(path, content);
    giveTo(fstatSync(old.fd), path);
    writeSync(old.fd, Buffer.alloc(fstatSync(old.fd).size), 0, null, 0);
    fsyncSync(old.fd);
  } finally {
    for (const bytes of [content, ...masters]) bytes.fill(0);
  }
}

/** Files beside `seal.keys` that may hold keys. */
export function otherFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith(`${KEYS_FILE}.`) && !name.endsWith('.part'));
  } catch {
    return [];
  }
}

/** `20261130T214500123Z`. */
const stamp = (): string => iso(Date.now()).replace(/[-:.]/g, '');
