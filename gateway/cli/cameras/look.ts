/** A picture of a camera in a file, and the plates on it with their width: how well the camera is aimed. */
import { CameraError } from '../../contracts/errors.ts';
import type { CameraLogin, Onvif } from '../../contracts/onvif.ts';
import type { PlateRead } from '../../contracts/plate.ts';
import { replaceFile } from '../../store/files/private-files.ts';
import { say, spoken } from '../language.ts';
import { DEADLINE_MS, openThreads } from '../threads.ts';
import { READ_WIDTH, type StreamChoice } from './choice.ts';

/** Of a plate in the picture that the box reads (docs/plates.md). */
const MIN_PLATE_WIDTH = 120;

/** JSON leaves `lines` out. */
export interface PictureReport {
  readonly file?: string;
  readonly error?: string;
  readonly plates: readonly { readonly text: string; readonly probability: number; readonly wide: number }[];
  lines(): string[];
}

export interface LookOptions {
  readonly onvif: Onvif;
  readonly worker: URL;
  readonly choice: StreamChoice;
  readonly login: CameraLogin | undefined;
  readonly file: string;
}

/** What cannot be seen is said; the rest of the description holds without it. */
export async function lookAt({ onvif, worker, choice, login, file }: LookOptions): Promise<PictureReport> {
  let jpeg: Uint8Array;
  try {
    jpeg = await onvif.picture(choice.stream.url, login);
  } catch (error) {
    if (!(error instanceof CameraError)) throw error;
    const why = error.message;
    return { error: why, plates: [], lines: () => [say('cameras-no-picture', { why: spoken(why) })] };
  }
  replaceFile(file, jpeg);
  const scale = Math.min(1, READ_WIDTH / choice.stream.width);
  const plates = (await platesOf(worker, file)).map(({ text, probability, corners: [from, to] }) => ({
    text,
    probability: Math.round(probability * 1000) / 1000,
    wide: Math.round(Math.hypot(to[0] - from[0], to[1] - from[1]) * scale),
  }));
  return { file, plates, lines: () => linesOf(file, plates) };
}

async function platesOf(worker: URL, path: string): Promise<readonly PlateRead[]> {
  const threads = await openThreads(worker, { plates: true });
  try {
    return (await threads.run({ kind: 'file', path, crop: false }, [], DEADLINE_MS)).reads;
  } finally {
    await threads.close();
  }
}

function linesOf(file: string, plates: PictureReport['plates']): string[] {
  const of = plates.map(({ text: plate, probability, wide }) =>
    say(wide < MIN_PLATE_WIDTH ? 'cameras-plate-narrow' : 'cameras-plate', { plate, probability, wide }),
  );
  return [say('cameras-picture', { file }), ...(of.length > 0 ? of : [say('cameras-no-plate')]).map((l) => `  ${l}`)];
}
