/** Compares the stored hits with the digests that the audit log holds of them. */
import type { Id, Sha256 } from '../contracts/base.ts';
import type { Db } from './db.ts';
import { hitDigest } from './hit-digest.ts';
import { getHit } from './hits.ts';

const LAST_DIGESTS = `
  SELECT hit, digest FROM (
    SELECT detail ->> 'hit' AS hit, detail ->> 'digest' AS digest, max(seq) FROM audit
    WHERE what IN ('hit raised', 'hit became exact', 'hit updated') AND json_valid(detail) GROUP BY 1)
  WHERE digest IS NOT NULL`;

/** Stored hits that are not as they were logged last. Reads all hits and the whole log. */
export function changedHits(db: Db): Id[] {
  const rows = db.prepare(LAST_DIGESTS).all() as { readonly hit: Id; readonly digest: Sha256 }[];
  const logged = new Map(rows.map(({ hit, digest }) => [hit, digest]));
  const stored = db.prepare('SELECT id FROM hits WHERE salt IS NOT NULL ORDER BY id').pluck().all() as Id[];
  return stored.filter((id) => {
    const hit = getHit(db, id);
    return hit !== undefined && logged.get(id) !== hitDigest(db, hit);
  });
}
