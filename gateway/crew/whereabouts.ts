/** Where a caller is: which of two places to go by, and when that is news for those who are on their way. Pure. */
import type { LocationUpdate, SosPlace, Whereabouts } from '../store/sos-table.ts';
import { distanceM } from './nearest.ts';

/** A place further than this from the last one that was broadcast is news. */
const MOVED_M = 25;
/** How often the time of an unchanged place is written. */
const PLACE_EVERY_MS = 60_000;

/** `was` moved on to what is known `now`. What was believed earlier does not take the place of what was believed later. */
export function mergeWhereabouts(was: Whereabouts, now: Whereabouts): LocationUpdate {
  const place = newer(was.place, now.place);
  // A doubt is over once the caller's own place is believed again.
  const isSettled = place !== was.place && place?.origin === 'own';
  const doubtful = now.doubtful ?? (isSettled ? undefined : was.doubtful);
  const where = { ...(place ? { place } : {}), ...(doubtful ? { doubtful } : {}) };
  const isNews = isElsewhere(was.place, place) || isElsewhere(was.doubtful, doubtful);
  if (isNews) return { where, change: 'placed' };
  const hasAged = was.place && place && place.at - was.place.at >= PLACE_EVERY_MS;
  return { where, change: hasAged ? 'aged' : 'repeat' };
}

function newer(was: SosPlace | undefined, now: SosPlace | undefined): SosPlace | undefined {
  if (!was || !now) return now ?? was;
  return now.at > was.at || (now.at === was.at && now.origin === 'own') ? now : was;
}

function isElsewhere(was: SosPlace | undefined, now: SosPlace | undefined): boolean {
  if (!was || !now) return was !== now;
  return distanceM(was, now) >= MOVED_M || was.origin !== now.origin || was.trusted !== now.trusted;
}
