/** A hit that is here and cannot be read, because the key of the store is lost. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { openDb } from '../store/db.ts';
import { LI, plateHit, reviewRig, YES } from './reviews.fixtures.ts';

test('an opinion on it is refused as that, and not as one on no hit', () => {
  const folder = tempFolder();
  const before = openDb(folder);
  const id = reviewRig(before).raise(plateHit());
  before.close();
  rmSync(join(folder, 'seal.keys'));
  using db = openDb(folder);
  const { reviews } = reviewRig(db);
  expect(reviews.opinion(id, LI, YES, 'box')).toEqual({ refused: 'review-unreadable' });
  expect(reviews.whyMissing(id)).toBe('review-unreadable');
  expect(reviews.opinion('none', LI, YES, 'box')).toEqual({ refused: 'review-unknown-hit' });
});
