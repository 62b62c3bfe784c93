/** The hits that a store holds, as tests look at them. */
import type { Db } from './db.ts';
import { getHit } from './hits.ts';

/** Newest first; one that cannot be read is left out. */
export function listHits(db: Db, { limit }: { readonly limit: number }) {
  const ids = db.prepare('SELECT id FROM hits ORDER BY lastMs DESC, id DESC LIMIT ?').pluck().all(limit) as string[];
  return ids.flatMap((id) => getHit(db, id) ?? []);
}
