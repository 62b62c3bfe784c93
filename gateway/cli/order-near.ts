/** Where devices were last, as the command line knows it: from the tracks on disk, so only where tracks are kept. Audited. */
import type { Candidate } from '../crew/nearest.ts';
import type { Db } from '../store/db.ts';
import { latestTracks } from '../store/tracks.ts';
import type { Instant } from '../types.ts';

/** A device that reports has a point a minute at least, written within ten seconds; twice that, and one report that was lost. */
const FRESH_MS = 180_000;

export function lastKnown(db: Db, at: { readonly now: Instant; readonly who: string }): Candidate[] {
  return latestTracks(db, { ...at, why: 'an order to the nearest' }).map(({ device, lat, lon, trusted, at: then }) => {
    return { device, lat, lon, fresh: trusted && at.now - then <= FRESH_MS };
  });
}
