/**
 * Which read of a frame belongs to which track. Pure. A read and a track fit by what is written and by where the vehicle can be by now; of
 * all pairs that fit the likeliest are joined first, one read to a track: two reads of one frame never belong to one vehicle.
 */
import type { Instant } from '../../contracts/base.ts';
import { differences } from '../../contracts/plate-text.ts';
import { editDistance } from '../../contracts/text.ts';
import type { PlateRead } from '../../contracts/plate.ts';
import {
  deviation,
  distanceApart,
  isAhead,
  MIN_SPREAD,
  offCourse,
  placeOf,
  speedOf,
  travel,
  type Place,
  type Way,
} from './motion.ts';
import type { Track, TrackOptions } from './model.ts';

/** What does not fit better than this begins a track: two characters that differ between good reads at one place do, a third does not. */
const MAX_COST = 13;
/** However blurred, a read with more characters that differ is another vehicle. */
const MAX_DIFFERING = 5;
/** Of one frame without a read of a vehicle that is there: one of five. */
const MISSED_COST = 1.6;
/** What being off its way can cost a vehicle whose plate is read well: it brakes, turns, backs up. */
const TURNED_COST = 8;
/** Plates nearer to each other than this, in widths, are one plate found twice. */
const SAME_PLATE = 0.5;
/** At this distance, in widths, a vehicle whose motion is not known yet is still at its place. */
const NEAR = 1.5;

/** Each place once, the likelier read of two; nothing of the band `reject`. */
export function distinct(reads: readonly PlateRead[]): readonly PlateRead[] {
  const kept: { readonly read: PlateRead; readonly place: Place }[] = [];
  for (const read of [...reads].sort((a, b) => b.probability - a.probability)) {
    const place = placeOf(read);
    const repeated = kept.some((k) => distanceApart(k.place, place) < SAME_PLATE);
    if (read.band !== 'reject' && !repeated) kept.push({ read, place });
  }
  return kept.map((k) => k.read);
}

/** The reads that belong to a track; what is left over begins a track of its own. Closed tracks take none. */
export function associate(
  tracks: readonly Track[],
  reads: readonly PlateRead[],
  at: Instant,
  options: TrackOptions,
): ReadonlyMap<Track, PlateRead> {
  const pairs: { readonly track: Track; readonly read: PlateRead; readonly cost: number }[] = [];
  for (const track of tracks) {
    if (track.closed) continue;
    for (const read of reads) {
      const cost = costOf(track, read, at, options);
      if (cost !== undefined) pairs.push({ track, read, cost });
    }
  }
  const joined = new Map<Track, PlateRead>();
  const taken = new Set<PlateRead>();
  for (const { track, read } of pairs.sort((a, b) => a.cost - b.cost)) {
    if (joined.has(track) || taken.has(read)) continue;
    joined.set(track, read);
    taken.add(read);
  }
  return joined;
}

/**
 * Undefined where they do not fit; otherwise the lower the likelier, as minus the logarithm of a probability: of the characters that
 * differ, of the way the vehicle has gone, of the frames in which it was not seen.
 */
function costOf(track: Track, read: PlateRead, at: Instant, options: TrackOptions): number | undefined {
  const place = placeOf(read);
  const { motion } = track;
  const unseenMs = at - track.last;
  const apart = distanceApart(motion.place, place);
  const reach = reachAfter(unseenMs, options);
  const differ = differing(track, read);
  if (apart > reach || differ > MAX_DIFFERING) return undefined;
  const way = wayOf(track, at, options);
  if (differ > 0 && contradicts(track, read, options)) {
    // A misread, if the vehicle is where it has to be. After a while, or elsewhere, it is the next one of a fleet; should it be the same
    // after all, the two are put together again as soon as they agree (isSameAgain).
    if (unseenMs >= options.replacedMs || (!way && apart >= NEAR)) return undefined;
  }
  // Before anything is known of its motion, a vehicle is somewhere within reach. Spread so wide, no place is likely (normal density).
  const spread = way ? deviation(motion.place, way) : reach / 3;
  const off = way ? offCourse(motion.place, way, place) : apart;
  // The same text, read well, is the same vehicle wherever it has turned.
  const most = differ === 0 && read.band === 'accept' ? TURNED_COST : Infinity;
  const cost =
    differ * misreadCost(track.lead.read, read) +
    Math.min((off / spread) ** 2 / 2, most) +
    2 * Math.log(spread / MIN_SPREAD) +
    growthCost(motion.place.width, place.width, unseenMs);
  return cost <= MAX_COST ? cost + Math.min(track.missed, 4) * MISSED_COST : undefined;
}

/** At 30 m/s a plate ten metres away grows by 1.6 times in a fifth of a second; a standing one by what the detector is off. */
function growthCost(before: number, now: number, ms: number): number {
  return (Math.log(now / before) / (0.2 + ms / 1000)) ** 2 / 2;
}

/** Of one character, by how many each of the two reads is expected to have wrong: three of a thousand at least. */
function misreadCost(a: PlateRead, b: PlateRead): number {
  const right = ({ probability, text }: PlateRead) => Math.max(0, probability) ** (1 / text.length);
  return -Math.log(Math.min(0.5, Math.max(0.003, 2 - right(a) - right(b))));
}

/** Undefined as long as the motion is not known: seen once, or too briefly to say that it stands. */
function wayOf(track: Track, at: Instant, options: TrackOptions): Way | undefined {
  const way = travel(track.motion, track.last, at);
  if (way) return way;
  return track.last - track.motion.since >= options.standingMs ? { x: 0, y: 0 } : undefined;
}

/** At some place both are sure of their characters, which differ. The province is so often misread that it does not count. */
function contradicts({ lead }: Track, read: PlateRead, options: TrackOptions): boolean {
  const [mine, its] = [[...lead.read.text], [...read.text]];
  const width = Math.min(lead.width, placeOf(read).width);
  if (mine.length !== its.length || width < options.tellingWidthPx) return false;
  const sure = (r: PlateRead, i: number) => (r.characters[i] ?? r.probability) >= options.sureCharacter;
  return mine.some((c, i) => i > 0 && c !== its[i] && sure(lead.read, i) && sure(read, i));
}

/** Where characters differ, one of the two has the other's for an alternative; or it is the province. */
function mayBeMisread(a: PlateRead, b: PlateRead): boolean {
  const [x, y] = [[...a.text], [...b.text]];
  const explained = (i: number) => i === 0 || x[i] === y[i] || namesAt(a, i, y[i]!) || namesAt(b, i, x[i]!);
  return x.length === y.length && x.every((_, i) => explained(i));
}

function namesAt(read: PlateRead, position: number, character: string): boolean {
  return read.alternatives.some((r) => r.position === position && r.character === character);
}

/** Characters between a read and the vote; a text that some frame read is as near, but counts one more because it lost. */
function differing(track: Track, read: PlateRead): number {
  let least = charactersApart(track.lead.read.text, read.text);
  for (const text of track.vote.texts.keys()) {
    if (least <= 1) break;
    least = Math.min(least, charactersApart(text, read.text) + 1);
  }
  return least;
}

/** A reader may give texts of different lengths of one plate: a character too many or too few is one that differs. */
function charactersApart(a: string, b: string): number {
  return a.length === b.length ? differences(a, b) : editDistance(a, b);
}

/**
 * A vehicle that had gone out of sight may be the one that has appeared since, with the same text: it stood or crept and is still about
 * there; or, soon after, it has gone on behind what hid it. The same vehicle coming by again begins where it began before.
 */
export function isSameAgain(gone: Track, begun: Track, options: TrackOptions): boolean {
  return gone.lead.read.text === begun.lead.read.text && mayBeSame(gone, begun, options);
}

/** The same with another text, which one of the two, doubtful, may have misread. Only soon after: later it is the next in the queue. */
export function isMisreadAgain(gone: Track, begun: Track, options: TrackOptions): boolean {
  const [a, b] = [gone.lead.read, begun.lead.read];
  if (a.band === 'accept' && b.band === 'accept') return false;
  if (begun.motion.since - gone.last > options.passerByMs) return false;
  return mayBeMisread(a, b) && mayBeSame(gone, begun, options);
}

function mayBeSame(gone: Track, begun: Track, options: TrackOptions): boolean {
  const { first, since } = begun.motion;
  const { motion, last } = gone;
  const hiddenMs = since - last;
  if (hiddenMs <= 0 || hiddenMs > options.rememberMs) return false;
  const apart = distanceApart(motion.place, first);
  const slow = speedOf(motion, last) < options.slowWidthsPerS;
  if (apart < (slow ? Math.min(NEAR + hiddenMs / 1000, options.reachWidths) : NEAR)) return true;
  if (hiddenMs > options.passerByMs || apart > reachAfter(hiddenMs, options)) return false;
  const way = travel(motion, last, since);
  return way === undefined || isAhead(motion.place, way, first);
}

function reachAfter(ms: number, options: TrackOptions): number {
  return options.reachWidths + (options.reachWidthsPerS * ms) / 1000;
}
