/** The forms of plates that this box reads (GA 36-2018 as far as it is publicly described), position by position, and the kind that each tells. */
import type { PlateKind } from './plate.ts';
import { inEnglish } from './words/area.ts';
import { threads } from './words/threads.words.ts';

const PROVINCES = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼';
export const DIGITS = '0123456789';
/** I and O are not used: they would be taken for 1 and 0. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const ANY = DIGITS + LETTERS;
/** New energy: A to E are battery electric, F to K are not. */
export const ENERGY = 'ABCDEFGHJK';
/** The branch of the armed police, where a letter names it. */
const BRANCHES = 'BDHJSTX';

/** For each position, the characters that may stand there. */
export type PlateForm = readonly string[];

/** Plates that share their positions. */
export interface PlateSeries {
  readonly positions: PlateForm;
  /** Absent: the mark at the end tells it. */
  readonly kind?: PlateKind;
}

const HEAD = [PROVINCES, LETTERS];
const SIX_DIGITS = [DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS];

export const PLATE_SERIES: readonly PlateSeries[] = [
  { kind: 'standard', positions: [...HEAD, ANY, ANY, ANY, ANY, ANY] },
  { positions: [...HEAD, ANY, ANY, ANY, ANY, '警学挂领使'] },
  // Cars of Hong Kong and Macao that may enter the mainland carry a plate of Guangdong, letter Z.
  { positions: ['粤', 'Z', ANY, ANY, ANY, ANY, '港澳'] },
  { kind: 'new-energy-small', positions: [...HEAD, ENERGY, ANY, DIGITS, DIGITS, DIGITS, DIGITS] },
  { kind: 'new-energy-large', positions: [...HEAD, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, ENERGY] },
  // Three digits of the mission, then a serial number; embassies of the older form begin with the mark.
  { kind: 'embassy', positions: [...SIX_DIGITS, '使'] },
  { kind: 'embassy', positions: ['使', ...SIX_DIGITS] },
  { kind: 'consulate', positions: [PROVINCES, ...SIX_DIGITS.slice(1), '领'] },
  // The armed police, pattern of 2012: the province stands third.
  { kind: 'armed-police', positions: ['W', 'J', PROVINCES, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS + BRANCHES] },
];

const KIND_BY_MARK: Readonly<Record<string, PlateKind>> = {
  警: 'police',
  学: 'coach',
  挂: 'trailer',
  港: 'hong-kong',
  澳: 'macao',
  领: 'consulate',
  使: 'embassy',
};

/** The forms exclude each other. A mark is fixed: a police plate is never one character away from a trainer's. */
const FORMS = PLATE_SERIES.flatMap(({ positions, kind }): { form: PlateForm; kind: PlateKind }[] => {
  if (kind) return [{ form: positions, kind }];
  return [...positions.at(-1)!].map((mark) => ({ form: positions.with(-1, mark), kind: KIND_BY_MARK[mark]! }));
});

/** Whether the place holds a province, of those that `allowed` names. */
export function isProvincePlace(allowed: string): boolean {
  return allowed === PROVINCES;
}

/** The one form that `text` (canonical, without separators) has. */
export function formOf(text: string): PlateForm | undefined {
  return entryOf(text)?.form;
}

/** The kind of a text that has a form. */
export function plateKindOf(text: string): PlateKind | undefined {
  return entryOf(text)?.kind;
}

/** All kinds that plates of the series may have. */
export function kindsOf({ positions, kind }: PlateSeries): PlateKind[] {
  return kind ? [kind] : [...positions.at(-1)!].map((mark) => KIND_BY_MARK[mark]!);
}

function entryOf(text: string) {
  return FORMS.find(
    ({ form }) => form.length === text.length && form.every((allowed, i) => allowed.includes(text[i]!)),
  );
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
  if (plate === '') return { expected: inEnglish(threads['plate-such-as']) };
  if (/[IO]/.test(plate)) return { expected: inEnglish(threads['plate-without-i-o']) };
  if (!PROVINCES.includes(plate[0]!) && !plate.includes('使') && !plate.startsWith('WJ')) {
    return { expected: inEnglish(threads['plate-province']) };
  }
  return { expected: inEnglish(threads['plate-form'], { length: plate.length }) };
}

/** Positions at which two texts differ; all of them where their lengths do: a plate and one of another form have nothing in common. */
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
