/**
 * Decodes the data of an identity card's chip: 256 bytes of text in one of four layouts (UTF-16LE, padded with blanks) and a photo of 1,024 bytes.
 * Only number, validity, kind and photo are decoded; no offset of name, sex, ethnicity, birth or address is known here. The layouts are those
 * of public readers for GA 467 and its sequels for residence permits and permanent residents.
 */
import type { Day, DocumentType, ReadFault } from '../../../gateway/contracts/document.ts';
import { checkDigitFits } from '../../../gateway/contracts/citizen-number.ts';

export interface CardData {
  readonly type: DocumentType;
  /** ASCII, `X` in upper case. */
  readonly number: Uint8Array;
  readonly validFrom: Day;
  /** Absent: 长期, unlimited. */
  readonly validUntil?: Day;
  /** As the chip holds it, 1024 bytes. */
  readonly photo: Uint8Array;
}

export type CardFault = Extract<ReadFault, 'check digit' | 'unknown document' | 'garbled'>;

/** Lengths of text and photo, each in two bytes. */
const HEAD = [0x01, 0x00, 0x04, 0x00];
const TEXT_BYTES = 256;
const PHOTO_BYTES = 1024;

/** Offsets in the text, bytes. */
const NUMBER_AT = 122;
const FROM_AT = 188;
const UNTIL_AT = 204;
const DAY_CHARACTERS = 8;
const FLAG_AT = 248;

const BLANK = 0x20;
const UNENDING = [0x957f, 0x671f];

interface Layout {
  readonly type: DocumentType;
  readonly digits: number;
  /** Has a GB 11643 check digit; the older permanent-resident card, of 15 characters, has none. */
  readonly checked: boolean;
}

/** By the flag, which cards of residents leave empty. */
const LAYOUTS: Readonly<Record<string, Layout>> = {
  ' ': { type: 'resident-card', digits: 18, checked: true },
  '\0': { type: 'resident-card', digits: 18, checked: true },
  J: { type: 'residence-permit', digits: 18, checked: true },
  I: { type: 'permanent-resident-card', digits: 15, checked: false },
  Y: { type: 'permanent-resident-card', digits: 18, checked: true },
};

/** `data` is the reply to `read` after its status; it is not changed, and the caller wipes it. */
export function decodeCard(data: Uint8Array): CardData | CardFault {
  if (data.length !== HEAD.length + TEXT_BYTES + PHOTO_BYTES || HEAD.some((byte, i) => data[i] !== byte))
    return 'garbled';
  const text = data.subarray(HEAD.length, HEAD.length + TEXT_BYTES);
  const layout = LAYOUTS[String.fromCharCode(unitAt(text, FLAG_AT))];
  if (!layout) return 'unknown document';
  const validFrom = dayAt(text, FROM_AT);
  const validUntil = isUnending(text) ? undefined : dayAt(text, UNTIL_AT);
  if (validFrom === undefined || (validUntil === undefined && !isUnending(text))) return 'garbled';
  if (validUntil !== undefined && validUntil < validFrom) return 'garbled';
  const number = numberOf(text, layout);
  if (typeof number === 'string') return number;
  const photo = new Uint8Array(data.subarray(HEAD.length + TEXT_BYTES));
  return { type: layout.type, number, validFrom, photo, ...(validUntil === undefined ? {} : { validUntil }) };
}

const unitAt = (text: Uint8Array, at: number): number => text[at]! | (text[at + 1]! << 8);

/** ASCII digits and, where the layout has no check digit, capital letters; nothing else, so no full-width digits. */
function numberOf(text: Uint8Array, { digits, checked }: Layout): Uint8Array | CardFault {
  const number = new Uint8Array(digits);
  for (let i = 0; i < digits; i++) {
    const unit = unitAt(text, NUMBER_AT + 2 * i);
    const character = checked && i === digits - 1 && unit === 0x78 ? 0x58 : unit;
    const digit = character >= 0x30 && character <= 0x39;
    const letter = character >= 0x41 && character <= 0x5a;
    if (!digit && !(letter && (!checked || (i === digits - 1 && character === 0x58)))) {
      number.fill(0);
      return 'garbled';
    }
    number[i] = character;
  }
  if (!checked || checkDigitFits(number)) return number;
  number.fill(0);
  return 'check digit';
}

function isUnending(text: Uint8Array): boolean {
  for (let i = 0; i < DAY_CHARACTERS; i++) {
    if (unitAt(text, UNTIL_AT + 2 * i) !== (UNENDING[i] ?? BLANK)) return false;
  }
  return true;
}

/** A day of the calendar, or undefined. */
function dayAt(text: Uint8Array, at: number): Day | undefined {
  let day = '';
  for (let i = 0; i < DAY_CHARACTERS; i++) day += String.fromCharCode(unitAt(text, at + 2 * i));
  const [, year, month, date] = /^((?:19|20|21)\d\d)(\d\d)(\d\d)$/.exec(day) ?? [];
  if (year === undefined) return undefined;
  const iso = `${year}-${month}-${date}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  // Date.parse takes 31 February for a day in March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso) ? day : undefined;
}
