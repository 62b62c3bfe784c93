/** Looks up a document by its digest. Pure. A match is always exact: one other character is another document. */
import type { Match } from '../../contracts/list.ts';
import { entryInForce, type LookUpContext } from './entry-in-force.ts';
import type { EntriesByKey } from './packed.ts';

/** `digest` comes from `digestNumber` with the salt of the same list. */
export function matchDocument(index: EntriesByKey, digest: string, where: LookUpContext): Match | undefined {
  const entry = entryInForce(index, digest, where);
  return entry && { entry, certainty: 'exact' };
}
