/** Noise on a serial line, the same for the same seed, and what the codec of the identity-card reader makes of it. */
import { createHash } from 'node:crypto';
import { decodeCard, type CardData } from '../../../adapters/readers/sdt/card.codec.ts';
import { openSdtParser, FOUND, frame, NO_CARD, OK } from '../../../adapters/readers/sdt/codec.ts';
import { pick, seeded, type Random } from '../../scene/random.ts';
import { CARD_KINDS, cardBytes, randomCard } from './cards.ts';

const anywhere = (random: Random, bytes: Uint8Array): number => Math.floor(random() * bytes.length);
const anyBytes = (random: Random, most: number): Uint8Array =>
  Uint8Array.from({ length: 1 + Math.floor(random() * most) }, () => Math.floor(random() * 256));
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

type Noise = (bytes: Uint8Array, random: Random) => Uint8Array;

/** One to eight bits, anywhere. */
const flips: Noise = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  for (let i = Math.ceil(random() * 8); i > 0; i--) changed[anywhere(random, bytes)]! ^= 1 << Math.floor(random() * 8);
  return changed;
};
/** The same bit of two bytes: the damage that the checksum cannot see. */
const blindFlips: Noise = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  const bit = 1 << Math.floor(random() * 8);
  changed[anywhere(random, bytes)]! ^= bit;
  changed[anywhere(random, bytes)]! ^= bit;
  return changed;
};
/** Up to 40 bytes that are something else. */
const burst: Noise = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  const at = anywhere(random, bytes);
  changed.set(anyBytes(random, 40).subarray(0, bytes.length - at), at);
  return changed;
};
const dropped: Noise = (bytes, random) => {
  const at = anywhere(random, bytes);
  return join(bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(random() * 3)));
};
const inserted: Noise = (bytes, random) => {
  const at = anywhere(random, bytes);
  return join(bytes.subarray(0, at), anyBytes(random, 3), bytes.subarray(at));
};
const truncated: Noise = (bytes, random) => bytes.subarray(0, anywhere(random, bytes));
const surrounded: Noise = (bytes, random) => join(anyBytes(random, 60), bytes, anyBytes(random, 60));
/** A length that reaches beyond the frame. */
const longer: Noise = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  if (bytes.length > 6) changed.set([pick(random, [0x05, 0x09]), pick(random, [0x08, 0x0a])], 5);
  return changed;
};

const NOISES: readonly Noise[] = [flips, blindFlips, burst, dropped, inserted, truncated, surrounded, longer];

/** `bytes` as they arrive over a disturbed line: one to three disturbances. */
export function disturb(bytes: Uint8Array, random: Random): Uint8Array {
  let changed = bytes;
  for (let i = Math.ceil(random() * 3); i > 0; i--)
    changed = changed.length ? pick(random, NOISES)(changed, random) : changed;
  return changed;
}

export interface NoiseFigures {
  readonly frames: number;
  /** Disturbed cards that were decoded nevertheless, and came out as something that was never sent: what one reading alone would give. */
  readonly falseAlone: number;
  /** The same, of readings that the one before agrees with. A line that shows noise is read under this rule. */
  readonly falseReads: number;
  /** Cards that came out right under that rule. */
  readonly trueReads: number;
  /** Undisturbed frames straight behind a disturbed one that were lost with it. */
  readonly missed: number;
  /** The same, where the frame after that was lost too: the parser had not found back within one frame. */
  readonly missedTwice: number;
}

/** How many frames one card is read for. */
const FRAMES_PER_CARD = 50;
const SHORT = [
  frame(Uint8Array.of(0, 0, FOUND, 0, 0, 0, 0)),
  frame(Uint8Array.of(0, 0, OK, 0, 0, 0, 0, 0, 0, 0, 0)),
  frame(Uint8Array.of(0, 0, NO_CARD)),
];

/**
 * Sends `frames` disturbed frames through one parser, half of them cards, each with a clean frame straight behind it, cut into pieces
 * anywhere. Nothing is cleared between them, although a source does that with each question: the parser has to find back by itself.
 */
export function measureNoise(frames: number, seed = 1): NoiseFigures {
  const random = seeded(seed);
  const figures = { frames, falseAlone: 0, falseReads: 0, trueReads: 0, missed: 0, missedTwice: 0 };
  let truth = '';
  let before = '';
  let arrived: string[] = [];
  const parser = openSdtParser((a) => {
    if (a.kind !== 'reply') return;
    arrived.push(digestOf(a.data) + a.status);
    const card = decodeCard(a.data);
    if (typeof card === 'string') return;
    const [read, whole] = [keyOf(card), digestOf(a.data)];
    if (read !== truth) figures.falseAlone += 1;
    if (whole === before) figures[read === truth ? 'trueReads' : 'falseReads'] += 1;
    before = whole;
  });
  /** Whether `clean` came out last when `bytes` had come in, cut anywhere, and the line was quiet again. */
  const isRead = (clean: Uint8Array, bytes: Uint8Array): boolean => {
    arrived = [];
    for (const piece of cut(bytes, random)) parser.push(piece);
    parser.quiet();
    return arrived.at(-1) === digestOf(clean.subarray(10, -1)) + clean[9]!;
  };
  let card = new Uint8Array(0);
  for (let i = 0; i < frames; i++) {
    if (i % FRAMES_PER_CARD === 0) {
      const data = cardBytes(randomCard(random, pick(random, CARD_KINDS)));
      card = Uint8Array.from(frame(join(Uint8Array.of(0, 0, OK), data)));
      truth = keyOf(decodeCard(data) as CardData);
    }
    const clean = i % 2 === 0 ? card : pick(random, SHORT);
    const noisy = disturb(i % 4 < 2 ? card : pick(random, SHORT), random);
    if (isRead(clean, join(noisy, clean))) continue;
    figures.missed += 1;
    if (!isRead(clean, clean)) figures.missedTwice += 1;
  }
  return figures;
}

const digestOf = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('base64');
const keyOf = ({ type, number, validFrom, validUntil }: CardData): string =>
  [type, Buffer.from(number).toString('latin1'), validFrom, validUntil].join(' ');

function* cut(bytes: Uint8Array, random: Random): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(random() * 800);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
