/** A hit for tests, and the hits that a store holds, as tests look at them. */
import { hash } from 'node:crypto';
import { newId } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import type { PlateHit } from '../contracts/hit.ts';
import type { Db } from './db.ts';
import { picturesOf } from './evidence.ts';
import { getHit } from './hits.ts';

export function exampleHit(at: Instant): PlateHit {
  return {
    id: newId(at),
    lane: 'road-1',
    camera: 'north',
    first: at,
    last: at,
    sightings: 1,
    list: { type: 'plate-list', version: 7, sha256: hash('sha256', 'list') },
    entry: 'E-0001',
    category: 'stolen',
    instruction: 'stop and ask',
    certainty: 'possible',
    read: { text: '皖A12345', kind: 'standard', colour: 'blue', lines: 1, probability: 0.6, votes: 4, by: 'box' },
    listed: '皖A12345',
    direction: 'approaching',
    state: 'unreviewed',
    clock: { highest: at, behindMs: 0 },
    config: hash('sha256', 'config'),
    models: [],
  };
}

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
