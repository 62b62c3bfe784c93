/** Why a file or folder that a person named cannot be used: what the codes of the system mean, and what to do. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { NoFileError } from './regular-file.ts';
import { english } from './words/words.ts';

type FaultKind = 'denied' | 'missing' | 'taken' | 'folder' | 'no-file' | 'in-the-way' | 'read-only';

const KINDS: Readonly<Record<string, FaultKind>> = {
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'missing',
  EEXIST: 'taken',
  EISDIR: 'folder',
  ENOTDIR: 'in-the-way',
  EROFS: 'read-only',
};

/** Undefined where the error is not about a file, or its code says nothing that a person could act on. */
export function fileFault(error: unknown): { readonly what: string; readonly todo: string } | undefined {
  const { code = '', syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (path === undefined) return undefined;
  // A file has this name until it is whole.
  const named = path.replace(/(\.\d+)?\.part$/, '');
  const isFolderMissing = code === 'ENOENT' && !existsSync(dirname(named));
  const kind = code === 'EEXIST' && syscall === 'mkdir' ? 'in-the-way' : kindOf(error, code);
  const of = { path: isFolderMissing ? dirname(named) : named };
  return kind && { what: english(`fault-${kind}`, of), todo: english(`fault-${kind}-todo`, of) };
}

/** What is wrong, and what to do, in one line. Undefined as in `fileFault`. */
export function fileFaultLine(error: unknown): string | undefined {
  const fault = fileFault(error);
  return fault && `${fault.what}; ${fault.todo}`;
}

function kindOf(error: unknown, code: string): FaultKind | undefined {
  return KINDS[code] ?? (error instanceof NoFileError ? 'no-file' : undefined);
}
