/** Writes the pictures of a hit into a folder, for a person who looks at them beside a terminal. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HitToJudge } from '../../hits/second-view.ts';
import { readPicture } from '../../store/evidence.ts';
import { replaceFile } from '../../store/files/private-files.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';

/** Returns the digests of those that were written. Only the owner may read the files. */
export function writePictures({ db }: Box, { hit, evidence }: HitToJudge, folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return evidence.flatMap(({ what, sha256 }) => {
    const picture = readPicture(db, sha256);
    if (!picture) return [];
    const path = join(folder, `${hit.id}-${what}-${sha256.slice(0, 8)}.${picture.mediaType.replace(/^image\//, '')}`);
    replaceFile(path, picture.bytes);
    console.log(say('hits-picture', { path }));
    return [sha256];
  });
}
