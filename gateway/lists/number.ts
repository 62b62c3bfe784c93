/**
 * The normal form of document numbers, and their digest, which a list holds instead of them. Numbers are bytes, not strings, because the lane
 * has to wipe them.
 */
import { scrypt } from 'node:crypto';
import { english } from '../contracts/words/words.ts';

/** Shorter text is a typing mistake; the longest number of a machine-readable zone has 22 characters. */
const MIN_LENGTH = 4;
const MAX_LENGTH = 24;

export const SALT_BYTES = 32;

/**
 * scrypt (RFC 7914): 2 MiB and about 6 ms of one core for each digest, which a look-up at a lane can afford (docs/decisions/004-number-digests.md
 * has the measurements). With another cost no earlier list matches anything.
 */
const COST = { N: 2 ** 11, r: 8, p: 1 };
const DIGEST_BYTES = 32;

/**
 * The form in which numbers are digested: ASCII, capital letters, no blanks or hyphens. `written` is UTF-8 and is not changed; the result has
 * its own buffer. A problem does not repeat the number.
 */
export function normaliseNumber(written: Uint8Array): { readonly number: Uint8Array } | { readonly problem: string } {
  const number = written.filter((byte) => byte !== 0x20 && byte !== 0x2d).map(upperCase);
  const problem = problemOf(number);
  if (problem === undefined) return { number };
  number.fill(0);
  return { problem };
}

function problemOf(number: Uint8Array): string | undefined {
  // UTF-8 of U+FF00 to U+FF7F, the full-width digits and capital letters.
  if (number.some((byte, i) => byte === 0xef && (number[i + 1] === 0xbc || number[i + 1] === 0xbd)))
    return english('number-full-width');
  if (!number.every(isNumberByte)) return english('number-characters');
  if (number.length < MIN_LENGTH || number.length > MAX_LENGTH) {
    return english('number-length', { least: MIN_LENGTH, most: MAX_LENGTH });
  }
  return undefined;
}

function upperCase(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}

function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a);
}

/**
 * The key of a document entry: scrypt of the normalised number with the salt of the list, as 64 hexadecimal digits. Another thread computes it;
 * `number` is copied before this returns, so it may be wiped then.
 */
export function digestNumber(number: Uint8Array, salt: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(number, salt, DIGEST_BYTES, COST, (error, digest) => {
      if (error) reject(error);
      else resolve(digest.toString('hex'));
    });
  });
}
