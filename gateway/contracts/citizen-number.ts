/** The check digit of Chinese citizen numbers (GB 11643-1999, ISO 7064 MOD 11-2). Numbers are bytes, which can be wiped. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/** By the remainder, 0 to 10. */
const CHECK_DIGITS = '10X98765432';
const ZERO = 0x30;

/** The check digit, as an ASCII byte, of the first 17 digits; undefined when they are not digits. */
export function checkDigit(digits: Uint8Array): number | undefined {
  let sum = 0;
  // By index: V8 copies a small array when `subarray` asks for its buffer, and the first copy is never wiped.
  for (const [i, weight] of WEIGHTS.entries()) {
    const value = (digits[i] ?? 0) - ZERO;
    if (value < 0 || value > 9) return undefined;
    sum += value * weight;
  }
  return CHECK_DIGITS.charCodeAt(sum % 11);
}

/** Whether the last of 18 ASCII bytes is the right check digit; `X` has to be upper case. */
export function checkDigitFits(number: Uint8Array): boolean {
  return number.length === WEIGHTS.length + 1 && checkDigit(number) === number.at(-1);
}
