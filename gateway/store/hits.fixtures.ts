/** The hits that a store holds, as tests look at them. */
import type { Evidence } from '../contracts/picture.ts';
import type { Db } from './db.ts';
import { getHit } from './hits.ts';

/** A hit and the names of its pictures; `getEvidence` returns the bytes. */
export function storedHit(db: Db, id: string) {
  const hit = getHit(db, id);
  if (!hit) return undefined;
  const evidence = db.prepare('SELECT what, sha256 FROM hitEvidence WHERE hit = ? ORDER BY rowid').all(id);
  return { hit, evidence: evidence as Pick<Evidence, 'what' | 'sha256'>[] };
}

/** Newest first; one that cannot be read is left out. */
export function listHits(db: Db, { limit }: { readonly limit: number }) {
  const ids = db.prepare('SELECT id FROM hits ORDER BY lastMs DESC, id DESC LIMIT ?').pluck().all(limit) as string[];
  return ids.flatMap((id) => storedHit(db, id) ?? []);
}
