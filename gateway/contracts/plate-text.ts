/** The forms of plates that this box reads (GA 36-2018 as far as it is publicly described), position by position. */
import { english } from './words/words.ts';

const PROVINCES = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼';
const DIGITS = '0123456789';
/** I and O are not used: they would be taken for 1 and 0. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const ANY = DIGITS + LETTERS;
/** New energy: D A B C E are electric, F G H J K are not. */
const ENERGY = 'ABCDEFGHJK';
const SUFFIXES = '警学挂领使';
/** The branch of the armed police, where a letter names it. */
const BRANCHES = 'BDHJSTX';

/** For each position, the characters that may stand there. */
export type Form = readonly string[];

const HEAD = [PROVINCES, LETTERS];
const STANDARD: Form = [...HEAD, ANY, ANY, ANY, ANY, ANY];
const ENERGY_SMALL: Form = [...HEAD, ENERGY, ANY, DIGITS, DIGITS, DIGITS, DIGITS];
const ENERGY_LARGE: Form = [...HEAD, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, ENERGY];
/** The last character is fixed: a police plate is never one character away from a trainer's. */
const SUFFIXED: readonly Form[] = [...SUFFIXES].map((suffix) => [...HEAD, ANY, ANY, ANY, ANY, suffix]);
/** Cars of Hong Kong and Macao that may enter the mainland carry a plate of Guangdong, letter Z. */
const GUANGDONG_Z: readonly Form[] = [...'港澳'].map((suffix) => ['粤', 'Z', ANY, ANY, ANY, ANY, suffix]);
const SIX_DIGITS: Form = [DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS];
const MISSIONS: readonly Form[] = [
  [...SIX_DIGITS, '使'],
  ['使', ...SIX_DIGITS],
  [PROVINCES, ...SIX_DIGITS.slice(1), '领'],
];
/** The armed police, pattern of 2012: the province stands third. */
const ARMED_POLICE: Form = ['W', 'J', PROVINCES, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS + BRANCHES];

const FORMS: readonly Form[] = [
  STANDARD,
  ...SUFFIXED,
  ...GUANGDONG_Z,
  ENERGY_SMALL,
  ENERGY_LARGE,
  ...MISSIONS,
  ARMED_POLICE,
];

/** Whether the place holds a province, of those that `allowed` names. */
export function isProvincePlace(allowed: string): boolean {
  return allowed === PROVINCES;
}

/** The one form that `text` (canonical, without separators) has; the forms exclude each other. */
export function formOf(text: string): Form | undefined {
  return FORMS.find((form) => form.length === text.length && form.every((allowed, i) => allowed.includes(text[i]!)));
}

/**
 * Canonical text of a plate as people write it: full-width characters, small letters and separators (space, dot, dash) are put right.
 * Anything else that is not one of the forms gives what was expected instead; the plate itself is not repeated.
 */
export function normalisePlate(written: string): { readonly plate: string } | { readonly expected: string } {
  const plate = written
    .normalize('NFKC')
    .replace(/[\s·•‧∙⋅・●.\-–—_:]/gu, '')
    .toUpperCase();
  if (formOf(plate)) return { plate };
  if (plate === '') return { expected: english('plate-such-as') };
  if (/[IO]/.test(plate)) return { expected: english('plate-without-i-o') };
  if (!PROVINCES.includes(plate[0]!) && !plate.includes('使') && !plate.startsWith('WJ')) {
    return { expected: english('plate-province') };
  }
  return {
    expected: english('plate-form', { length: plate.length }),
  };
}

/** Positions at which two texts differ; all of them where their lengths do. */
export function differences(a: string, b: string): number {
  if (a.length !== b.length) return Math.max(a.length, b.length);
  let n = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) n++;
  return n;
}

/**
 * Characters that plate readers take for each other. 0DQ, 2Z, 5S, 8B and 6G are the OCR equivalents of Genetec Security Center's matcher
 * (I and O are not used on Chinese plates); 38, HM, EF and VY come from OPS-COM's table of corrections; CL, 1T, HW, MN and NW
 * were measured on real crops; 17, 1J, 7T, 7Z, 4A and KX are alike in the plate's letterforms.
 */
export const CONFUSED = [
  '0DQ',
  '2Z',
  '5S',
  '8B',
  '38',
  '6G',
  'CL',
  '1T',
  '17',
  '1J',
  '7T',
  '7Z',
  'HMNW',
  'EF',
  'VY',
  '4A',
  'KX',
];

export const CONFUSED_WITH: ReadonlyMap<string, string> = confusionTable();

/** Whether readers take these two characters for each other. */
export function confusable(a: string, b: string): boolean {
  return CONFUSED_WITH.get(a)?.includes(b) ?? false;
}

export function confusionTable(): Map<string, string> {
  const table = new Map<string, string>();
  for (const group of CONFUSED) {
    for (const one of group) table.set(one, (table.get(one) ?? '') + group.replace(one, ''));
  }
  return table;
}
