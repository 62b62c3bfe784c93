/** The portrait in an entry of a document list. Whether a face can be compared with it is checked at the import, by an inference thread. */
import { english } from '../contracts/words/words.ts';

/** A portrait of 480 × 600 pixels has about 40 kB as JPEG; the cap keeps a list of a hundred of them within its own. */
export const MAX_PHOTO_BYTES = 100_000;

export const PHOTO_TOO_BIG = english('photo-too-big', { kB: MAX_PHOTO_BYTES / 1000 });

const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** What keeps these bytes from being a photo of an entry; undefined when nothing does. Looks at the first bytes alone. */
export function photoProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_PHOTO_BYTES) return PHOTO_TOO_BIG;
  const begins = (magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte);
  return begins(JPEG) || begins(PNG) ? undefined : english('photo-kind');
}
