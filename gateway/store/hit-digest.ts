/**
 * What the audit log holds of a hit: its id, and a digest of entry, lane and list with a salt that lies in the row of the hit. Once that row is
 * erased the digest says nothing of them any more, and the chain of the log still verifies.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Id, Instant, Sha256 } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';

/** As many as the digest has: a shorter one could be tried out for the few entries and lanes that there are. */
const SALT_BYTES = 32;

/** Logs a new hit, or one that is another than `earlier` in what the digest covers. In the transaction that stores the hit. */
export function auditHit(db: Db, hit: Hit, at: Instant, earlier?: Hit): void {
  const facts = factsOf(hit);
  if (earlier && factsOf(earlier) === facts) return;
  const salt = saltOf(db, hit.id) ?? newSalt(db, hit.id);
  const what = !earlier ? 'hit raised' : hit.certainty === earlier.certainty ? 'hit updated' : 'hit became exact';
  appendAudit(db, { at, who: 'box', what, detail: { hit: hit.id, digest: digestOf(salt, facts) } });
}

/** The digest that the last row about this hit has to hold; undefined for a hit of 0.2.0 or earlier, whose rows name entry, lane and list. */
export function hitDigest(db: Db, hit: Hit): Sha256 | undefined {
  const salt = saltOf(db, hit.id);
  return salt === undefined ? undefined : digestOf(salt, factsOf(hit));
}

/** As text, members in this order. */
function factsOf(hit: Hit): string {
  const { id, lane, entry, certainty, list } = hit;
  const device = 'document' in hit ? hit.reader : hit.camera;
  return JSON.stringify([id, lane, device, 'late' in hit, entry, certainty, list.type, list.version, list.sha256]);
}

function digestOf(salt: string, facts: string): Sha256 {
  return hash('sha256', `${salt} ${facts}`);
}

function saltOf(db: Db, hit: Id): string | undefined {
  return (db.prepare('SELECT salt FROM hits WHERE id = ?').pluck().get(hit) as string | null | undefined) ?? undefined;
}

function newSalt(db: Db, hit: Id): string {
  const salt = randomBytes(SALT_BYTES).toString('hex');
  db.prepare('UPDATE hits SET salt = ? WHERE id = ?').run(salt, hit);
  return salt;
}
