/** Is this document on the list? Pure. Exact only: one character more, less or other is another document. */
import type { Match } from '../../contracts/list.ts';
import { entryInForce, type LookUpContext } from './entry-in-force.ts';
import type { EntriesByKey } from './packed.ts';

/** `index` is that of `openPacked`; `digest` is what `digestNumber` makes of the number with the salt of the same list. */
export function matchDocument(index: EntriesByKey, digest: string, where: LookUpContext): Match | undefined {
  const entry = entryInForce(index, digest, where);
  return entry && { entry, certainty: 'exact' };
}
