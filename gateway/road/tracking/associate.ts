/**
 * Which read of a frame belongs to which track. Pure. A read fits a track by its text and by where the vehicle can be by now. Of all pairs
 * that fit, the likeliest are joined first, one read to a track: two reads of one frame are two vehicles.
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
  platePosition,
  speedOf,
  expectedDisplacement,
  type PlatePosition,
  type Displacement,
} from './motion.ts';
import type { Track, TrackOptions } from './model.ts';

/** A pair that costs more does not fit. Good reads at one place may differ in two characters, not in three. */
const MAX_COST = 13;
/** However blurred, a read with more characters that differ is another vehicle. */
const MAX_DIFFERING = 5;
/** For each frame in which the vehicle was not read: of a vehicle that is there, one frame in five. */
const MISSED_COST = 1.6;
/** The most that being off its course can cost a vehicle whose plate is read well: it brakes, turns, backs up. */
const TURNED_COST = 8;
/** Plates nearer to each other than this, in widths, are one plate found twice. */
const SAME_PLATE = 0.5;
/** At this distance, in widths, a vehicle whose motion is not known yet is still at its place. */
const NEAR = 1.5;

/** One read for each place, the likelier of two; none of the band `reject`. */
export function distinct(reads: readonly PlateRead[]): readonly PlateRead[] {
  const kept: { readonly read: PlateRead; readonly position: PlatePosition }[] = [];
  for (const read of [...reads].sort((a, b) => b.probability - a.probability)) {
    const position = platePosition(read.corners);
    const repeated = kept.some((k) => distanceApart(k.position, position) < SAME_PLATE);
    if (read.band !== 'reject' && !repeated) kept.push({ read, position });
  }
  return kept.map((k) => k.read);
}

/** The read that belongs to each track; a read left over begins a new track. Closed tracks take none. */
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
 * Undefined where they do not fit; otherwise the negative logarithm of a probability, lower is likelier: of the characters that differ, of
 * the course that the vehicle took, of the frames in which it was not seen.
 */
function costOf(track: Track, read: PlateRead, at: Instant, options: TrackOptions): number | undefined {
  const position = platePosition(read.corners);
  const { motion } = track;
  const unseenMs = at - track.last;
  const apart = distanceApart(motion.position, position);
  const reach = reachAfter(unseenMs, options);
  const differ = differing(track, read);
  if (apart > reach || differ > MAX_DIFFERING) return undefined;
  const displacement = displacementOf(track, at, options);
  if (differ > 0 && contradicts(track, read, options)) {
    // A misread, if the vehicle is where it is expected. After a while, or elsewhere, it is the next one of a fleet; should it be the same
    // after all, the tracks are joined as soon as they agree (isSameAgain).
    if (unseenMs >= options.replacedMs || (!displacement && apart >= NEAR)) return undefined;
  }
  // While its motion is not known, a vehicle is somewhere within reach. Spread so wide, no place is likely (normal density).
  const spread = displacement ? deviation(motion.position, displacement) : reach / 3;
  const off = displacement ? offCourse(motion.position, displacement, position) : apart;
  // The same text, read well, is the same vehicle wherever it has turned.
  const most = differ === 0 && read.band === 'accept' ? TURNED_COST : Infinity;
  const cost =
    differ * misreadCost(track.leader.read, read) +
    Math.min((off / spread) ** 2 / 2, most) +
    2 * Math.log(spread / MIN_SPREAD) +
    growthCost(motion.position.width, position.width, unseenMs);
  return cost <= MAX_COST ? cost + Math.min(track.missed, 4) * MISSED_COST : undefined;
}

/** At 30 m/s a plate ten metres away grows to 1.6 times its width in a fifth of a second; a standing one varies by the detector's error. */
function growthCost(before: number, now: number, ms: number): number {
  return (Math.log(now / before) / (0.2 + ms / 1000)) ** 2 / 2;
}

/** Of one character that differs, by how often the two reads are expected to be wrong: in three of a thousand characters at least. */
function misreadCost(a: PlateRead, b: PlateRead): number {
  const right = ({ probability, text }: PlateRead) => Math.max(0, probability) ** (1 / text.length);
  return -Math.log(Math.min(0.5, Math.max(0.003, 2 - right(a) - right(b))));
}

/** Undefined while the motion is not known: seen once, or too briefly to say that the vehicle stands. */
function displacementOf(track: Track, at: Instant, options: TrackOptions): Displacement | undefined {
  const displacement = expectedDisplacement(track.motion, track.last, at);
  if (displacement) return displacement;
  return track.last - track.motion.since >= options.standingMs ? { x: 0, y: 0 } : undefined;
}

/** At some position both are sure of their characters, and these differ. The province is misread so often that it does not count. */
function contradicts({ leader }: Track, read: PlateRead, options: TrackOptions): boolean {
  const [mine, its] = [[...leader.read.text], [...read.text]];
  const width = Math.min(leader.width, platePosition(read.corners).width);
  if (mine.length !== its.length || width < options.tellingWidthPx) return false;
  const sure = (r: PlateRead, i: number) => (r.characters[i] ?? r.probability) >= options.sureCharacter;
  return mine.some((c, i) => i > 0 && c !== its[i] && sure(leader.read, i) && sure(read, i));
}

/** Wherever characters differ, one read has the other's as an alternative, or it is the province. */
function mayBeMisread(a: PlateRead, b: PlateRead): boolean {
  const [x, y] = [[...a.text], [...b.text]];
  const explained = (i: number) => i === 0 || x[i] === y[i] || namesAt(a, i, y[i]!) || namesAt(b, i, x[i]!);
  return x.length === y.length && x.every((_, i) => explained(i));
}

function namesAt(read: PlateRead, position: number, character: string): boolean {
  return read.alternatives.some((r) => r.position === position && r.character === character);
}

/** Characters between a read and the vote, or any text that a frame read; one more for those, because they lost the vote. */
function differing(track: Track, read: PlateRead): number {
  let least = charactersApart(track.leader.read.text, read.text);
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
 * A vehicle that went out of sight may be the one that appeared later with the same text: it stood or crept and is still about there; or,
 * soon after, it has driven on behind what hid it. A vehicle that comes by a second time begins where it began the first time.
 */
export function isSameAgain(gone: Track, begun: Track, options: TrackOptions): boolean {
  return gone.leader.read.text === begun.leader.read.text && mayBeSame(gone, begun, options);
}

/** The same with another text, where one of the two reads is doubtful and may be a misread. Only soon after: later it is the next vehicle in the queue. */
export function isMisreadAgain(gone: Track, begun: Track, options: TrackOptions): boolean {
  const [a, b] = [gone.leader.read, begun.leader.read];
  if (a.band === 'accept' && b.band === 'accept') return false;
  if (begun.motion.since - gone.last > options.passerByMs) return false;
  return mayBeMisread(a, b) && mayBeSame(gone, begun, options);
}

function mayBeSame(gone: Track, begun: Track, options: TrackOptions): boolean {
  const { first, since } = begun.motion;
  const { motion, last } = gone;
  const hiddenMs = since - last;
  if (hiddenMs <= 0 || hiddenMs > options.rememberMs) return false;
  const apart = distanceApart(motion.position, first);
  const slow = speedOf(motion, last) < options.slowWidthsPerS;
  if (apart < (slow ? Math.min(NEAR + hiddenMs / 1000, options.reachWidths) : NEAR)) return true;
  if (hiddenMs > options.passerByMs || apart > reachAfter(hiddenMs, options)) return false;
  const displacement = expectedDisplacement(motion, last, since);
  return displacement === undefined || isAhead(motion.position, displacement, first);
}

function reachAfter(ms: number, options: TrackOptions): number {
  return options.reachWidths + (options.reachWidthsPerS * ms) / 1000;
}
