/** Pictures of hits, each stored once under its SHA-256, as long as a hit names it. */
import { hash } from 'node:crypto';
import type { Id, Sha256 } from '../contracts/base.ts';
import type { Evidence } from '../contracts/picture.ts';
import { isDamage, type Db } from './db.ts';

/** Attaches pictures to a hit; those already stored do not change. Joins the open transaction. */
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

/** Like `getEvidence`, but skips and notes a picture that does not fit its digest or lies on a damaged page. */
export function readPicture(db: Db, sha256: Sha256): Pick<Evidence, 'mediaType' | 'bytes'> | undefined {
  try {
    const picture = getEvidence(db, sha256);
    if (!picture || hash('sha256', picture.bytes) === sha256) return picture;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  db.damage.note('evidence', sha256);
  return undefined;
}
