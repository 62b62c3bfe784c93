/** Commits a hit to the store, logs it once, and measures the time from the camera to the commit and from there to the acknowledgement. */
import type { Clock } from '../clock/clock.ts';
import { kindOf } from '../contracts/errors.ts';
import type { Metrics } from '../metrics.ts';
import type { Db } from '../store/db.ts';
import { recordHit } from '../store/hits.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import type { Id, Log } from '../contracts/base.ts';
import type { Relay } from '../contracts/relay.ts';
import type { Hit } from '../contracts/hit.ts';
import type { Evidence } from '../contracts/picture.ts';

/** New hits per relay whose acknowledgement is timed. More wait in an outage only, and its length says nothing about the box. */
const MAX_TIMED = 256;

export interface HitCommitterParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly windowMs: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Called with each new hit once it is on disk: the crew is alerted. */
  readonly raised?: (hit: Hit) => void;
}

export function openHitCommitter(parts: HitCommitterParts) {
  const { db, outbox, windowMs, clock, metrics, log, raised } = parts;
  /** One map for each relay, filled at the commit and emptied by the acknowledgement. */
  const waiting = new Map<string, Map<Id, number>>();
  return {
    /** One transaction: hit, evidence, audit, outbox. Returns the id under which the store keeps the hit; throws with nothing stored. */
    commit(given: Hit, evidence: readonly Evidence[]): Id {
      const { hit, fresh } = recordHit(db, { hit: given, evidence, windowMs }, outbox);
      const { id, lane, entry, certainty, sightings } = hit;
      if (!fresh) {
        const news = given.sightings === 0 ? { ...comparisonsOf(hit) } : { sightings };
        const what = given.sightings > 0 ? 'hit seen again' : 'document' in hit ? 'hit compared' : 'hit updated';
        log.info({ hit: id, lane, entry, certainty, ...news }, what);
        return id;
      }
      // `last` is when the frame that decided it, or the document's last byte, arrived; but for a read that was sent late.
      const received = ('receivedAt' in given && given.receivedAt) || given.last;
      const seconds = Math.max(0, clock.now() - received) / 1000;
      metrics.hitCommitted(seconds);
      for (const committedAt of waiting.values()) if (committedAt.size < MAX_TIMED) committedAt.set(id, clock.mono());
      log.info({ hit: id, lane, entry, certainty, captureToCommitMs: Math.round(seconds * 1000) }, 'hit committed');
      try {
        raised?.(hit);
      } catch (error) {
        // The hit is on disk. Raised a second time it would count as another sighting, and alert no one again.
        log.error({ hit: id, cause: kindOf(error) }, 'what follows a hit failed');
      }
      return id;
    },
    /** The same relay, measuring the time from commit to acknowledgement of new hits. */
    timed(name: string, relay: Relay): Relay {
      const committedAt = new Map<Id, number>();
      waiting.set(name, committedAt);
      return {
        ...relay,
        async send(envelope, signal) {
          await relay.send(envelope, signal);
          const since = committedAt.get(envelope.id);
          if (since === undefined) return;
          committedAt.delete(envelope.id);
          const ms = clock.mono() - since;
          metrics.hitDelivered(name, ms / 1000);
          log.info({ hit: envelope.id, relay: name, commitToAckMs: Math.round(ms) }, 'hit acknowledged');
        },
      };
    },
  };
}

function comparisonsOf(hit: Hit): object {
  if (!('document' in hit)) return {};
  return { comparison: hit.comparison?.outcome, entryComparison: hit.entryComparison?.outcome };
}
