/**
 * Boxes over time become one passage per vehicle. Pure: the state goes in and a new one comes out.
 *
 * A read joins the track whose text and place fit it best; each track takes at most one read of a frame, so two vehicles
 * in one frame are two tracks. A track asks for its look-up as soon as it is sure or no longer in the picture, asks again if
 * the vote has changed when it is gone, and is counted once, when it closes. A vehicle
 * that stands still keeps its track, and a closed track is remembered for a while, so that a parked car whose plate is
 * hidden for some seconds stays one passage.
 */
import { newId } from '../clock.ts';
import type { Direction, Frame, Id, Instant, Passage, Picture, PlateRead } from '../types.ts';

export interface TrackOptions {
  /** Unseen for this long, a track closes. */
  readonly closeAfterMs: number;
  /** A closed track can be taken up again at the same place for this long. */
  readonly rememberMs: number;
  /** Tracks kept per camera; beyond it the one unseen longest is closed. */
  readonly most: number;
  /** Agreeing reads of the accept band that make a track sure, if one of them is of a plate at least this wide. */
  readonly sureVotes: number;
  readonly sureWidthPx: number;
  /** So many agreeing reads of any band are looked up too: a vehicle that stands far away may stand there for long. */
  readonly enoughVotes: number;
}

export const TRACK_DEFAULTS: TrackOptions = {
  closeAfterMs: 2_000,
  rememberMs: 60_000,
  most: 32,
  sureVotes: 2,
  sureWidthPx: 64,
  enoughVotes: 10,
};

/** More than any open track that fits can cost. */
const CLOSED_COST = 1_000;

interface Candidate {
  readonly votes: number;
  readonly weight: number;
  /** Of the widest plate read so, in pixels. */
  readonly width: number;
  readonly best: PlateRead;
  readonly picture: Picture | undefined;
}

export interface Track {
  readonly id: Id;
  readonly first: Instant;
  readonly last: Instant;
  readonly firstPlace: Place;
  readonly place: Place;
  readonly candidates: ReadonlyMap<string, Candidate>;
  /** The text last looked up, if any. */
  readonly lookedUp: string | undefined;
  /** Not seen any more; kept only so that the same vehicle at the same place is not a second passage. */
  readonly closed: boolean;
  readonly counted: boolean;
  /** Seen in the last frame that was analysed. */
  readonly present: boolean;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** What is to be done with a passage. Each happens for the read that leads at that moment. */
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

/** Takes the reads of one frame (none is a frame too). `frame` is kept with a track only as its best picture so far. */
export function advance(
  tracks: readonly Track[],
  where: Where,
  at: Instant,
  reads: readonly PlateRead[],
  frame: Frame | undefined,
  options: TrackOptions = TRACK_DEFAULTS,
): Step {
  const joined = new Map<Track, PlateRead>();
  const fresh: PlateRead[] = [];
  const free = new Set(tracks);
  for (const read of reads) {
    const track = nearestTrack(free, read, at, options);
    if (!track) fresh.push(read);
    else {
      free.delete(track);
      joined.set(track, read);
    }
  }
  const events: TrackEvent[] = [];
  const next: Track[] = [];
  const keep = (track: Track, read: PlateRead) => {
    next.push(lookUpIfSure(addRead(track, read, at, frame), where, events, options));
  };
  for (const track of tracks) {
    const read = joined.get(track);
    const unseenMs = at - track.last;
    if (read) keep(track, read);
    else if (track.closed) next.push(...(unseenMs <= options.rememberMs ? [track] : []));
    else if (unseenMs > options.closeAfterMs) next.push(close(track, where, events));
    // Gone from the picture, perhaps for good: what was read so far is looked up at once, sure or not.
    else next.push({ ...lookUp(track, where, events), present: false });
  }
  for (const read of fresh) keep(begin(read, at), read);
  return { tracks: trim(next, where, events, options), events };
}

/**
 * Takes a frame that was not analysed because it is the same as the one before: what was present is still there and does not close, but
 * nothing votes again.
 */
export function hold(tracks: readonly Track[], at: Instant): readonly Track[] {
  return tracks.map((t) => (t.present ? { ...t, last: at } : t));
}

/** Closes every open track, e.g. when the camera is lost. */
export function closeAll(tracks: readonly Track[], where: Where): Step {
  const events: TrackEvent[] = [];
  const closed = tracks.map((t) => (t.closed ? t : close(t, where, events)));
  return { tracks: closed, events };
}

function begin(read: PlateRead, at: Instant): Track {
  const place = placeOf(read);
  return {
    id: newId(at),
    first: at,
    last: at,
    firstPlace: place,
    place,
    candidates: new Map(),
    lookedUp: undefined,
    closed: false,
    counted: false,
    present: true,
  };
}

/**
 * A read counts by the width of its plate, because far plates are misread with confidence (the province above all), and one of
 * the accept band three times as much as one of the ask band.
 */
function addRead(track: Track, read: PlateRead, at: Instant, frame: Frame | undefined): Track {
  const place = placeOf(read);
  const before = track.candidates.get(read.text);
  const better = !before || read.probability > before.best.probability;
  const picture = better && frame ? { frame, corners: read.corners } : before?.picture;
  const candidates = new Map(track.candidates).set(read.text, {
    votes: (before?.votes ?? 0) + 1,
    weight: (before?.weight ?? 0) + place.width * (read.band === 'accept' ? 3 : 1),
    width: Math.max(before?.width ?? 0, place.width),
    best: better ? read : before.best,
    picture,
  });
  return { ...track, last: at, place, candidates: onlyWinnerKeepsPicture(candidates), closed: false, present: true };
}

/** Full frames are large: only the leading candidate of a track holds one. */
function onlyWinnerKeepsPicture(candidates: Map<string, Candidate>): Map<string, Candidate> {
  const lead = winner(candidates);
  return new Map([...candidates].map(([text, c]) => [text, c === lead ? c : { ...c, picture: undefined }]));
}

function winner(candidates: ReadonlyMap<string, Candidate>): Candidate {
  const ranked = [...candidates.values()].sort(
    (a, b) => b.weight - a.weight || b.best.probability - a.best.probability,
  );
  return ranked[0]!;
}

function lookUpIfSure(track: Track, where: Where, events: TrackEvent[], options: TrackOptions): Track {
  if (track.lookedUp !== undefined) return track;
  const { best, votes, width } = winner(track.candidates);
  const sure = best.band === 'accept' && votes >= options.sureVotes && width >= options.sureWidthPx;
  return sure || votes >= options.enoughVotes ? lookUp(track, where, events) : track;
}

/** Asks for the look-up of the leading read, unless that has been looked up already. */
function lookUp(track: Track, where: Where, events: TrackEvent[]): Track {
  const lead = winner(track.candidates);
  if (track.lookedUp === lead.best.text) return track;
  events.push({ kind: 'look up', passage: passageOf(track, lead, where) });
  return { ...track, lookedUp: lead.best.text };
}

function close(track: Track, where: Where, events: TrackEvent[]): Track {
  const last = lookUp(track, where, events);
  if (!last.counted) events.push({ kind: 'count', passage: passageOf(last, winner(last.candidates), where) });
  return withoutPictures({ ...last, closed: true, counted: true, present: false });
}

function withoutPictures(track: Track): Track {
  return { ...track, candidates: new Map([...track.candidates].map(([t, c]) => [t, { ...c, picture: undefined }])) };
}

function passageOf(track: Track, lead: Candidate, where: Where): Passage {
  return {
    id: track.id,
    ...where,
    first: track.first,
    last: track.last,
    best: lead.best,
    votes: lead.votes,
    direction: directionOf(track),
    ...(lead.picture ? { picture: lead.picture } : {}),
  };
}

/** What comes nearer grows; what goes away shrinks. Ten per cent tell it from the noise of the detector. */
function directionOf(track: Track): Direction {
  const growth = track.place.width / track.firstPlace.width;
  return growth > 1.1 ? 'approaching' : growth < 1 / 1.1 ? 'leaving' : 'unknown';
}

/** Over the limit the tracks unseen longest go first; open ones are closed properly. */
function trim(tracks: readonly Track[], where: Where, events: TrackEvent[], options: TrackOptions): readonly Track[] {
  if (tracks.length <= options.most) return tracks;
  const order = [...tracks].sort((a, b) => Number(b.closed) - Number(a.closed) || a.last - b.last);
  const gone = new Set(order.slice(0, tracks.length - options.most));
  for (const track of gone) if (!track.closed) close(track, where, events);
  return tracks.filter((t) => !gone.has(t));
}

/**
 * The track a read belongs to: the same text (or one character off) within a generous reach that grows with the time
 * unseen; or, at nearly the same place, up to three characters off, or four for a doubtful read soon after. A closed track is taken up only by a text it has had
 * before, at nearly the same place: the next vehicle of a fleet may carry the next number.
 */
function nearestTrack(
  free: ReadonlySet<Track>,
  read: PlateRead,
  at: Instant,
  options: TrackOptions,
): Track | undefined {
  let best: Track | undefined;
  let bestCost = Infinity;
  const place = placeOf(read);
  for (const track of free) {
    if (track.closed && at - track.last > options.rememberMs) continue;
    const apart = distanceApart(track.place, place);
    const differ = Math.min(...[...track.candidates.keys()].map((text) => differing(text, read.text)));
    const reach = 4 + (at - track.last) / 100;
    const fits = track.closed
      ? differ === 0 && apart < 1.5
      : (differ <= 1 && apart < reach) ||
        (apart < 1.5 && (differ <= 3 || (differ === 4 && read.band === 'ask' && at - track.last <= 1_000)));
    // Where a vehicle is being followed, the memory of one that stood there before must not take its reads.
    const cost = (track.closed ? CLOSED_COST : 0) + differ * 2 + apart / reach;
    if (fits && cost < bestCost) {
      best = track;
      bestCost = cost;
    }
  }
  return best;
}

/** Distance of two plates in widths of the wider one. */
function distanceApart(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y) / Math.max(a.width, b.width, 1);
}

/** Characters that differ, position by position; a different length counts each extra character. */
function differing(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  let n = Math.abs(x.length - y.length);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) n++;
  return n;
}

function placeOf(read: PlateRead): Place {
  const [tl, tr, br, bl] = read.corners;
  return {
    x: (tl[0] + tr[0] + br[0] + bl[0]) / 4,
    y: (tl[1] + tr[1] + br[1] + bl[1]) / 4,
    width: (Math.hypot(tr[0] - tl[0], tr[1] - tl[1]) + Math.hypot(br[0] - bl[0], br[1] - bl[1])) / 2,
  };
}
