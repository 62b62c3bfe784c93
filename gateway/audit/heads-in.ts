/** The heads and rows of the audit log that a file from elsewhere names: an export, events that the command room holds, or an `anchors.json`. */
import type { Sha256 } from '../contracts/base.ts';
import { membersOf } from '../store/shapes.ts';
import type { SignedHead } from '../store/audit-heads.ts';

export interface RowHash {
  readonly seq: number;
  readonly hash: Sha256;
}

/** With its signature, if it has one. */
export type HeadInFile = RowHash & { readonly signed?: SignedHead };

/** A line of the file is no JSON. */
export class NoJson extends Error {
  readonly line: number;
  constructor(line: number) {
    super(`line ${line}`);
    this.line = line;
  }
}

/** Every row number with its hash in `text`, at any depth; of events only those of `source`, which is this box. Throws NoJson. */
export function headsIn(text: string, source: string): HeadInFile[] {
  const heads: HeadInFile[] = [];
  const look = (value: unknown, from: string): void => {
    if (value === null || typeof value !== 'object') return;
    const members = membersOf(value);
    const of = typeof members['source'] === 'string' ? members['source'] : from;
    if (of !== source) return;
    const { seq, hash, at, key, signature } = members;
    if (Number.isSafeInteger(seq) && typeof hash === 'string') {
      const row = { seq: seq as number, hash };
      const isSignedHead = [at, key, signature].every((member) => typeof member === 'string');
      heads.push(isSignedHead ? { ...row, signed: { source: of, ...row, at, key, signature } as SignedHead } : row);
    }
    Object.values(members).forEach((member) => look(member, of));
  };
  let from = source;
  for (const json of valuesIn(text)) {
    const { export: isExport, source: of } = membersOf(json);
    // The rows of an export follow its header, which alone says whose they are.
    if (isExport !== undefined && typeof of === 'string') from = of;
    look(json, from);
  }
  return heads;
}

/** One JSON value, or one on each line. */
function valuesIn(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    // One on each line.
  }
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      throw new NoJson(i + 1);
    }
  });
}
