/**
 * Reads over time become one passage per vehicle. Pure: the state goes in and a new one comes out.
 *
 * A read joins the track whose text and place fit it best (associate.ts); the reads of a track vote on its plate (vote.ts). A track asks
 * for its look-up as soon as it is sure or no longer in the picture; again when the vote has changed, or when the same text has
 * become surer or its picture clearly better; and it is counted once, when it closes. A vehicle that stands still keeps its track, and a
 * closed track is remembered for a while, so that a parked car whose plate is hidden for some seconds stays one passage.
 */
import { type Track, type TrackOptions, TRACK_DEFAULTS, type BestShot, type ReadRecord } from './model.ts';
import { newId } from '../../clock/clock.ts';
import type { Instant } from '../../contracts/base.ts';
import type { Passage, PlateRead } from '../../contracts/plate.ts';
import type { Frame, Quad } from '../../contracts/picture.ts';
import type { FramePart, PlateSighting } from '../../inference/jobs.ts';
import { associate, distinct, isMisreadAgain, isSameAgain } from './associate.ts';
import { directionOf, updateMotion, platePosition, startMotion } from './motion.ts';
import { covers } from './places.ts';
import { agreement, shotQuality } from './best-shot.ts';
import { addVote, NO_VOTE, voteResult, type VoteResult } from './vote.ts';

/** What is to be done with a passage, as the vote is at that moment. */
export interface TrackEvent {
  readonly kind: 'look up' | 'count';
  /** Of a 'look up': the same text as before, but surer or with a clearly better picture. */
  readonly better?: true;
  readonly passage: Passage;
}

export interface TrackStep {
  readonly tracks: readonly Track[];
  readonly events: readonly TrackEvent[];
}

export interface CameraLane {
  readonly lane: string;
  readonly camera: string;
}

/** What a frame, or the loss of the camera, leads to; filled while the tracks are gone through. */
interface StepResult extends CameraLane {
  readonly options: TrackOptions;
  readonly events: TrackEvent[];
}

/** What else is known of a frame. */
interface FrameFacts {
  /** Plates that were found in it and not read again (sure.ts). */
  readonly sightings?: readonly PlateSighting[];
  /** It was searched here alone: elsewhere it shows nothing new. */
  readonly parts?: readonly FramePart[] | undefined;
}

/** Takes the reads of one frame (none is a frame too). `frame` is kept with a track only as its best picture so far. */
export function advance(
  tracks: readonly Track[],
  where: CameraLane,
  at: Instant,
  reads: readonly PlateRead[],
  frame: Frame | undefined,
  options: TrackOptions = TRACK_DEFAULTS,
  { sightings = [], parts }: FrameFacts = {},
): TrackStep {
  const out: StepResult = { ...where, options, events: [] };
  const plates = distinct(reads);
  const sighted = sightedTracks(tracks, sightings);
  const joined = associate(
    tracks.filter((t) => !sighted.has(t)),
    plates,
    at,
    options,
  );
  const fresh = new Set(plates);
  const seen = [...sighted].map(([track, { corners }]) => move(track, at, corners, options));
  for (const [track, read] of joined) {
    fresh.delete(read);
    seen.push(addRead(track, read, at, frame, options));
  }
  for (const read of fresh) seen.push(begin(read, at, frame, options));

  const unseen = new Set(tracks.filter((t) => !joined.has(t) && !sighted.has(t)));
  const next = seen.map((track) => lookUpIfSure(resume(track, unseen, options), out));
  for (const track of unseen) {
    const stillThere = parts && track.missed === 0 && !parts.some((part) => covers(part, track.motion.position));
    const unseenMs = at - track.last;
    if (track.closed) next.push(...(unseenMs <= options.rememberMs ? [track] : []));
    else if (stillThere) next.push({ ...track, last: at });
    else if (unseenMs > options.closeAfterMs) next.push(close(track, [...next, ...unseen], out));
    // It may be gone for good: what was read so far is looked up at once, sure or not.
    else next.push({ ...lookUp(track, out), missed: track.missed + 1 });
  }
  return { tracks: trim(next, out), events: out.events };
}

/**
 * Takes a frame that was not analysed because it shows nothing new: vehicles in the picture are still there and do not close, but nothing
 * votes again.
 */
export function hold(tracks: readonly Track[], at: Instant): readonly Track[] {
  return tracks.map((t) => (t.missed === 0 && !t.closed ? { ...t, last: at } : t));
}

/** Closes every open track, e.g. when the camera is lost. */
export function closeAll(
  tracks: readonly Track[],
  where: CameraLane,
  options: TrackOptions = TRACK_DEFAULTS,
): TrackStep {
  const out: StepResult = { ...where, options, events: [] };
  const closed: Track[] = [];
  for (const track of [...tracks].sort((a, b) => a.last - b.last)) {
    closed.push(track.closed ? track : close(track, closed, out));
  }
  return { tracks: closed, events: out.events };
}

function begin(read: PlateRead, at: Instant, frame: Frame | undefined, options: TrackOptions): Track {
  const motion = startMotion(platePosition(read.corners), at);
  const { width } = motion.position;
  const vote = addVote(NO_VOTE, read, width, options);
  const { independentViews: views } = motion;
  return {
    id: newId(at),
    first: at,
    last: at,
    motion,
    vote,
    leader: voteResult(vote, views, options),
    reading: { last: at, width, sharpness: read.sharpness, views, upTo: views },
    shot: shotOf(read, frame),
    lookedUp: undefined,
    closed: false,
    counted: false,
    missed: 0,
  };
}

function addRead(track: Track, read: PlateRead, at: Instant, frame: Frame | undefined, options: TrackOptions): Track {
  const moved = move(track, at, read.corners, options);
  const { width } = moved.motion.position;
  const reading = readAgain(track.reading, read, moved);
  const vote = addVote(track.vote, read, width, options);
  const leader = voteResult(vote, reading.views, options);
  const [before, now] = [track.shot, shotOf(read, frame)];
  const shot = now && shotValue(now, leader) > shotValue(before, leader) ? now : before;
  return { ...moved, vote, leader, reading, shot };
}

/** Its plate was found at another place, or the same. */
function move(track: Track, at: Instant, corners: Quad, options: TrackOptions): Track {
  const motion = updateMotion(track.motion, track.last, platePosition(corners), options);
  return { ...track, last: at, motion, missed: 0 };
}

/** Views that began while it was only seen count as one, because one read came of them. */
function readAgain(before: ReadRecord, { sharpness }: PlateRead, { last, motion }: Track): ReadRecord {
  const upTo = motion.independentViews;
  return {
    last,
    width: Math.max(before.width, motion.position.width),
    sharpness: Math.max(before.sharpness, sharpness),
    views: before.views + Number(upTo > before.upTo),
    upTo,
  };
}

/** A track that has ended since the frame was searched is not among them. */
function sightedTracks(
  tracks: readonly Track[],
  sightings: readonly PlateSighting[],
): ReadonlyMap<Track, PlateSighting> {
  const byId = new Map(sightings.map((s) => [s.track, s]));
  return new Map(
    tracks.flatMap((t) => {
      const sighting = t.closed ? undefined : byId.get(t.id);
      return sighting ? [[t, sighting] as const] : [];
    }),
  );
}

function shotOf(read: PlateRead, frame: Frame | undefined): BestShot | undefined {
  return frame && { picture: { frame, corners: read.corners }, text: read.text, quality: shotQuality(read) };
}

function shotValue(shot: BestShot | undefined, leader: VoteResult): number {
  return shot ? shot.quality * agreement(shot.text, leader.read.text) : -1;
}

/** A track whose vehicle was seen before continues its passage. */
function resume(track: Track, unseen: Set<Track>, options: TrackOptions): Track {
  for (const gone of unseen) {
    if (!isSameAgain(gone, track, options)) continue;
    unseen.delete(gone);
    const { id, first, counted } = gone;
    return { ...track, id, first, counted, lookedUp: track.lookedUp ?? gone.lookedUp };
  }
  return track;
}

function lookUpIfSure(track: Track, out: StepResult): Track {
  const { read, votes, width, surest } = track.leader;
  const { sureVotes, sureWidthPx, sureProbability, enoughVotes } = out.options;
  const agreed = votes >= sureVotes && width >= sureWidthPx;
  const sure = read.band === 'accept' && (surest >= sureProbability || agreed);
  const enough = track.lookedUp === undefined && votes >= enoughVotes;
  return sure || enough ? lookUp(track, out) : track;
}

/** Asks for the look-up of the leading text, unless it was looked up already, as surely and without a picture `times` as good now. */
function lookUp(track: Track, out: StepResult, times = Infinity): Track {
  const { leader, lookedUp } = track;
  const { text, band } = leader.read;
  const quality = Math.max(0, shotValue(track.shot, leader));
  const known = lookedUp?.text === text;
  const surer = known && band === 'accept' && lookedUp.band !== 'accept';
  const clearer = known && quality > lookedUp.quality && quality >= times * lookedUp.quality;
  if (known && !surer && !clearer) return track;
  out.events.push({ kind: 'look up', ...(known ? { better: true } : {}), passage: passageOf(track, out) });
  return { ...track, lookedUp: { text, band, quality } };
}

function close(track: Track, all: readonly Track[], out: StepResult): Track {
  const last = lookUp(track, out, out.options.betterPicture);
  const counted = last.counted || all.some((t) => t.counted && isMisreadAgain(t, last, out.options));
  if (!counted) out.events.push({ kind: 'count', passage: passageOf(last, out) });
  return { ...last, shot: undefined, closed: true, counted: true };
}

function passageOf({ id, first, last, leader, shot, motion }: Track, { lane, camera, options }: StepResult): Passage {
  return {
    id,
    lane,
    camera,
    first,
    last,
    best: leader.read,
    votes: leader.votes,
    direction: directionOf(motion, options),
    ...(shot ? { picture: shot.picture } : {}),
  };
}

/** Over the limit, tracks unseen longest go first, closed ones before open ones; open ones are closed. */
function trim(tracks: readonly Track[], out: StepResult): readonly Track[] {
  const { maxTracks } = out.options;
  if (tracks.length <= maxTracks) return tracks;
  const order = [...tracks].sort((a, b) => Number(b.closed) - Number(a.closed) || a.last - b.last);
  const gone = new Set(order.slice(0, tracks.length - maxTracks));
  for (const track of gone) if (!track.closed) close(track, tracks, out);
  return tracks.filter((t) => !gone.has(t));
}
