/** What keyboards and spreadsheets do to the numbers of documents: put right where that is certain, doubted where another number may be meant. */
import { checkCharacter } from './number.ts';

export interface NumberNews {
  /** As it is signed. */
  readonly number: string;
  /** What was changed. */
  readonly note?: string;
  /** It may be another number than the one on the paper: signed only if somebody has compared the row. */
  readonly doubt?: string;
}

/** `number` is in its normal form, `written` as it stood in the table. Neither is repeated in a message. */
export function examineNumber(number: string, written: string): NumberNews | { readonly problem: string } {
  if (/^\d{15}$/.test(number)) {
    const full = `${number.slice(0, 6)}19${number.slice(6)}`;
    if (!isDay(full.slice(6, 14)))
      return { problem: 'has 15 digits, and digits 7 to 12 are no birthday: one is mistyped' };
    return {
      number: full + checkCharacter(full),
      note: 'the old number of 15 digits is signed as its 18 digits, as cards and readers have it',
    };
  }
  if (number.length === 18 && /^\d{17}/.test(number) && !isDay(number.slice(6, 14))) {
    return { problem: 'has 18 characters, and digits 7 to 14 are no birthday: one is mistyped' };
  }
  const doubt = doubtOf(number, written.trim());
  return doubt === undefined ? { number } : { number, doubt };
}

function doubtOf(number: string, written: string): string | undefined {
  if (/^\d{15}000$/.test(number)) {
    return 'ends in 000, as a spreadsheet leaves it that has rounded the number away: it may be the number of somebody else';
  }
  if (
    /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/.test(written) ||
    /^\d{0,2}(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d{0,4}$/.test(number)
  ) {
    return 'looks like a date that a spreadsheet has made of it';
  }
  if (!/\d/.test(number)) return 'holds no digit';
  // A permanent resident card of the form until 2023 begins with the three letters of a state: O and I are letters there.
  if (/^[A-Z]{3}\d{12}$/.test(number)) return undefined;
  if (/\d[OI]|[OI]\d/.test(number)) return 'holds a letter O or I beside a digit: 0 or 1 may be meant';
  if (/^\d+$/.test(number) && number.length < 8)
    return 'has few digits: a spreadsheet may have dropped the zeros before them';
  if (/^\d+$/.test(number) && [14, 16, 17, 19].includes(number.length)) {
    return `has ${number.length} digits, as no document has that is known here: one too many or too few`;
  }
  if (/^\d{12,}X$/.test(number) && number.length !== 18) {
    return `ends in X, as of citizen numbers only those of 18 characters do, and has ${number.length}: one too many or too few`;
  }
  return undefined;
}

function isDay(text: string): boolean {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].map(Number) as [
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1800 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
