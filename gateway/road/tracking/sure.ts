/** The tracks whose plates need not be read in the next frame, and where they are expected in it. Pure. */
import type { Instant } from '../../contracts/base.ts';
import type { SurePlate } from '../../inference/jobs.ts';
import { TRACK_DEFAULTS, type Track, type TrackOptions } from './model.ts';
import { distanceApart, expectedPosition, type PlatePosition } from './motion.ts';

/** None that is near another one: there the texts tell which is which. */
export function surePlates(
  tracks: readonly Track[],
  at: Instant,
  options: TrackOptions = TRACK_DEFAULTS,
): readonly SurePlate[] {
  const open = tracks.filter((t) => !t.closed).map((track) => ({ track, place: placeOf(track, at) }));
  return open
    .filter(({ track }) => needsNoRead(track, at, options))
    .filter(({ track, place }) => open.every((o) => o.track === track || !mayMeet(o.place, place, options)))
    .map(({ track, place }) => surePlate(track, place, options));
}

/** A vehicle that was seen at one position only is expected there. */
function placeOf({ motion, last }: Track, at: Instant): PlatePosition {
  return expectedPosition(motion, last, at) ?? motion.position;
}

/** It was looked up as it is read now, the vote is beyond doubt, and how it moves is known. */
function needsNoRead(track: Track, at: Instant, options: TrackOptions): boolean {
  const { leader, lookedUp, motion, reading, missed, last } = track;
  const { read, votes, width } = leader;
  const { restVotes, restMs, sureProbability, sureWidthPx, standingMs } = options;
  const lookedUpSo = lookedUp?.text === read.text && lookedUp.band === 'accept' && read.band === 'accept';
  const beyondDoubt = votes >= restVotes && width >= sureWidthPx && read.probability >= sureProbability;
  const motionKnown = motion.before !== undefined || last - motion.since >= standingMs;
  return missed === 0 && lookedUpSo && beyondDoubt && motionKnown && Math.abs(at - reading.last) < restMs;
}

/** Within the reach of one, a plate might be the other's. */
function mayMeet(a: PlatePosition, b: PlatePosition, { placeWidths }: TrackOptions): boolean {
  return distanceApart(a, b) < 2 * placeWidths;
}

function surePlate({ id, reading }: Track, place: PlatePosition, options: TrackOptions): SurePlate {
  const { clearer, placeWidths, placeGrowth } = options;
  return {
    track: id,
    centre: [place.x, place.y],
    reach: placeWidths * place.width,
    minWidth: place.width / placeGrowth,
    maxWidth: Math.min(place.width * placeGrowth, reading.width * clearer),
    maxSharpness: reading.sharpness * clearer,
  };
}
