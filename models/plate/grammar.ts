/**
 * What may stand on a Chinese number plate (GA 36-2018, as far as public sources tell), and which outputs of the reading
 * model mean the same character. Plates of the army and temporary plates are not read.
 */
import type { PlateKind } from '../../gateway/contracts/plate.ts';

const PROVINCES = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼';
/** I and O are not issued, because they look like 1 and 0. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DIGITS = '0123456789';
const EITHER = DIGITS + LETTERS;
/** Battery electric: A to E. Other new energy: F to K. */
const ENERGY = 'ABCDEFGHJK';
/** The branch of the armed police, where a letter names it. */
const BRANCHES = 'BDHJSTX';

/** A mark at the end tells the kind. */
const MARKS: Readonly<Record<string, PlateKind>> = {
  警: 'police',
  学: 'coach',
  挂: 'trailer',
  港: 'hong-kong',
  澳: 'macao',
  领: 'consulate',
  使: 'embassy',
};

/** One form of plate: the characters allowed at each position. */
export interface Form {
  readonly positions: readonly string[];
  /** Absent: the mark tells. */
  readonly kind?: PlateKind;
  /**
   * Natural logarithm of how usual it is, beside the everyday forms, at about half of what traffic would tell: a rare form needs
   * evidence, but at a checkpoint it must not be overlooked either.
   */
  readonly prior: number;
}

export const FORMS: readonly Form[] = [
  { kind: 'standard', prior: 0, positions: [PROVINCES, LETTERS, EITHER, EITHER, EITHER, EITHER, EITHER] },
  { prior: -2, positions: [PROVINCES, LETTERS, EITHER, EITHER, EITHER, EITHER, '警学挂领使'] },
  // Cars of Hong Kong and Macao that may enter the mainland carry a plate of Guangdong, letter Z.
  { prior: -2, positions: ['粤', 'Z', EITHER, EITHER, EITHER, EITHER, '港澳'] },
  {
    kind: 'new-energy-small',
    prior: 0,
    positions: [PROVINCES, LETTERS, ENERGY, EITHER, DIGITS, DIGITS, DIGITS, DIGITS],
  },
  {
    kind: 'new-energy-large',
    prior: -1,
    positions: [PROVINCES, LETTERS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, ENERGY],
  },
  // Missions: three digits of the mission, then a serial number; embassies of the older form begin with the mark.
  { kind: 'embassy', prior: -3, positions: [DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, '使'] },
  { kind: 'embassy', prior: -3, positions: ['使', DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS] },
  { kind: 'consulate', prior: -3, positions: [PROVINCES, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, '领'] },
  // The armed police, pattern of 2012: the province stands third.
  {
    kind: 'armed-police',
    prior: -3,
    positions: ['W', 'J', PROVINCES, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS + BRANCHES],
  },
];

/** Every character that a form can hold; its index is the number of its score column. */
export const SYMBOLS: readonly string[] = [...PROVINCES, ...EITHER, ...Object.keys(MARKS)];

/** Kind of a text that the form allows. */
export function kindOf(form: Form, text: string): PlateKind {
  return form.kind ?? MARKS[text.at(-1)!]!;
}

/** All kinds that texts of the form may have. */
export function kindsOf(form: Form): PlateKind[] {
  return form.kind ? [form.kind] : [...form.positions.at(-1)!].map((mark) => MARKS[mark]!);
}

/**
 * Other keys of the dictionary that on a plate can only be the named character: traditional forms, full-width and small
 * letters, and signs the model confuses with a character that plates have.
 */
const ALIASES: Readonly<Record<string, string>> = {
  '0': 'Oo〇Ｏ',
  '1': 'Il|｜!lⅠ',
  云: '雲',
  沪: '滬',
  苏: '蘇',
  鲁: '魯',
  辽: '遼',
  赣: '贛',
  贵: '貴',
  陕: '陝',
  宁: '寧',
  晋: '晉',
  闽: '閩',
  粤: '粵',
  琼: '瓊',
  藏: '臧',
  皖: '睆晥院皃皎浣',
  学: '學字',
  领: '領锁',
  使: '便',
  挂: '掛',
};

/** The dictionary keys that count as `symbol`, itself first. */
export function keysOf(symbol: string): readonly string[] {
  const small = /[A-Z]/.test(symbol) ? [symbol.toLowerCase()] : [];
  return [...new Set([symbol, ...(ALIASES[symbol] ?? ''), ...small])];
}

/** The dot after the second character, bolts and dirt: they count as "no character here". */
export const SEPARATORS: readonly string[] = [..."·.•-—:：,、。 ､・˙*~_–°'"];

/**
 * Where a form allows few characters, a look-alike that it does not allow speaks for the allowed one, at `CONFUSED_WEIGHT` of
 * its probability. Both directions as measured with this reader.
 */
export const CONFUSED_WEIGHT = 0.05;
export const CONFUSED: Readonly<Record<string, string>> = {
  '0': 'DQ',
  '1': 'JT',
  '2': 'Z',
  '4': 'A',
  '5': 'S',
  '6': 'G',
  '7': 'TZ',
  '8': 'B',
  A: '4',
  B: '8',
  D: '0Q',
  E: 'F',
  F: 'E',
  G: '6',
  H: 'N',
  J: '1',
  K: 'X',
};

/** Only digit and new-energy positions are narrow enough for `CONFUSED`. */
export function isNarrow(allowed: string): boolean {
  return allowed === DIGITS || allowed === ENERGY;
}
