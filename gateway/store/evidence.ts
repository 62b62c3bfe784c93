/** Pictures of hits, each stored once, sealed, under the SHA-256 of the picture, as long as a hit names it. */
import { hash } from 'node:crypto';
import type { Id, Sha256 } from '../contracts/base.ts';
import type { Evidence } from '../contracts/picture.ts';
import { isDamage, type Db } from './db.ts';

/** Attaches pictures to a hit; those already stored do not change. Joins the open transaction. */
export function putEvidence(db: Db, hit: Id, evidence: readonly Evidence[]): void {
  for (const e of evidence) {
    const stored = getBytes(db, e.sha256);
    // One whose key is lost is as good as missing.
    if (!stored || db.sealing.look('evidence.bytes', e.sha256, stored).state === 'lost')
      db.prepare(
        `INSERT INTO evidence (sha256, mediaType, bytes) VALUES (?, ?, ?)
         ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes`,
      ).run(e.sha256, e.mediaType, db.sealing.sealBytes('evidence.bytes', e.sha256, e.bytes));
    db.prepare('INSERT OR IGNORE INTO hitEvidence (hit, what, sha256) VALUES (?, ?, ?)').run(hit, e.what, e.sha256);
  }
}

/** The pictures that a hit names, oldest first; `getEvidence` returns the bytes. */
export function picturesOf(db: Db, hit: Id): readonly Pick<Evidence, 'what' | 'sha256'>[] {
  const pictures = db.prepare('SELECT what, sha256 FROM hitEvidence WHERE hit = ? ORDER BY rowid').all(hit);
  return pictures as Pick<Evidence, 'what' | 'sha256'>[];
}

function getBytes(db: Db, sha256: Sha256): Buffer | undefined {
  return db.prepare('SELECT bytes FROM evidence WHERE sha256 = ?').pluck().get(sha256) as Buffer | undefined;
}

/** Undefined also for a picture that cannot be opened. */
export function getEvidence(db: Db, sha256: Sha256): Pick<Evidence, 'mediaType' | 'bytes'> | undefined {
  const row = db.prepare('SELECT mediaType, bytes FROM evidence WHERE sha256 = ?').get(sha256) as
    { readonly mediaType: Evidence['mediaType']; readonly bytes: Buffer } | undefined;
  const bytes = row && db.sealing.openBytes('evidence.bytes', sha256, row.bytes);
  return bytes && { mediaType: row.mediaType, bytes };
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
