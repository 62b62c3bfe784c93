/**
 * The lines of a machine-readable zone (ICAO Doc 9303 parts 3 to 6).
 *
 * Only number, expiry and the kind of document are decoded. Names, nationality and sex are never read; birth date and optional data only
 * count for the composite check digit.
 *
 * A check digit detects every single misread character, except one whose value differs by ten or twenty: 6 and G, 1 and L, 0 and A,
 * the filler and K. Nothing in the zone tells these apart, so such a misread number passes as another number.
 */
import type { Day, DocumentReading, ReadFault } from '../../../gateway/contracts/document.ts';

export type MrzResult =
  | ({ readonly kind: 'document' } & Pick<DocumentReading, 'type' | 'number' | 'validUntil'>)
  | { readonly kind: 'unreadable'; readonly why: ReadFault };

export interface ZoneLayout {
  readonly lines: number;
  readonly length: number;
}

const TD1: ZoneLayout = { lines: 3, length: 30 };
const TD2: ZoneLayout = { lines: 2, length: 36 };
const TD3: ZoneLayout = { lines: 2, length: 44 };
/** Narrow layouts first: 3M readers pad narrow lines to the width of a passport. */
export const LAYOUTS: readonly ZoneLayout[] = [TD1, TD2, TD3];

export const FILLER = code('<');
/** With which 3M readers pad a line; it counts as a filler. */
export const PAD = code('_');

export function code(character: string): number {
  return character.charCodeAt(0);
}

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
export const isLetter = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;

/**
 * Decodes the lines of one document, which must have the length of `format`. The number has its own buffer. The check digits of number, expiry
 * and the whole have to be right; that of the birth date is not checked.
 */
export function decodeZone(format: ZoneLayout, lines: readonly Uint8Array[]): MrzResult {
  const type = typeOf(format, lines[0]![0]!);
  if (type === undefined) return { kind: 'unreadable', why: 'unknown document' };
  for (const line of lines) for (const [i, byte] of line.entries()) if (byte === PAD) line[i] = FILLER;

  const fields = format === TD1 ? fieldsOfCard(lines[0]!, lines[1]!) : fieldsOfPage(format, lines[1]!);
  const number = checkedNumber(fields);
  const expiryFits = fits(fields.expiryDigit, fields.expiry) || isBlank([...fields.expiry, fields.expiryDigit]);
  if (number === undefined || !expiryFits || !fits(fields.compositeDigit, ...fields.composite)) {
    number?.fill(0);
    return { kind: 'unreadable', why: 'check digit' };
  }
  const validity = validityOf(fields.expiry);
  // A filler inside a number is more likely a character that was not read than a blank of the issuer.
  if (number.length === 0 || number.includes(FILLER) || validity === undefined) {
    number.fill(0);
    return { kind: 'unreadable', why: 'garbled' };
  }
  return { kind: 'document', type, number, ...validity };
}

/** Undefined for visas (V), and for codes that 9303 does not assign to documents of this size. */
function typeOf(format: ZoneLayout, letter: number): 'passport' | 'travel-card' | undefined {
  if (format === TD3) return letter === code('P') ? 'passport' : undefined;
  return [code('A'), code('C'), code('I')].includes(letter) ? 'travel-card' : undefined;
}

interface Fields {
  readonly number: Uint8Array;
  readonly numberDigit: number;
  /** Continues a number of more than nine characters; empty on a passport, whose numbers are shorter. */
  readonly optional: Uint8Array;
  readonly expiry: Uint8Array;
  readonly expiryDigit: number;
  readonly composite: readonly Uint8Array[];
  readonly compositeDigit: number;
}

/** Doc 9303-5, 4.2.2: TD1. */
function fieldsOfCard(upper: Uint8Array, middle: Uint8Array): Fields {
  return {
    number: upper.subarray(5, 14),
    numberDigit: upper[14]!,
    optional: upper.subarray(15, 30),
    expiry: middle.subarray(8, 14),
    expiryDigit: middle[14]!,
    composite: [upper.subarray(5, 30), middle.subarray(0, 7), middle.subarray(8, 15), middle.subarray(18, 29)],
    compositeDigit: middle[29]!,
  };
}

/** Doc 9303-4 and 9303-6, 4.2.2: TD3 and TD2 differ in the length of their optional data. */
function fieldsOfPage(format: ZoneLayout, lower: Uint8Array): Fields {
  const end = format.length - 1;
  return {
    number: lower.subarray(0, 9),
    numberDigit: lower[9]!,
    optional: format === TD2 ? lower.subarray(28, end) : new Uint8Array(),
    expiry: lower.subarray(21, 27),
    expiryDigit: lower[27]!,
    composite: [lower.subarray(0, 10), lower.subarray(13, 20), lower.subarray(21, end)],
    compositeDigit: lower[end]!,
  };
}

/** The number without the fillers after it, in a buffer of its own; undefined when its check digit is wrong. */
function checkedNumber({ number, numberDigit, optional }: Fields): Uint8Array | undefined {
  if (numberDigit !== FILLER) return fits(numberDigit, number) ? withoutFillers(number) : undefined;
  // A long number continues in the optional data; its check digit is the last character before the first filler.
  const filler = optional.indexOf(FILLER);
  const rest = optional.subarray(0, filler < 0 ? optional.length : filler);
  if (rest.length < 2) return undefined;
  const digit = rest[rest.length - 1]!;
  const tail = rest.subarray(0, -1);
  // Issuers disagree whether the filler in the place of the check digit counts; the example in 9303 comes out the same either way.
  if (!fits(digit, number, tail) && !fits(digit, number, Uint8Array.of(FILLER), tail)) return undefined;
  const whole = new Uint8Array(number.length + tail.length);
  whole.set(number);
  whole.set(tail, number.length);
  return whole;
}

function withoutFillers(field: Uint8Array): Uint8Array {
  let end = field.length;
  while (end > 0 && field[end - 1] === FILLER) end -= 1;
  return field.slice(0, end);
}

function fits(digit: number, ...parts: readonly Uint8Array[]): boolean {
  return isDigit(digit) && checkDigit(...parts) === digit - 0x30;
}

/**
 * Doc 9303-3, 4.9: weights 7, 3, 1 over ASCII characters, the sum modulo 10. Digits count as themselves, A as 10 to Z as 35, the
 * filler as 0. The parts count as one text.
 */
export function checkDigit(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  let at = 0;
  for (const part of parts) {
    for (const byte of part) {
      const value = isDigit(byte) ? byte - 0x30 : isLetter(byte) ? byte - 0x41 + 10 : 0;
      sum += value * [7, 3, 1][at % 3]!;
      at += 1;
    }
  }
  return sum % 10;
}

const isBlank = (bytes: readonly number[]): boolean => bytes.every((byte) => byte === FILLER);

/** From `YYMMDD` of this century; empty for fillers or zeros, undefined when it is no day. */
function validityOf(expiry: Uint8Array): { readonly validUntil?: Day } | undefined {
  const text = String.fromCharCode(...expiry);
  if (/^(<{6}|0{6})$/.test(text)) return {};
  if (!/^\d{6}$/.test(text)) return undefined;
  const iso = `20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4)}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== iso) return undefined;
  return { validUntil: `20${text}` };
}
