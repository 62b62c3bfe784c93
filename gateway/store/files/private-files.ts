/** Makes files that only their owner can read, and checks for ones that let others read them or lead writes elsewhere. */
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isOfStore, STORE_FILES } from './names.ts';
import { problem } from '../../contracts/words/problem.ts';
import { type Problem } from '../../contracts/status.ts';

/**
 * Makes an empty file that only its owner may read, whatever the umask; leaves an existing file alone. Does not even open that one: closing it
 * would end the locks that SQLite holds on it in this process (fcntl_locking(2)).
 */
export function createPrivate(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) return;
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600));
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Makes a folder for its owner only, and its missing parents. Step by step: with `recursive`, Node never returns on a file system that takes no
 * folders, such as /proc. Throws EEXIST if a file is in the way.
 */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Replaces a file in one step: the old or the new content is whole, whenever the power fails. Never writes through a link. */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  const part = `${path}.${process.pid}.part`;
  // Left by a killed process with the same id.
  rmSync(part, { force: true });
  try {
    writeFileSync(part, content, { flag: 'wx', mode, flush: true });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  syncFile(dirname(path));
}

/** Waits until a file, or the entries of a folder, are on the disk. */
export function syncFile(path: string): void {
  using file = openFile(path, constants.O_RDONLY);
  fsyncSync(file.fd);
}

/** Opens a file for the block that declares it with `using`. A new one is for its owner only. */
export function openFile(path: string, flags: number): Disposable & { readonly fd: number } {
  const fd = openSync(path, flags, 0o600);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

/** For `exposureOf`: what others may do with the file. */
export type GroupAccess = 'nothing' | 'read';

/**
 * The fault of a file of the box, which must belong to the user that runs it or to root: others can reach it, or a link is in its place. A missing
 * file is in order.
 */
export function exposureOf(path: string, others: GroupAccess = 'nothing'): Problem | undefined {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink() && others === 'read') stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (!stats) return undefined;
  const key = `exposed:${path}`;
  if (stats.isSymbolicLink()) {
    return problem(key, 'file-is-link', { path, target: readlinkSync(path) });
  }
  const self = process.geteuid?.() ?? stats.uid;
  if (stats.uid !== self && stats.uid !== 0)
    return problem(key, 'file-of-other-user', { path, owner: stats.uid, user: self });
  const open = stats.mode & (others === 'read' ? 0o022 : 0o077);
  if (open === 0) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  const right = others === 'read' ? 'go-w' : stats.isDirectory() ? '700' : '600';
  return problem(key, 'file-open-to-others', { path, mode, right });
}

/** The faults of the storage folder and of all files of the store in it, those set aside too. The folder itself may be a link that a person made. */
export function storeExposures(folder: string): Problem[] {
  const names = new Set([...STORE_FILES, ...namesIn(folder).filter(isOfStore)]);
  return [realPath(folder), ...[...names].map((name) => join(folder, name))].flatMap((path) => exposureOf(path) ?? []);
}

/**
 * The faults of all files of the box: the store, the secrets and keys that the configuration names, and the configuration and root of trust, which
 * others may read.
 */
export function boxExposures(box: {
  readonly folder: string;
  readonly privateFiles: readonly string[];
  readonly publicFiles: readonly string[];
}): Problem[] {
  // Systemd passes secrets in a folder that no other user can enter (systemd.exec(5), LoadCredential=).
  const handed = process.env['CREDENTIALS_DIRECTORY'];
  const secrets = box.privateFiles.filter((path) => handed === undefined || !path.startsWith(handed));
  return [
    ...storeExposures(box.folder),
    ...secrets.flatMap((path) => exposureOf(path) ?? []),
    ...box.publicFiles.flatMap((path) => exposureOf(path, 'read') ?? []),
  ];
}

/** Empty for a folder that cannot be listed: the store reports it. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
