/** A store of many sealed hits, made in bulk as the box makes each, the newest with their pictures. Everything in it is invented. */
import { randomBytes } from 'node:crypto';
import type { ReviewState } from '../../../gateway/contracts/review.ts';
import type { Db } from '../../../gateway/store/db.ts';
import { recordHit } from '../../../gateway/store/hits.ts';
import { OutboxWriter } from '../../../gateway/store/outbox/outbox.ts';
import { BOX, newHit, newPicture } from '../../faults/store-fill.ts';

export const LANES = ['lane-1', 'lane-2', 'lane-3', 'lane-4'] as const;
export const STATES = ['unreviewed', 'first', 'confirmed', 'disputed'] as const satisfies readonly ReviewState[];

export interface FillOptions {
  readonly hits: number;
  /** So many of the newest. */
  readonly withPictures: number;
}

const TRANSACTION = 5_000;
const EVERY_MS = 60_000;
const VEHICLE_BYTES = 100_000;
const PLATE_BYTES = 8_000;

/** Each state is spread over all lanes. The ids of those with pictures, newest first. */
export function fillHits(db: Db, { hits, withPictures }: FillOptions): string[] {
  const now = Date.now();
  const limits = { rows: 1e7, bytes: 1e12 };
  const ids: string[] = [];
  db.pragma('synchronous = OFF');
  for (let done = 0; done < hits; done += TRANSACTION) {
    db.write(() => {
      for (let i = done; i < Math.min(hits, done + TRANSACTION); i++) {
        const at = now - (hits - i) * EVERY_MS;
        const outbox = new OutboxWriter(db, { source: BOX, relays: [], limits, now: () => at, wake: () => undefined });
        const [lane, state] = [LANES[i % LANES.length]!, STATES[(i >> 2) % STATES.length]!];
        const isShown = i >= hits - withPictures;
        const pictures = () => [
          { ...newPicture(randomBytes(PLATE_BYTES)), what: 'plate' as const },
          newPicture(randomBytes(VEHICLE_BYTES)),
        ];
        const evidence = isShown ? pictures() : [];
        const { hit } = recordHit(db, { hit: { ...newHit(at, i), lane }, evidence, windowMs: 0 }, outbox);
        db.prepare('UPDATE hits SET state = ? WHERE id = ?').run(state, hit.id);
        if (isShown) ids.unshift(hit.id);
      }
    });
  }
  db.pragma('synchronous = FULL');
  db.pragma('wal_checkpoint(TRUNCATE)');
  return ids;
}

export interface HitToTry {
  readonly id: string;
  /** One character is to be read before the listed plate is shown. */
  readonly isPossible: boolean;
}

/** Hits of a box that was stopped before it could send them to `relay`; each fifth is `possible`. */
export function raiseHits(db: Db, hits: number, relay: string): HitToTry[] {
  const now = Date.now();
  const limits = { rows: 1e7, bytes: 1e12 };
  const outbox = new OutboxWriter(db, { source: BOX, relays: [relay], limits, now: () => now, wake: () => undefined });
  return db.write(() =>
    Array.from({ length: hits }, (_, i) => {
      const isPossible = i % 5 === 0;
      const exact = newHit(now - (hits - i) * 1_000, i);
      const read = { ...exact.read, text: '皖A8234N' };
      const possible = { ...exact, certainty: 'possible', read, listed: '皖AB234N' } as const;
      const evidence = [{ ...newPicture(randomBytes(1_000)), what: 'plate' as const }];
      const { hit } = recordHit(db, { hit: isPossible ? possible : exact, evidence, windowMs: 0 }, outbox);
      return { id: hit.id, isPossible };
    }),
  );
}
