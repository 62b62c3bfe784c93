/** Service numbers as the box compares them: whoever writes one in another way (small letters, full-width digits) is the same person. Pure. */
import type { ServiceNumber } from '../contracts/people.ts';

const FORM = /^[A-Z0-9]{3,20}$/;

/**
 * Undefined where it cannot be one.
 * @example serviceNumberOf(' ０4a21 ') // '04A21'
 */
export function serviceNumberOf(text: string): ServiceNumber | undefined {
  const number = text.normalize('NFKC').trim().toUpperCase();
  return FORM.test(number) ? number : undefined;
}
