/** The files of the store: made for their owner alone, and looked at for what would let others read them or lead writes elsewhere. */
import { closeSync, constants, lstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes an empty file that its owner alone may read, whatever the umask; one that is there is left alone. It is not even opened: closing it
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

/** Files of the storage folder whose names never change. */
export const STORE_FILES = ['sitebox.db', 'sitebox.db-wal', 'sitebox.db-shm', 'ballast', 'gateway.lock'] as const;

export interface Exposure {
  readonly path: string;
  /** In words that follow the path. */
  readonly what: string;
  /** What a person can do about it. */
  readonly todo: string;
}

/** What is wrong with a file that only its owner, which is the user that runs the box, should reach. A file that is missing is in order. */
export function exposureOf(path: string): Exposure | undefined {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (!stats) return undefined;
  if (stats.isSymbolicLink()) {
    const todo = 'put the file itself there, or name its own place in the configuration';
    return { path, what: `is a symbolic link to ${readlinkSync(path)}: nothing is written through it`, todo };
  }
  const self = process.geteuid?.();
  if (self !== undefined && stats.uid !== self)
    return { path, what: `belongs to another user (${stats.uid})`, todo: `give it to user ${self}: chown ${self}` };
  const open = stats.mode & 0o077;
  if (open === 0) return undefined;
  const right = stats.isDirectory() ? '700' : '600';
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  return { path, what: `is open to other users of this computer (mode ${mode})`, todo: `chmod ${right}` };
}

/** The same of the storage folder and all files of the store in it. */
export function storeExposures(folder: string): Exposure[] {
  const paths = [folder, ...STORE_FILES.map((name) => join(folder, name))];
  return paths.flatMap((path) => exposureOf(path) ?? []);
}
