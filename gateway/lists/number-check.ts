/** Finds document numbers that a keyboard or a spreadsheet has spoilt: corrects what is certain, and reports what may be another number. */
import { checkDigit } from '../contracts/citizen-number.ts';
import { iso } from '../contracts/time.ts';
import { english } from '../contracts/words/words.ts';

interface NumberCheck {
  /** As it will be signed. */
  readonly number: string;
  /** What was corrected. */
  readonly correction?: string;
  /** Why it may not be the number on the paper: a person must compare the row before it is signed. */
  readonly suspicion?: string;
}

/** `number` is normalised, `written` is the text of the table. Messages repeat neither. */
export function checkNumber(number: string, written: string): NumberCheck | { readonly problem: string } {
  if (/^\d{15}$/.test(number)) {
    const full = `${number.slice(0, 6)}19${number.slice(6)}`;
    if (!isDay(full.slice(6, 14))) return { problem: english('number-15-birthday') };
    return {
      number: full + String.fromCharCode(checkDigit(Buffer.from(full, 'latin1'))!),
      correction: english('number-15-to-18'),
    };
  }
  if (number.length === 18 && /^\d{17}/.test(number) && !isDay(number.slice(6, 14))) {
    return { problem: english('number-18-birthday') };
  }
  const suspicion = suspicionOf(number, written.trim());
  return suspicion === undefined ? { number } : { number, suspicion };
}

function suspicionOf(number: string, written: string): string | undefined {
  if (/^\d{15}000$/.test(number)) {
    return english('number-ends-in-000');
  }
  if (
    /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/.test(written) ||
    /^\d{0,2}(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d{0,4}$/.test(number)
  ) {
    return english('number-like-date');
  }
  if (!/\d/.test(number)) return english('number-no-digit');
  // Permanent resident cards issued until 2023 begin with the three letters of a country, where O and I are letters.
  if (/^[A-Z]{3}\d{12}$/.test(number)) return undefined;
  if (/\d[OI]|[OI]\d/.test(number)) return english('number-letter-o-i');
  if (/^\d+$/.test(number) && number.length < 8) return english('number-few-digits');
  if (/^\d+$/.test(number) && [14, 16, 17, 19].includes(number.length)) {
    return english('number-odd-length', { digits: number.length });
  }
  if (/^\d{12,}X$/.test(number) && number.length !== 18) {
    return english('number-ends-in-x', { length: number.length });
  }
  return undefined;
}

function isDay(text: string): boolean {
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  // JavaScript takes 30 February for 1 or 2 March.
  const at = Date.parse(`${day}T00:00Z`);
  return day >= '1800' && Number.isFinite(at) && iso(at).startsWith(day);
}
