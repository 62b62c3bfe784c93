/** A person looks at a hit: the log says so, and its pictures are written into a folder, to be seen beside a terminal. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceNumber } from '../../contracts/people.ts';
import type { HitToJudge } from '../../hits/second-view.ts';
import { appendAudit } from '../../store/audit.ts';
import { readPicture } from '../../store/evidence.ts';
import { noteOpened } from '../../store/judgings.ts';
import { replaceFile } from '../../store/files/private-files.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';

export interface Look {
  readonly who: ServiceNumber;
  /** Where the pictures are written, for their owner alone; undefined: none is. */
  readonly folder: string | undefined;
}

/** Nothing is shown that the log does not hold. Pictures that were written count as opened. */
export function lookAt({ db, clock }: Box, { hit, evidence }: HitToJudge, { who, folder }: Look): void {
  const pictures = folder === undefined ? [] : evidence.flatMap((named) => pictureOf(db, named));
  const opened = pictures.map(({ sha256 }) => sha256);
  appendAudit(db, { at: clock.now(), who, what: 'hit viewed', detail: { hit: hit.id, opened } });
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { what, sha256, mediaType, bytes } of pictures) {
    const path = join(folder!, `${hit.id}-${what}-${sha256.slice(0, 8)}.${mediaType.replace(/^image\//, '')}`);
    replaceFile(path, bytes);
    console.log(say('hits-picture', { path }));
  }
  if (opened.length > 0) noteOpened(db, hit.id, who, opened);
}

function pictureOf(db: Box['db'], named: HitToJudge['evidence'][number]) {
  const picture = readPicture(db, named.sha256);
  return picture ? [{ ...named, ...picture }] : [];
}
