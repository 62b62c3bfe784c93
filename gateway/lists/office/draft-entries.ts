/** From the office's drafts to the entries of a list: plates as they are, a document's number only as its digest. */
import { documentText, plateText, type EntryDraft, type EntryText } from '../entry.ts';
import { digestNumber } from '../number.ts';

export function plateEntries(drafts: readonly EntryDraft[]): EntryText[] {
  return drafts.map(({ plain, ...fields }) => plateText({ ...fields, key: plain }));
}

/** `salt` is that of the list. A digest takes about 6 ms of a core: half a minute for 10,000 on two. */
export function documentEntries(drafts: readonly EntryDraft[], salt: Uint8Array): Promise<EntryText[]> {
  return Promise.all(
    drafts.map(async ({ plain, ...fields }) => {
      const key = await digestNumber(Buffer.from(plain, 'latin1'), salt);
      return documentText({ ...fields, key });
    }),
  );
}
