/**
 * Boxes over time become one passage per vehicle. Pure: the state goes in and a new one comes out.
 *
 * A read joins the track whose text and place fit it best (associate.ts); the reads of a track vote on its plate (vote.ts). A track asks
 * for its look-up as soon as it is sure or no longer in the picture; again when the vote has changed, or when the same text has
 * become surer or its picture clearly better; and it is counted once, when it closes. A vehicle that stands still keeps its track, and a
 * closed track is remembered for a while, so that a parked car whose plate is hidden for some seconds stays one passage.
 */
import { newId } from '../clock.ts';
import type { Band, Frame, Id, Instant, Passage, Picture, PlateRead } from '../types.ts';
import { associate, distinct, isMisreadAgain, isSameAgain } from './associate.ts';
import { directionOf, move, placeOf, startMotion, type Motion, type MotionOptions } from './motion.ts';
import { agreement, worthOf } from './picture-choice.ts';
import { addVote, NO_VOTE, verdictOf, type Verdict, type Vote, type VoteOptions } from './vote.ts';

export interface TrackOptions extends VoteOptions, MotionOptions {
  /** Unseen for this long, a track closes. */
  readonly closeAfterMs: number;
  /** A closed track can be taken up again for this long. */
  readonly rememberMs: number;
  /** Tracks kept per camera; beyond it the one unseen longest is closed. */
  readonly most: number;
  /** One accepted read this probable makes a track sure, if its plate is at least `sureWidthPx` wide. */
  readonly sureProbability: number;
  /** So do this many reads that agree with an accepted vote, if one of them is so wide. */
  readonly sureVotes: number;
  /** So many agreeing reads of any band are looked up too: a vehicle that stands far away may stand there for long. */
  readonly enoughVotes: number;
  /** A picture so many times as good as the one looked up is worth another look-up when the track closes. */
  readonly betterPicture: number;
  /** How far the same plate may be from where it was: at once, and more for each second. 30 m/s is ten widths under a camera 5 m up. */
  readonly reachWidths: number;
  readonly reachWidthsPerS: number;
  /** Seen at one place for so long, a vehicle stands. */
  readonly standingMs: number;
  /**
   * A character this probable, of a plate so wide, is sure. Where two reads are sure of different ones, so long apart, the first vehicle has
   * left and the next one has pulled up.
   */
  readonly sureCharacter: number;
  readonly tellingWidthPx: number;
  readonly replacedMs: number;
  /** Slower than this (walking pace, nearby) a vehicle that was hidden can have gone on by a little only. */
  readonly slowWidthsPerS: number;
  /** A moving vehicle is awaited further along its way for so long after something hid it. */
  readonly passerByMs: number;
}

export const TRACK_DEFAULTS: TrackOptions = {
  closeAfterMs: 2_000,
  rememberMs: 60_000,
  most: 32,
  sureProbability: 0.98,
  sureWidthPx: 64,
  sureVotes: 2,
  enoughVotes: 10,
  betterPicture: 1.5,
  reachWidths: 4,
  reachWidthsPerS: 10,
  standingMs: 300,
  sureCharacter: 0.97,
  tellingWidthPx: 48,
  replacedMs: 1_000,
  slowWidthsPerS: 1,
  passerByMs: 10_000,
  correlation: 0.5,
  acceptMargin: 0.05,
  agreeingFrames: 3,
  agreedProbability: 0.98,
  clearWidthPx: 150,
  lookWidths: 0.3,
  lookGrowth: 0.15,
  leastGrowth: 0.1,
  leastClimbWidths: 1,
};

export interface Track {
  readonly id: Id;
  readonly first: Instant;
  readonly last: Instant;
  readonly motion: Motion;
  readonly vote: Vote;
  /** What the vote says now. */
  readonly lead: Verdict;
  /** The one frame that is kept: frames are large. */
  readonly shot: Shot | undefined;
  /** What was last looked up, if anything. */
  readonly lookedUp: LookedUp | undefined;
  /** Not seen any more; kept only so that the same vehicle is not a second passage. */
  readonly closed: boolean;
  readonly counted: boolean;
  /** Frames analysed since it was last seen; 0 while it is in the picture. */
  readonly missed: number;
}

interface Shot {
  readonly picture: Picture;
  /** The text read in it. */
  readonly text: string;
  readonly worth: number;
}

interface LookedUp {
  readonly text: string;
  readonly band: Band;
  /** Of the picture that went with it. */
  readonly worth: number;
}

/** What is to be done with a passage. Each happens for the vote as it stands at that moment. */
export interface TrackEvent {
  readonly kind: 'look up' | 'count';
  /** Of a 'look up': the same text as before, but surer or with a clearly better picture. */
  readonly better?: true;
  readonly passage: Passage;
}

export interface Step {
  readonly tracks: readonly Track[];
  readonly events: readonly TrackEvent[];
}

export interface Where {
  readonly lane: string;
  readonly camera: string;
}

/** What a frame, or the end, brings about. */
interface Outcome extends Where {
  readonly options: TrackOptions;
  readonly events: TrackEvent[];
}

/** Takes the reads of one frame (none is a frame too). `frame` is kept with a track only as its best picture so far. */
export function advance(
  tracks: readonly Track[],
  where: Where,
  at: Instant,
  reads: readonly PlateRead[],
  frame: Frame | undefined,
  options: TrackOptions = TRACK_DEFAULTS,
): Step {
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
export function closeAll(tracks: readonly Track[], where: Where, options: TrackOptions = TRACK_DEFAULTS): Step {
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
    ...{ id: newId(at), first: at, last: at, motion, vote },
    lead: verdictOf(vote, motion.looks, options),
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
  const lead = verdictOf(vote, motion.looks, options);
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
    ...{ id, lane, camera, first, last, best: lead.read, votes: lead.votes },
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
