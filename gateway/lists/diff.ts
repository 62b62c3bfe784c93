/** The differences between two lists, in the order of the new list (withdrawn entries in the order of the old one). */
import { isDeepStrictEqual } from 'node:util';
import type { ListEntry } from '../contracts/list.ts';
import type { Bundle } from './bundle.ts';

export interface ListDiff {
  readonly added: readonly ListEntry[];
  readonly withdrawn: readonly ListEntry[];
  readonly changed: readonly {
    readonly before: ListEntry;
    readonly after: ListEntry;
    readonly fields: readonly string[];
  }[];
  readonly unchanged: number;
  /** The salt changed, and with it every digest: whether the numbers behind them changed is unknown. */
  readonly newSalt: boolean;
}

type Content = Pick<Bundle, 'salt' | 'entries'>;

/** Entries are matched by id. */
export function diffBundles(before: Content | undefined, after: Content): ListDiff {
  const old = new Map((before?.entries ?? []).map((entry) => [entry.id, entry]));
  const added: ListEntry[] = [];
  const changed: { before: ListEntry; after: ListEntry; fields: string[] }[] = [];
  let unchanged = 0;
  for (const entry of after.entries) {
    const was = old.get(entry.id);
    old.delete(entry.id);
    if (!was) {
      added.push(entry);
      continue;
    }
    const fields = changedFields(was, entry);
    if (fields.length > 0) changed.push({ before: was, after: entry, fields });
    else unchanged++;
  }
  const newSalt = changed.length > 0 && !isDeepStrictEqual(before?.salt, after.salt);
  return { added, withdrawn: [...old.values()], changed, unchanged, newSalt };
}

function changedFields(before: ListEntry, after: ListEntry): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof ListEntry)[];
  return names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}
