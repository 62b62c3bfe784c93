/**
 * Far more visitors than any gate has, drawn quickly: each has a number, a name, a chip and pictures that nobody else has, down to
 * single pixels, so that whatever is kept of one can be found and named.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { cardPhoto } from '../devices/gate/card.ts';
import { CARD_KINDS, type Card, type CardKind } from '../devices/reader/cards.ts';
import { encodeBmp, openFacePainter } from '../scene/face.ts';
import { laneShot, portraitShot, randomVariation } from '../scene/face-shots.ts';
import { documentNumber, people } from '../devices/gate/people.ts';
import { seeded } from '../scene/random.ts';
import { sharpOf, type Rgb } from '../scene/raster.ts';
import { isTelling, pieceNeedles, textNeedles, type Needle } from './traces.ts';

/** Of the lane pictures: small, because a thousand are drawn, sent and decoded; faces are 80 to 100 pixels wide. */
export const PICTURE = { width: 320, height: 240 };

/** different: with somebody else's card · no photo: the decoder fails · unreadable: the number does not fit its check digit */
export type PresentationWay = 'same' | 'different' | 'no photo' | 'unreadable';

export interface Guest {
  /** `visitor 17`: what finds are named by. */
  readonly name: string;
  /** What becomes of the comparison. Ways that are rarely gone are where things are left lying. */
  readonly way: PresentationWay;
  readonly card: Card & { readonly name: string };
  /** Names the portrait for the photo decoder, which is a bitmap file. */
  readonly portrait: string;
  readonly bitmap: Buffer;
  /** What the lane's camera sends, JPEG or PNG, and what anybody makes of it. */
  readonly picture: Buffer;
  readonly pixels: Rgb;
  /** Of the portrait. */
  readonly photo: Rgb;
}

/** Drawing a head takes longer than all the rest: so many people are enough. */
const FACES = people.slice(0, 10);
/** One picture in so many is a PNG, which keeps each pixel; the others are JPEG, as cameras send them. */
const EXACT_EVERY = 8;
/** One visitor in so many goes one of the rarer ways. */
const RARE_EVERY = 25;
const RARE: readonly PresentationWay[] = ['different', 'no photo', 'unreadable'];
const FIRST_SERIAL = 300_000;
const NOISE = 3;
const NOISE_BYTES = 2 ** 20;
/** Visitors with the same face begin at other places of the noise. */
const NOISE_STEP = 641;
/** The common Chinese characters that GB 18030 has two bytes for stand among these. */
const FIRST_HAN = 0x4e00;
const HANS = 20_000;

export async function openCrowd(seed: number): Promise<(index: number) => Promise<Guest>> {
  const random = seeded(seed);
  const painter = openFacePainter();
  const portraits: Rgb[] = [];
  const shots: Rgb[] = [];
  for (const person of FACES) {
    portraits.push(await painter.draw(portraitShot(person.seed)));
    const variation = { ...randomVariation(random), facePx: 160 + 40 * random() };
    shots.push(await painter.draw(laneShot(person.seed, variation, PICTURE)));
  }
  const noise = Int8Array.from({ length: NOISE_BYTES }, () => {
    return Math.round((random() + random() + random() + random() - 2) * Math.sqrt(3) * NOISE);
  });
  return async (index) => {
    const { id, validFrom, validUntil } = FACES[index % FACES.length]!;
    const serial = FIRST_SERIAL + index;
    const way = wayOf(index);
    const kind = way === 'same' ? CARD_KINDS[index % CARD_KINDS.length]! : 'resident';
    const portrait = `${id}n${index}`;
    const photo = rough(portraits[index % FACES.length]!, noise, index * NOISE_STEP + 7);
    const drawn = rough(shots[(index + (way === 'different' ? 1 : 0)) % FACES.length]!, noise, index * NOISE_STEP);
    const picture = await encoded(drawn, index % EXACT_EVERY === 0);
    const han = seeded(serial);
    const name = String.fromCharCode(...Array.from({ length: 4 }, () => FIRST_HAN + Math.floor(han() * HANS)));
    return {
      name: `visitor ${index}`,
      way,
      card: {
        kind,
        number: numberFor(kind, serial, way),
        validFrom,
        validUntil,
        name,
        photo: cardPhoto(portrait, serial),
      },
      portrait,
      photo,
      picture,
      bitmap: encodeBmp(photo),
      pixels: { ...PICTURE, data: new Uint8Array(await sharp(picture).raw().toBuffer()) },
    };
  };
}

function wayOf(index: number): PresentationWay {
  return index % RARE_EVERY === RARE_EVERY - 1 ? RARE[Math.floor(index / RARE_EVERY) % RARE.length]! : 'same';
}

function numberFor(kind: CardKind, serial: number, way: PresentationWay): string {
  const number = documentNumber(kind, serial);
  return way === 'unreadable' ? number.slice(0, -1) + (number.endsWith('0') ? '1' : '0') : number;
}

function rough({ data, ...size }: Rgb, noise: Int8Array, from: number): Rgb {
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0, n = from % noise.length; i < out.length; i++) {
    out[i] = data[i]! + noise[n]!;
    n = n + 1 === noise.length ? 0 : n + 1;
  }
  return { ...size, data: new Uint8Array(out.buffer) };
}

function encoded(drawn: Rgb, exact: boolean): Promise<Buffer> {
  const picture = sharpOf(drawn);
  return (exact ? picture.png({ compressionLevel: 1 }) : picture.jpeg({ quality: 88 })).toBuffer();
}

/** What the cards of all visitors say alike, and no other text of this product. */
const ON_EACH_CARD = { birth: '19491231', address: '测试路1号', photo: 'simulated photo' };
/** As many bytes of a plane, a multiple of three; a third as many pixels where they stand together. */
const PIECE_PIXELS = 24;
const HASHES = ['sha256', 'sha1', 'md5'];

/** What gives one visitor away. Each finds its own kind of thing: `number of visitor 17`. */
export function visitorNeedles(): (visitor: Guest) => Needle[] {
  const alphabet = String.fromCharCode(...Array.from({ length: HANS }, (_, i) => FIRST_HAN + i));
  const texts = textNeedles(alphabet);
  return ({ name, card, picture, pixels, photo }) => [
    ...texts(`number of ${name}`, tailOf(card.number)),
    ...HASHES.map((hash) => {
      return { name: `${hash} of the number of ${name}`, bytes: createHash(hash).update(card.number).digest() };
    }),
    ...texts(`name of ${name}`, card.name),
    ...pieceNeedles(`chip of ${name}`, card.photo, 12),
    ...pixelNeedles(`photo of ${name}`, photo, 10),
    ...pieceNeedles(`picture file of ${name}`, picture, 8),
    ...pixelNeedles(`picture of ${name}`, pixels, 15),
  ];
}

export function cardNeedles(): Needle[] {
  const texts = textNeedles(Object.values(ON_EACH_CARD).join(''));
  return Object.entries(ON_EACH_CARD).flatMap(([what, text]) => texts(`${what} of a card`, text));
}

/** Date of birth, serial, and a character before: what is in every text that holds the number, whatever of its ends is cut off. */
function tailOf(number: string): string {
  return number.length === 18 ? number.slice(5, 17) : number.slice(3);
}

/**
 * `count` pieces from the middle column, where the face is, each as cameras and decoders have it, as OpenCV and bitmaps have it, and as
 * one plane of three.
 */
function pixelNeedles(name: string, { data, width, height }: Rgb, count: number): Needle[] {
  return Array.from({ length: count }, (_, i) => {
    const from = (Math.floor(((i + 0.5) * height) / count) * width + width / 2 - PIECE_PIXELS / 2) * 3;
    const piece = data.subarray(from, from + PIECE_PIXELS * 3);
    const rgb = piece.subarray(0, PIECE_PIXELS);
    return [rgb, rgb.map((_, k) => rgb[k - 2 * (k % 3) + 2]!), piece.filter((_, k) => k % 3 === 1)];
  })
    .flat()
    .filter((bytes) => isTelling(bytes))
    .map((bytes) => ({ name, bytes: Buffer.from(bytes) }));
}
