/** A signed list as long as a box takes them, of plates of nobody, for tests and for the bench. */
import { entry, list, NOW, type Office } from './lists.fixtures.ts';
import type { SignListOptions } from './office/sign.ts';
import type { SignedFile } from './signature.ts';

const LARGE_ENTRIES = 100_000;

/** Plate `i` of 0 to 2,399,999; all differ. */
export function plateOf(i: number): string {
  return `皖${'ABCDEFGHJKLMNPQRSTUVWXYZ'[Math.floor(i / 100_000)]!}${String(i % 100_000).padStart(5, '0')}`;
}

export function largeList(office: Office, plan: Partial<SignListOptions> = {}, entries = LARGE_ENTRIES): SignedFile {
  const all = Array.from({ length: entries }, (_, i) => entry(`E-${i}`, plateOf(i)));
  return list(office.listKeys.slice(0, 2), { now: NOW, ...plan, entries: all });
}
