/** Pictures of hits, each stored once under its SHA-256. They live as long as a hit that names them. */
import type { Evidence, Id, Sha256 } from '../types.ts';
import type { Db } from './db.ts';

/** Attaches pictures to a hit; the ones that are there already are left as they are. Joins the open transaction. */
export function putEvidence(db: Db, hit: Id, evidence: readonly Evidence[]): void {
  for (const e of evidence) {
    db.prepare('INSERT OR IGNORE INTO evidence (sha256, mediaType, bytes) VALUES (?, ?, ?)').run(
      e.sha256,
      e.mediaType,
      Buffer.from(e.bytes),
    );
    db.prepare('INSERT OR IGNORE INTO hitEvidence (hit, what, sha256) VALUES (?, ?, ?)').run(hit, e.what, e.sha256);
  }
}

export function getEvidence(db: Db, sha256: Sha256): Pick<Evidence, 'mediaType' | 'bytes'> | undefined {
  return db.prepare('SELECT mediaType, bytes FROM evidence WHERE sha256 = ?').get(sha256) as
    Pick<Evidence, 'mediaType' | 'bytes'> | undefined;
}
