/** What a new list changes, entry by entry, in the order of the new list (withdrawn ones in the order of the old). */
import { isDeepStrictEqual } from 'node:util';
import type { ListEntry } from '../types.ts';

export interface ListDiff {
  readonly added: readonly ListEntry[];
  readonly withdrawn: readonly ListEntry[];
  readonly changed: readonly {
    readonly before: ListEntry;
    readonly after: ListEntry;
    readonly fields: readonly string[];
  }[];
  readonly same: number;
}

/** Entries are the same entry when they have the same id. */
export function diffEntries(before: readonly ListEntry[], after: readonly ListEntry[]): ListDiff {
  const old = new Map(before.map((entry) => [entry.id, entry]));
  const added: ListEntry[] = [];
  const changed: { before: ListEntry; after: ListEntry; fields: string[] }[] = [];
  let same = 0;
  for (const entry of after) {
    const was = old.get(entry.id);
    old.delete(entry.id);
    if (!was) {
      added.push(entry);
      continue;
    }
    const fields = changedFields(was, entry);
    if (fields.length > 0) changed.push({ before: was, after: entry, fields });
    else same++;
  }
  return { added, withdrawn: [...old.values()], changed, same };
}

function changedFields(before: ListEntry, after: ListEntry): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof ListEntry)[];
  return names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}
