/**
 * People who do not exist: drawn faces picked so that no two are taken for the same person in any shot of face-shots.ts, and
 * numbers that nobody can have, because they name a region that is none and days of birth between 1850 and 1879.
 * people.test.ts holds the distances; when the drawing changes, simulators/bench/gate/pick-people.ts picks again.
 */
import { numberOf, type CardKind } from '../reader/cards.ts';

export interface DrawnPerson {
  /** Names the portrait; lower-case letters and digits. */
  readonly id: string;
  /** Of the face. */
  readonly seed: number;
  /** Of a resident card. */
  readonly number: string;
  /** `YYYYMMDD`. */
  readonly validFrom: string;
  /** `YYYYMMDD` or `长期`. */
  readonly validUntil: string;
}

const DAYS_A_YEAR = 12 * 28;
const DAYS = 30 * DAYS_A_YEAR;
const MAX_SERIALS = DAYS * 999;
/** Behind the 99 that no region has; the kinds do not share numbers. */
const REGIONS = { resident: '9901', J: '9902', Y: '9903' } as const;

/** Picked by simulators/bench/gate/pick-people.ts. */
export const FACE_SEEDS: readonly number[] = [
  3, 18, 35, 77, 101, 135, 143, 216, 234, 239, 274, 317, 357, 364, 382, 414, 422, 482, 512, 528, 540, 554, 557, 715,
  819, 824, 828,
];

/** The same people at each call. Faces stay apart among all of them. */
export const people: readonly DrawnPerson[] = FACE_SEEDS.map((seed, i) => ({
  id: `p${String(i + 1).padStart(2, '0')}`,
  seed,
  number: documentNumber('resident', i * 419),
  validFrom: `2020${String(1 + (i % 12)).padStart(2, '0')}01`,
  validUntil: i % 6 === 5 ? '长期' : `2040${String(1 + (i % 12)).padStart(2, '0')}01`,
}));

/** A number with a valid check digit, where its kind has one. Different serials (whole, from 0 up to ten million) give different numbers. */
export function documentNumber(kind: CardKind, serial: number): string {
  if (!Number.isInteger(serial) || serial < 0 || serial >= MAX_SERIALS) {
    throw new Error(`the serial of a number is a whole number from 0 to ${MAX_SERIALS - 1}, not ${serial}`);
  }
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = serial % DAYS;
  const year = 1850 + Math.floor(day / DAYS_A_YEAR);
  const birth = `${year}${two(1 + (Math.floor(day / 28) % 12))}${two(1 + (day % 28))}`;
  const inDay = String(1 + Math.floor(serial / DAYS)).padStart(3, '0');
  // Utopia, as in the examples of ICAO 9303: the permit of 2017 has 15 characters and no check digit.
  return kind === 'I' ? `UTO1${birth}${inDay}` : numberOf(`${REGIONS[kind]}${birth}${inDay}`);
}
