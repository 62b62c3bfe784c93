/**
 * Boxes over time become one passage per vehicle. Pure: the state goes in and a new one comes out.
 *
 * A read joins the track whose text and place fit it best (associate.ts); the reads of a track vote on its plate (vote.ts). A track asks
 * for its look-up as soon as it is sure or no longer in the picture; again when the vote has changed, or when the same text has
 * become surer or its picture clearly better; and it is counted once, when it closes. A vehicle that stands still keeps its track, and a
 * closed track is remembered for a while, so that a parked car whose plate is hidden for some seconds stays one passage.
 */
import { type Track, type TrackOptions, TRACK_DEFAULTS, type Shot } from './model.ts';
import { newId } from '../../clock/clock.ts';
import type { Instant } from '../../contracts/base.ts';
import type { Passage, PlateRead } from '../../contracts/plate.ts';
import type { Frame } from '../../contracts/picture.ts';
import { associate, distinct, isMisreadAgain, isSameAgain } from './associate.ts';
import { directionOf, move, placeOf, startMotion } from './motion.ts';
import { agreement, worthOf } from './best-shot.ts';
import { addVote, NO_VOTE, verdictOf, type Verdict } from './vote.ts';

/** What is to be done with a passage. Each happens for the vote as it stands at that moment. */
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

/** What a frame, or the end, brings about. */
interface Outcome extends CameraLane {
  readonly options: TrackOptions;
  readonly events: TrackEvent[];
}

/** Takes the reads of one frame (none is a frame too). `frame` is kept with a track only as its best picture so far. */
export function advance(
  tracks: readonly Track[],
  where: CameraLane,
  at: Instant,
  reads: readonly PlateRead[],
  frame: Frame | undefined,
  options: TrackOptions = TRACK_DEFAULTS,
): TrackStep {
  const out: Outcome = { ...where, options, events: [] };
  const plates = distinct(reads);
  const joined = associate(tracks, plates, at, options);
  const fresh = new Set(plates);
  const seen: Track[] = [];
  for (const [track, read] of joined) {
    fresh.delete(read);
    seen.push(addRead(track, read, at, frame, options));
  }
  for (const read of fresh) seen.push(begin(read, at, frame, options));

  const unseen = new Set(tracks.filter((t) => !joined.has(t)));
  const next = seen.map((track) => lookUpIfSure(takeUp(track, unseen, options), out));
  for (const track of unseen) {
    const unseenMs = at - track.last;
    if (track.closed) next.push(...(unseenMs <= options.rememberMs ? [track] : []));
    else if (unseenMs > options.closeAfterMs) next.push(close(track, [...next, ...unseen], out));
    // Gone from the picture, perhaps for good: what was read so far is looked up at once, sure or not.
    else next.push({ ...lookUp(track, out), missed: track.missed + 1 });
  }
  return { tracks: trim(next, out), events: out.events };
}

/**
 * Takes a frame that was not analysed because it is the same as the one before: what was present is still there and does not close, but
 * nothing votes again.
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
  const out: Outcome = { ...where, options, events: [] };
  const closed: Track[] = [];
  for (const track of [...tracks].sort((a, b) => a.last - b.last)) {
    closed.push(track.closed ? track : close(track, closed, out));
  }
  return { tracks: closed, events: out.events };
}

function begin(read: PlateRead, at: Instant, frame: Frame | undefined, options: TrackOptions): Track {
  const motion = startMotion(placeOf(read), at);
  const vote = addVote(NO_VOTE, read, motion.place.width, options);
  return {
    id: newId(at),
    first: at,
    last: at,
    motion,
    vote,
    lead: verdictOf(vote, motion.independentViews, options),
    shot: shotOf(read, frame),
    lookedUp: undefined,
    closed: false,
    counted: false,
    missed: 0,
  };
}

function addRead(track: Track, read: PlateRead, at: Instant, frame: Frame | undefined, options: TrackOptions): Track {
  const place = placeOf(read);
  const motion = move(track.motion, track.last, place, options);
  const vote = addVote(track.vote, read, place.width, options);
  const lead = verdictOf(vote, motion.independentViews, options);
  const [before, now] = [track.shot, shotOf(read, frame)];
  const shot = now && valueOf(now, lead) > valueOf(before, lead) ? now : before;
  return { ...track, last: at, motion, vote, lead, shot, missed: 0 };
}

function shotOf(read: PlateRead, frame: Frame | undefined): Shot | undefined {
  return frame && { picture: { frame, corners: read.corners }, text: read.text, worth: worthOf(read) };
}

function valueOf(shot: Shot | undefined, lead: Verdict): number {
  return shot ? shot.worth * agreement(shot.text, lead.read.text) : -1;
}

/** A track whose vehicle turns out to be one that was seen before goes on with its passage. */
function takeUp(track: Track, unseen: Set<Track>, options: TrackOptions): Track {
  for (const gone of unseen) {
    if (!isSameAgain(gone, track, options)) continue;
    unseen.delete(gone);
    const { id, first, counted } = gone;
    return { ...track, id, first, counted, lookedUp: track.lookedUp ?? gone.lookedUp };
  }
  return track;
}

function lookUpIfSure(track: Track, out: Outcome): Track {
  const { read, votes, width, surest } = track.lead;
  const { sureVotes, sureWidthPx, sureProbability, enoughVotes } = out.options;
  const agreed = votes >= sureVotes && width >= sureWidthPx;
  const sure = read.band === 'accept' && (surest >= sureProbability || agreed);
  const enough = track.lookedUp === undefined && votes >= enoughVotes;
  return sure || enough ? lookUp(track, out) : track;
}

/** Asks for the look-up of what leads, unless just that has been looked up, as surely and with a picture not `times` worse. */
function lookUp(track: Track, out: Outcome, times = Infinity): Track {
  const { lead, lookedUp } = track;
  const { text, band } = lead.read;
  const worth = Math.max(0, valueOf(track.shot, lead));
  const known = lookedUp?.text === text;
  const surer = known && band === 'accept' && lookedUp.band !== 'accept';
  const clearer = known && worth > lookedUp.worth && worth >= times * lookedUp.worth;
  if (known && !surer && !clearer) return track;
  out.events.push({ kind: 'look up', ...(known ? { better: true } : {}), passage: passageOf(track, out) });
  return { ...track, lookedUp: { text, band, worth } };
}

function close(track: Track, all: readonly Track[], out: Outcome): Track {
  const last = lookUp(track, out, out.options.betterPicture);
  const counted = last.counted || all.some((t) => t.counted && isMisreadAgain(t, last, out.options));
  if (!counted) out.events.push({ kind: 'count', passage: passageOf(last, out) });
  return { ...last, shot: undefined, closed: true, counted: true };
}

function passageOf({ id, first, last, lead, shot, motion }: Track, { lane, camera, options }: Outcome): Passage {
  return {
    id,
    lane,
    camera,
    first,
    last,
    best: lead.read,
    votes: lead.votes,
    direction: directionOf(motion, options),
    ...(shot ? { picture: shot.picture } : {}),
  };
}

/** Over the limit the tracks unseen longest go first; open ones are closed properly. */
function trim(tracks: readonly Track[], out: Outcome): readonly Track[] {
  const { most } = out.options;
  if (tracks.length <= most) return tracks;
  const order = [...tracks].sort((a, b) => Number(b.closed) - Number(a.closed) || a.last - b.last);
  const gone = new Set(order.slice(0, tracks.length - most));
  for (const track of gone) if (!track.closed) close(track, tracks, out);
  return tracks.filter((t) => !gone.has(t));
}
