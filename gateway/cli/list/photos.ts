/** The photos of a document list, looked at before it is imported: one with which no face can be compared is named. */
import { causeOf } from '../../contracts/errors.ts';
import type { ListEntry } from '../../contracts/list.ts';
import { DEADLINE_MS, openFaceThreads } from '../threads.ts';
import { say } from '../language.ts';

interface Portraits {
  /** What is wrong with the picture, in words; undefined when it is good. Rejects when no picture can be judged any more. */
  check(picture: Uint8Array<ArrayBuffer>): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Rejects with the reason, in words, when photos cannot be judged on this box. */
export type OpenPortraits = () => Promise<Portraits>;

interface PhotoReport {
  readonly photos: number;
  readonly unusable: readonly { readonly entry: string; readonly problem: string }[];
  /** Why not all of them were judged. */
  readonly unchecked?: string;
}

/** Opens nothing for a list without photos. */
export async function checkPhotos(entries: readonly ListEntry[], open: OpenPortraits): Promise<PhotoReport> {
  const withPhoto = entries.flatMap(({ id, photo }) => (photo ? [{ id, photo }] : []));
  const unusable: { entry: string; problem: string }[] = [];
  const report = { photos: withPhoto.length, unusable };
  if (withPhoto.length === 0) return report;
  try {
    const portraits = await open();
    try {
      for (const { id, photo } of withPhoto) {
        const problem = await portraits.check(new Uint8Array(photo));
        if (problem !== undefined) unusable.push({ entry: id, problem });
      }
    } finally {
      await portraits.close();
    }
  } catch (error) {
    return { ...report, unchecked: causeOf(error) };
  }
  return report;
}

/** A list with bad photos can still be imported: it is the number that matches. */
export function photoWarnings({ photos, unusable, unchecked }: PhotoReport): string[] {
  const lines = unusable.map(({ entry, problem }) => say('list-photo-unusable', { entry, problem }));
  if (unchecked !== undefined) lines.push(say('list-photos-unchecked', { photos, cause: unchecked }));
  return lines;
}

/** Judges by the face models of this box, in a thread that runs `worker`. */
export const portraitsBy =
  (worker: URL): OpenPortraits =>
  async () => {
    const { pool } = await openFaceThreads(worker, { chain: 'built-in' });
    return {
      async check(picture) {
        const job = { kind: 'portrait', picture } as const;
        return await pool.run(job, [picture.buffer], DEADLINE_MS);
      },
      close: () => pool.close(),
    };
  };
