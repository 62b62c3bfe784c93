/** Turns drafts into the entries of a list: plates as they are, document numbers as digests. */
import { documentText, plateText, type EntryDraft, type EntryText } from '../entry.ts';
import { digestNumber } from '../number.ts';

export function plateEntries(drafts: readonly EntryDraft[]): EntryText[] {
  return drafts.map(({ plain, ...fields }) => plateText({ ...fields, key: plain }));
}

/** A digest takes about 6 ms of a core: half a minute for 10,000 on two cores. */
export function documentEntries(drafts: readonly EntryDraft[], salt: Uint8Array): Promise<EntryText[]> {
  return Promise.all(
    drafts.map(async ({ plain, ...fields }) => {
      const key = await digestNumber(Buffer.from(plain, 'latin1'), salt);
      return documentText({ ...fields, key });
    }),
  );
}
