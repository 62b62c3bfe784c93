/** Texts of drawn plates: random, of every kind, belonging to nobody. */
import type { PlateKind } from '../../gateway/types.ts';
import { pick, type Random } from './random.ts';

/** What is drawn: the reader's kinds, of which `standard` comes in three looks. */
export type PlateStyle = PlateKind | 'standard-yellow' | 'standard-yellow-two-line';

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
  const border = style === 'hong-kong' || style === 'macao';
  const head = border ? '粤Z' : pick(random, PROVINCES) + pick(random, LETTERS);
  if (style === 'new-energy-small') {
    return head + pick(random, [...'DABCEFGHJK']) + pick(random, [...DIGITS, ...LETTERS]) + digits(4);
  }
  if (style === 'new-energy-large') return head + digits(5) + pick(random, [...'DABCEFGHJK']);
  const suffix = SUFFIXES[style];
  return suffix === undefined ? head + serial(5) : head + serial(4) + suffix;
}
