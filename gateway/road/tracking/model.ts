/** The state of a track, one for each vehicle that a camera sees, and the settings of the tracker. */
import type { VoteResult, Vote, VoteOptions } from './vote.ts';
import type { Motion, MotionOptions } from './motion.ts';
import type { Id, Instant } from '../../contracts/base.ts';
import type { Band, Picture } from '../../contracts/plate.ts';

export interface TrackOptions extends VoteOptions, MotionOptions {
  /** Unseen for this long, a track closes. */
  readonly closeAfterMs: number;
  /** A closed track can be taken up again for this long. */
  readonly rememberMs: number;
  /** Tracks kept per camera; beyond it the one unseen longest is closed. */
  readonly maxTracks: number;
  /** One accepted read this probable makes a track sure, if its plate is at least `sureWidthPx` wide. */
  readonly sureProbability: number;
  /** So do this many reads that agree with an accepted vote, if one of them is so wide. */
  readonly sureVotes: number;
  /** So many agreeing reads of any band are looked up too: a vehicle may stand far away for long. */
  readonly enoughVotes: number;
  /** A picture this many times as good as that of the last look-up is worth another one when the track closes. */
  readonly betterPicture: number;
  /** How far the same plate may be from where it was: at once, and more for each second. 30 m/s is ten widths under a camera 5 m up. */
  readonly reachWidths: number;
  readonly reachWidthsPerS: number;
  /** A vehicle seen at one place for this long stands. */
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
  /** A plate that so many frames agree on, and that was read at most so long ago, is not read again where the vehicle is expected. */
  readonly restVotes: number;
  readonly restMs: number;
  /** Unless it is so many times as wide or as sharp as it was when it was read best. */
  readonly clearer: number;
  /** How far from the expected place, and how much wider or narrower than expected, it is still taken for the same. */
  readonly placeWidths: number;
  readonly placeGrowth: number;
  /** For this long after something hid it, a moving vehicle is expected further along its course. */
  readonly passerByMs: number;
}

export const TRACK_DEFAULTS: TrackOptions = {
  closeAfterMs: 2_000,
  rememberMs: 60_000,
  maxTracks: 32,
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
  restVotes: 3,
  restMs: 1_000,
  clearer: 1.2,
  placeWidths: 0.75,
  placeGrowth: 1.25,
  correlation: 0.5,
  acceptMargin: 0.05,
  agreeingFrames: 3,
  agreedProbability: 0.98,
  clearWidthPx: 150,
  viewWidths: 0.3,
  viewGrowth: 0.15,
  minGrowth: 0.1,
  minClimbWidths: 1,
};

export interface Track {
  readonly id: Id;
  readonly first: Instant;
  readonly last: Instant;
  readonly motion: Motion;
  readonly vote: Vote;
  /** What the vote says now. */
  readonly leader: VoteResult;
  readonly reading: ReadRecord;
  /** The one frame that is kept: frames are large. */
  readonly shot: BestShot | undefined;
  /** What was last looked up, if anything. */
  readonly lookedUp: LookedUp | undefined;
  /** Out of sight; kept so that the same vehicle does not become a second passage. */
  readonly closed: boolean;
  readonly counted: boolean;
  /** Frames analysed since it was last seen; 0 while it is in the picture. */
  readonly missed: number;
}

/** When and how well its plate was read; it is seen more often. */
export interface ReadRecord {
  readonly last: Instant;
  /** Of the widest and of the sharpest read. */
  readonly width: number;
  readonly sharpness: number;
  /** Independent views in which it was read, and the motion's count of views at the last of them. */
  readonly views: number;
  readonly upTo: number;
}

export interface BestShot {
  readonly picture: Picture;
  /** The text read in it. */
  readonly text: string;
  readonly quality: number;
}

export interface LookedUp {
  readonly text: string;
  readonly band: Band;
  /** Of the picture that went with it. */
  readonly quality: number;
}
