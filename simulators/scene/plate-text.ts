/** Texts of drawn plates: random, of every kind, belonging to nobody. */
import type { PlateColour, PlateKind } from '../../gateway/contracts/plate.ts';
import { pick, type Random } from './random.ts';

/** What is drawn: the reader's kinds, some of which come in several looks. */
export type PlateStyle =
  | PlateKind
  | 'standard-yellow'
  | 'standard-yellow-two-line'
  | 'motorcycle-yellow'
  | 'motorcycle-blue'
  | 'embassy-numbered'
  | 'consulate-numbered';

/** What the demo, the benches and their seeds draw from: adding one here would change what every seed draws. */
export const plateStyles: readonly PlateStyle[] = [
  'standard',
  'standard-yellow',
  'standard-yellow-two-line',
  'new-energy-small',
  'new-energy-large',
  'police',
  'coach',
  'trailer',
  'hong-kong',
  'macao',
  'consulate',
  'embassy',
];

/** Every style there is. */
export const allPlateStyles: readonly PlateStyle[] = [
  ...plateStyles,
  'armed-police',
  'motorcycle-yellow',
  'motorcycle-blue',
  'embassy-numbered',
  'consulate-numbered',
];

interface PlateFacts {
  readonly kind: PlateKind;
  readonly colour: PlateColour;
  readonly lines: 1 | 2;
}

const facts = (kind: PlateKind, colour: PlateColour, lines: 1 | 2 = 1): PlateFacts => ({ kind, colour, lines });

/** What a reader should say of each style. */
export const plateFacts: Readonly<Record<PlateStyle, PlateFacts>> = {
  standard: facts('standard', 'blue'),
  'standard-yellow': facts('standard', 'yellow'),
  'standard-yellow-two-line': facts('standard', 'yellow', 2),
  'motorcycle-yellow': facts('standard', 'yellow', 2),
  'motorcycle-blue': facts('standard', 'blue', 2),
  'new-energy-small': facts('new-energy-small', 'green'),
  'new-energy-large': facts('new-energy-large', 'yellow-green'),
  police: facts('police', 'white'),
  coach: facts('coach', 'yellow'),
  trailer: facts('trailer', 'yellow', 2),
  'hong-kong': facts('hong-kong', 'black'),
  macao: facts('macao', 'black'),
  consulate: facts('consulate', 'black'),
  'consulate-numbered': facts('consulate', 'black'),
  embassy: facts('embassy', 'black'),
  'embassy-numbered': facts('embassy', 'black'),
  'armed-police': facts('armed-police', 'white'),
};

const PROVINCES = [...'京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼'];
const DIGITS = [...'0123456789'];
/** I and O are never used. */
const LETTERS = [...'ABCDEFGHJKLMNPQRSTUVWXYZ'];

const SUFFIXES: Partial<Record<PlateStyle, string>> = {
  police: '警',
  coach: '学',
  trailer: '挂',
  'hong-kong': '港',
  macao: '澳',
  consulate: '领',
  embassy: '使',
};

/** Every character that a plate can bear. */
export const plateCharacters: readonly string[] = [...PROVINCES, ...DIGITS, ...LETTERS, ...Object.values(SUFFIXES)];

/** A plate text of the form GA 36-2018 gives that kind (as plate generators state it), without separators. */
export function randomPlate(random: Random, style: PlateStyle): string {
  const digits = (n: number): string => Array.from({ length: n }, () => pick(random, DIGITS)).join('');
  // At most two letters among the last characters, as in the issued series.
  const serial = (n: number): string => {
    const places = [Math.floor(random() * n), Math.floor(random() * n)].slice(0, Math.floor(random() * 3));
    return Array.from({ length: n }, (_, i) => pick(random, places.includes(i) ? LETTERS : DIGITS)).join('');
  };
  // 2012 pattern: WJ, the province, four digits and a digit or a letter of the branch.
  if (style === 'armed-police')
    return `WJ${pick(random, PROVINCES)}${digits(4)}${pick(random, [...DIGITS, ...'BDHJSTX'])}`;
  // The mission's number, then the vehicle's.
  if (style === 'embassy-numbered') return `使${digits(6)}`;
  if (style === 'consulate-numbered') return `${pick(random, PROVINCES)}${digits(5)}领`;
  const border = style === 'hong-kong' || style === 'macao';
  const head = border ? '粤Z' : pick(random, PROVINCES) + pick(random, LETTERS);
  if (style === 'new-energy-small') {
    return head + pick(random, [...'DABCEFGHJK']) + pick(random, [...DIGITS, ...LETTERS]) + digits(4);
  }
  if (style === 'new-energy-large') return head + digits(5) + pick(random, [...'DABCEFGHJK']);
  const suffix = SUFFIXES[style];
  return suffix === undefined ? head + serial(5) : head + serial(4) + suffix;
}
