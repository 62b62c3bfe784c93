/** Where devices were last, as the command line knows it: from the tracks on disk, so only where tracks are kept. Audited. */
import type { DispatchCandidate } from '../../crew/nearest.ts';
import { SHIFT_MS } from '../../crew/sos-records.ts';
import type { Db } from '../../store/db.ts';
import { sosSince } from '../../store/sos-table.ts';
import { latestTracks } from '../../store/tracks.ts';
import type { Instant } from '../../contracts/base.ts';

/** A device that reports has a point a minute at least, written within ten seconds; twice that, and one report that was lost. */
const FRESH_MS = 180_000;

export function lastKnown(db: Db, at: { readonly now: Instant; readonly who: string }): DispatchCandidate[] {
  // Whoever calls for help is not sent anywhere.
  const calling = new Set(sosSince(db, at.now - SHIFT_MS).map((sos) => (sos.state === 'raised' ? sos.device : '')));
  return latestTracks(db, { ...at, why: 'an order to the nearest' })
    .filter(({ device }) => !calling.has(device))
    .map(({ device, lat, lon, trusted, at: then }) => {
      return { device, lat, lon, fresh: trusted && at.now - then <= FRESH_MS };
    });
}
