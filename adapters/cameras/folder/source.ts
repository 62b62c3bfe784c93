/** Replays the pictures of a folder in the order of their names, as if a camera had taken them now. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { decodePicture, pictureKeys, PictureError } from '../jpeg/picture.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const folderConfig = z.strictObject({
  ...pictureKeys,
  /** Absolute, or from the folder the program runs in. */
  path: z.string().min(1),
  fps: pictureKeys.fps.default(5),
  /** Start over after the last picture. Without it the end is a loss, like a camera that is switched off. */
  repeat: z.boolean().default(true),
});

type FolderConfig = z.infer<typeof folderConfig>;

const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp'];
const MAX_FILES = 100_000;
/** A picture file larger than this is no camera's. */
const MAX_FILE_BYTES = 32 * 2 ** 20;

/** Checks the configuration; `run` reads the folder. A broken picture is left out and logged with its name and the reason. */
export const openFolder: OpenSource = (value, context) => {
  const given = context.check(folderConfig, value);
  const config = { ...given, path: context.file(given.path) };
  return { run: (emit, signal) => replay(config, context, emit, signal) };
};

async function replay(
  config: FolderConfig,
  context: Context,
  emit: (o: Observation) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const names = await list(config.path);
  const { width, height } = config;
  const startedAt = performance.now();
  let slot = 0;
  do {
    let broken = 0;
    for (const name of names) {
      if (signal.aborted) return;
      try {
        const rgb = await decodePicture(await load(join(config.path, name)), config);
        await pause(startedAt + (slot++ * 1000) / config.fps - performance.now(), signal);
        if (signal.aborted) return;
        emit({ kind: 'frame', frame: { source: context.id, at: Date.now(), width, height, rgb } });
      } catch (error) {
        if (!(error instanceof PictureError)) throw error;
        broken += 1;
        context.log.warn({ camera: context.id, file: name, broken, why: error.message }, 'picture left out');
      }
    }
    if (broken === names.length) throw new Error(english('folder-broken', { count: broken, path: config.path }));
  } while (config.repeat && !signal.aborted);
  if (!signal.aborted) throw new Error(english('folder-ended', { path: config.path }));
}

async function list(path: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? english('cause-unknown');
    throw new Error(english('folder-unreadable', { path, code }), { cause: error });
  }
  const pictures = names.filter((n) => EXTENSIONS.includes(extname(n).toLowerCase())).sort();
  if (pictures.length === 0) throw new Error(english('folder-empty', { path, extensions: EXTENSIONS.join(', ') }));
  if (pictures.length > MAX_FILES) throw new Error(english('folder-too-full', { path, most: MAX_FILES }));
  return pictures;
}

async function load(path: string): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    // A named pipe would hold a thread of the box until somebody writes to it.
    if (!stats.isFile()) throw new PictureError(english('picture-no-file'));
    const { size } = stats;
    if (size > MAX_FILE_BYTES)
      throw new PictureError(english('picture-file-too-large', { bytes: size, most: MAX_FILE_BYTES }));
    return await readFile(path);
  } catch (error) {
    if (error instanceof PictureError) throw error;
    throw new PictureError(
      english('config-unreadable', { code: (error as NodeJS.ErrnoException).code ?? english('cause-unknown') }),
    );
  }
}

/** Waits, but no longer than until the abort. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(timerMs(ms), undefined, { signal }).catch(() => undefined);
}
