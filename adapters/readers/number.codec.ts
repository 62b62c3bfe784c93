/** The check digit of Chinese 18-digit identity numbers: GB 11643-1999, which takes MOD 11-2 of ISO 7064. Works on bytes, which can be wiped. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/** By the remainder 0..10. */
const CHECKS = Buffer.from('10X98765432', 'latin1');

const LENGTH = 18;
const ZERO = 0x30;
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;

/** The byte (ASCII `0`..`9` or `X`) that belongs behind the first 17 digits (ASCII); undefined when they are not digits. */
export function checkDigit(digits: Uint8Array): number | undefined {
  if (digits.length < LENGTH - 1) return undefined;
  let sum = 0;
  for (let i = 0; i < LENGTH - 1; i++) {
    if (!isDigit(digits[i]!)) return undefined;
    sum += (digits[i]! - ZERO) * WEIGHTS[i]!;
  }
  return CHECKS[sum % 11];
}

/** Whether 18 bytes of ASCII are a number whose check digit fits; `X` has to be upper case already. */
export function checkDigitFits(number: Uint8Array): boolean {
  return number.length === LENGTH && checkDigit(number) === number[LENGTH - 1];
}
