/** The hits that a store holds, as tests look at them. */
import type { Db } from './db.ts';
import { picturesOf } from './evidence.ts';
import { getHit } from './hits.ts';

/** A hit and the names of its pictures; `getEvidence` returns the bytes. */
export function storedHit(db: Db, id: string) {
  const hit = getHit(db, id);
  if (!hit) return undefined;
  return { hit, evidence: picturesOf(db, id) };
}

/** Newest first; one that cannot be read is left out. */
export function listHits(db: Db, { limit }: { readonly limit: number }) {
  const ids = db.prepare('SELECT id FROM hits ORDER BY lastMs DESC, id DESC LIMIT ?').pluck().all(limit) as string[];
  return ids.flatMap((id) => storedHit(db, id) ?? []);
}
