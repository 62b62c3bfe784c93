/** Which passwords and PINs people may choose (OWASP ASVS 5.0, 6.2). */
import { createRequire } from 'node:module';
import type { Person } from '../contracts/people.ts';
import { words, type Message } from '../contracts/words/words.ts';

export const MIN_CHARS = 10;
export const MAX_CHARS = 128;
/** 49,233 leaked passwords, the commonest first, in small letters. */
const LIST = '@zxcvbn-ts/language-common/src/passwords.json';

/** Undefined where the list is not installed. */
export type CommonPasswords = () => ReadonlySet<string> | undefined;

/** Loaded when a password is set, which is seldom, and not kept. */
export function loadCommonPasswords(): ReadonlySet<string> | undefined {
  try {
    return new Set(createRequire(import.meta.url)(LIST) as string[]);
  } catch {
    return undefined;
  }
}

/** One form for what looks the same: an input method may write full-width letters (NIST SP 800-63B, 3.1.1.2). */
export function normalized(secret: string): string {
  return secret.normalize('NFKC');
}

/** Why `password` is refused; undefined if it may be used. */
export function passwordMistake(
  password: string,
  { serviceNumber, name }: Pick<Person, 'serviceNumber' | 'name'>,
  commonPasswords: CommonPasswords,
): Message | undefined {
  const text = normalized(password);
  const chars = [...text].length;
  if (chars < MIN_CHARS) return words('password-short', { least: MIN_CHARS });
  if (chars > MAX_CHARS) return words('password-long', { most: MAX_CHARS });
  const lower = text.toLowerCase();
  const holds = (part: string): boolean => lower.includes(part.toLowerCase());
  const names = normalized(name).split(/\s+/);
  if (holds(serviceNumber) || [names.join(''), names.join(' '), ...names.filter(isTelling)].some(holds))
    return words('password-personal');
  const common = commonPasswords();
  if (common === undefined) return words('password-list-missing');
  return common.has(lower) ? words('password-common') : undefined;
}

/** A part of a name: two Chinese characters, or three letters, are more than chance. */
function isTelling(part: string): boolean {
  return part.length >= (/\p{sc=Han}/u.test(part) ? 2 : 3);
}

/** Why `pin` is refused; undefined if it may be used. */
export function pinMistake(pin: string, { serviceNumber }: Pick<Person, 'serviceNumber'>): Message | undefined {
  if (!/^\d{6}$/.test(pin)) return words('pin-form');
  const steps = new Set([...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i])));
  const isRun = steps.size === 1 && [-1, 0, 1].includes([...steps][0]!);
  return isRun || serviceNumber.includes(pin) ? words('pin-simple') : undefined;
}
