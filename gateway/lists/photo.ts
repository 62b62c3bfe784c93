/** Size and format of the portrait in a document entry. An inference thread checks at the import whether it shows a usable face. */
import { english } from '../contracts/words/words.ts';

/** A JPEG portrait of 480 × 600 pixels has about 40 kB. */
export const MAX_PHOTO_BYTES = 100_000;

export const PHOTO_TOO_BIG = english('photo-too-big', { kB: MAX_PHOTO_BYTES / 1000 });

const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Why these bytes cannot be the photo of an entry; undefined when they can. Looks at size and first bytes only. */
export function photoProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_PHOTO_BYTES) return PHOTO_TOO_BIG;
  const begins = (magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte);
  return begins(JPEG) || begins(PNG) ? undefined : english('photo-kind');
}
