/**
 * What the decoder of plates goes by: the forms of contracts/plate-text.ts with how usual each is, and which outputs of the reading model mean
 * the same character. Plates of the army and temporary plates are not read.
 */
import { DIGITS, ENERGY, PLATE_SERIES, type PlateSeries } from '../../gateway/contracts/plate-text.ts';
import type { PlateKind } from '../../gateway/contracts/plate.ts';

/**
 * Natural logarithm of how usual a series is, beside the everyday ones, at about half of what traffic would tell: a rare plate needs
 * evidence, but at a checkpoint it must not be overlooked either.
 */
const PRIORS: Partial<Record<PlateKind, number>> = {
  'new-energy-large': -1,
  embassy: -3,
  consulate: -3,
  'armed-police': -3,
};
/** Of a series whose last character tells the kind. */
const MARKED_PRIOR = -2;

export interface PlateGrammar extends PlateSeries {
  readonly prior: number;
}

export const FORMS: readonly PlateGrammar[] = PLATE_SERIES.map((series) => {
  return { ...series, prior: series.kind ? (PRIORS[series.kind] ?? 0) : MARKED_PRIOR };
});

/** Every character that a plate can bear; its index is the number of its score column. */
export const SYMBOLS: readonly string[] = [...new Set(FORMS.flatMap((form) => [...form.positions.join('')]))];

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
 * Where a form allows few characters, a look-alike that it does not allow speaks for the allowed one, at `LOOK_ALIKE_WEIGHT` of
 * its probability. Both directions as measured with this reader.
 */
export const LOOK_ALIKE_WEIGHT = 0.05;
export const LOOK_ALIKES: Readonly<Record<string, string>> = {
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

/** Only digit and new-energy positions are narrow enough for `LOOK_ALIKES`. */
export function isNarrow(allowed: string): boolean {
  return allowed === DIGITS || allowed === ENERGY;
}
