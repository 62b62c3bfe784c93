/**
 * Reads regular files and refuses everything else under their name: opening a named pipe waits for a writer, for ever, and a device gives
 * bytes without end.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { english } from './words/words.ts';

const FOLDER = english('no-file-folder');

/** There is something else than a file. `code` says what, like ENOENT or EISDIR. */
export class NoFileError extends Error {
  readonly code: string;
  readonly path: string;
  constructor(path: string, what: string) {
    super(english('path-is-no-file', { path, what }));
    this.path = path;
    this.name = 'NoFileError';
    this.code = what === FOLDER ? 'EISDIR' : `it is ${what}`;
  }
}

/** `linked`: a symbolic link is allowed, as people use for secrets; the store's own files are never links. */
export interface RegularOptions {
  readonly linked?: boolean;
}

/** Opens a regular file and never waits. Throws NoFileError, or what `openSync` throws. `flags` as for `openSync`. */
export function openRegular(path: string, flags: number, { linked = false }: RegularOptions = {}): number {
  let fd: number;
  try {
    fd = openSync(path, flags | constants.O_NONBLOCK | (linked ? 0 : constants.O_NOFOLLOW), 0o600);
  } catch (error) {
    const what = IN_THE_WAY[(error as NodeJS.ErrnoException).code ?? ''];
    throw what === undefined ? error : new NoFileError(path, what);
  }
  const stats = fstatSync(fd);
  if (stats.isFile()) return fd;
  closeSync(fd);
  throw new NoFileError(path, kindOf(stats));
}

/** The whole file, in UTF-8. Throws as `openRegular`. */
export function readRegular(path: string, options?: RegularOptions): string {
  return readRegularBytes(path, options).toString('utf8');
}

export function readRegularBytes(path: string, options?: RegularOptions): Buffer {
  const fd = openRegular(path, constants.O_RDONLY, options);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Without a reader nobody can open a pipe for writing; without a listener nobody a socket. */
const IN_THE_WAY: Readonly<Record<string, string>> = {
  ELOOP: english('no-file-link'),
  ENXIO: english('no-file-pipe-or-socket'),
  EISDIR: FOLDER,
};

function kindOf(stats: Stats): string {
  return stats.isDirectory() ? FOLDER : stats.isFIFO() ? english('no-file-pipe') : english('no-file-device');
}
