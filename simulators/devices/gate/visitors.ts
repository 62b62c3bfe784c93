/** Visitors of a gate, each with a card and somebody before the camera, and what the lane has to say to them. */
import type { LaneOutcome, LookReason } from '../../../gateway/contracts/display.ts';
import type { FaceShot } from '../../scene/face.ts';
import { awayShot, laneShot, LANE_SIZE, randomVariation, type ShotSize } from '../../scene/face-shots.ts';
import { CARD_KINDS, type Card, type CardKind } from '../reader/cards.ts';
import { documentNumber, people, type DrawnPerson } from './people.ts';
import { pick, seeded, type Random } from '../../scene/random.ts';
import type { Grain } from './camera.ts';
import { cardPhoto } from './card.ts';

/**
 * plain: a valid card and its holder · listed: the same, and the number stands on the list · borrowed: the card of somebody else ·
 * expired: the holder's own card, which has run out · camera-shy: the holder turns away from the camera.
 */
export type VisitorKind = 'plain' | 'listed' | 'borrowed' | 'expired' | 'camera-shy';

/** Shares of all visitors, 0 to 1; the rest are plain. */
export interface Shares {
  readonly listed: number;
  readonly borrowed: number;
  readonly expired: number;
  readonly cameraShy: number;
}

export const USUAL_SHARES: Shares = { listed: 0.02, borrowed: 0.02, expired: 0.02, cameraShy: 0.04 };

export interface Visitor {
  /** From 0. */
  readonly index: number;
  readonly kind: VisitorKind;
  readonly card: Card;
  /** Whose portrait is on the card, and who stands there. */
  readonly holder: DrawnPerson;
  readonly present: DrawnPerson;
  readonly shot: FaceShot;
  readonly grain: Grain;
  readonly expected: {
    readonly outcome: LaneOutcome;
    readonly reasons: readonly LookReason[];
    /** On a lane with a camera and a photo decoder. */
    readonly comparison: 'same' | 'different' | 'not compared';
  };
}

export interface StreamOptions {
  readonly seed: number;
  readonly count: number;
  readonly shares?: Partial<Shares>;
  /** Of the camera. */
  readonly size?: ShotSize;
}

const EXPECTED: Readonly<Record<VisitorKind, Visitor['expected']>> = {
  plain: { outcome: 'clear', reasons: [], comparison: 'same' },
  listed: { outcome: 'listed', reasons: [], comparison: 'same' },
  borrowed: { outcome: 'look at the document', reasons: ['borrowed'], comparison: 'different' },
  expired: { outcome: 'look at the document', reasons: ['expired'], comparison: 'same' },
  'camera-shy': { outcome: 'clear', reasons: [], comparison: 'not compared' },
};

/** Most cards of a gate are those of residents. */
const KINDS: readonly CardKind[] = [...Array<CardKind>(6).fill('resident'), ...CARD_KINDS];

/** The same seed gives the same visitors. No two have the same number, and nobody has the face of the one before. */
export function* visitorStream(options: StreamOptions): Generator<Visitor, void, undefined> {
  const shares = sharesOf(options.shares);
  const random = seeded(options.seed);
  const firstSerial = 20_000 + Math.floor(random() * 5_000_000);
  let last: DrawnPerson | undefined;
  for (let index = 0; index < options.count; index++) {
    const kind = kindOf(shares, random());
    const present = pick(
      random,
      people.filter((p) => p !== last),
    );
    const holder =
      kind === 'borrowed'
        ? pick(
            random,
            people.filter((p) => p !== present),
          )
        : present;
    const card = cardFor(kind, holder, firstSerial + index, random);
    const variation = randomVariation(random);
    const size = options.size ?? LANE_SIZE;
    const shot = (kind === 'camera-shy' ? awayShot : laneShot)(present.seed, variation, size);
    last = present;
    yield { index, kind, card, holder, present, shot, grain: variation, expected: EXPECTED[kind] };
  }
}

/** The numbers of the stream that have to stand on the list, so that `listed` visitors are. */
export function listedNumbers(options: StreamOptions): string[] {
  return [...visitorStream(options)].filter((v) => v.kind === 'listed').map((v) => v.card.number);
}

function sharesOf(given: Partial<Shares> = {}): Shares {
  const shares = { ...USUAL_SHARES, ...given };
  const sum = Object.values(shares).reduce((a, b) => a + b, 0);
  if (Object.values(shares).some((share) => !(share >= 0)) || sum > 1 + 1e-9) {
    throw new Error(`the shares of visitors are each 0 or more and together at most 1, not ${JSON.stringify(shares)}`);
  }
  return shares;
}

function kindOf({ listed, borrowed, expired, cameraShy }: Shares, at: number): VisitorKind {
  const bounds: [VisitorKind, number][] = [
    ['listed', listed],
    ['borrowed', borrowed],
    ['expired', expired],
    ['camera-shy', cameraShy],
  ];
  let below = 0;
  for (const [kind, share] of bounds) {
    below += share;
    if (at < below) return kind;
  }
  return 'plain';
}

function cardFor(kind: VisitorKind, holder: DrawnPerson, serial: number, random: Random): Card {
  const cardKind = pick(random, KINDS);
  const { validFrom, validUntil } = kind === 'expired' ? { validFrom: '20050301', validUntil: '20150301' } : holder;
  return {
    kind: cardKind,
    number: documentNumber(cardKind, serial),
    validFrom,
    validUntil,
    photo: cardPhoto(holder.id, serial),
  };
}
