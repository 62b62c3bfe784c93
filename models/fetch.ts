/** Fetches the optional models: over the network, or from a folder of files that a person has carried in. */
import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FetchOutcome } from '../gateway/contracts/models.ts';
import { differenceFrom, type FetchedEntry, pathOf, type ModelFolders, placeModel } from './manifest.ts';
import { english } from '../gateway/contracts/words/words.ts';

/** 38 MB over a line of 256 kbit/s take 20 minutes. */
const DEADLINE_MS = 30 * 60_000;

/**
 * Puts the file of an entry into its place, whole and verified, or leaves the place as it was. `from` is a folder or the start of a
 * URL, which hold the file under the name it has at its publisher; without it the publisher is asked. Plain http is good enough for
 * `from`, since the SHA-256 decides. Throws only when the place cannot be written.
 */
export async function fetchModel(entry: FetchedEntry, places: ModelFolders, from?: string): Promise<FetchOutcome> {
  const source = sourceOf(entry, from);
  let bytes: Buffer;
  try {
    bytes = isUrl(source) ? await download(source, entry.bytes) : await readCarried(source, entry.bytes);
  } catch (error) {
    return {
      outcome: 'unavailable',
      message: english('model-unavailable', { ...entry, source, why: (error as Error).message }),
    };
  }
  const difference = differenceFrom(entry, bytes);
  if (difference !== undefined)
    return {
      outcome: 'refused',
      message: english('model-refused', { name: entry.name, source, why: reasonFor(bytes, difference) }),
    };
  mkdirSync(dirname(pathOf(entry, places)), { recursive: true });
  placeModel(entry, places, bytes);
  return { outcome: 'fetched' };
}

function sourceOf({ url }: FetchedEntry, from: string | undefined): string {
  if (from === undefined) return url;
  const name = basename(new URL(url).pathname);
  return isUrl(from) ? `${from.replace(/\/+$/, '')}/${name}` : join(from, name);
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

/** At most one byte more than the model has: enough to see that it is another file. Throws in words that follow the URL. */
async function download(url: string, bytes: number): Promise<Buffer> {
  const fail = (said: 'download-unreachable' | 'download-broke-off') => (cause: Error) => {
    const { code, message } = (cause.cause ?? cause) as NodeJS.ErrnoException;
    const why =
      cause.name === 'TimeoutError'
        ? english('download-too-slow', { minutes: DEADLINE_MS / 60_000 })
        : (code ?? message);
    throw new Error(english(said, { cause: why }), { cause });
  };
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) }).catch(fail('download-unreachable'));
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(english('download-answers', { status: response.status }));
  }
  return firstBytes(response.body as ReadableStream<Uint8Array>, bytes + 1).catch(fail('download-broke-off'));
}

async function firstBytes(stream: ReadableStream<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop ends the download.
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

/** As `download`, from a file. */
async function readCarried(path: string, bytes: number): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes + 1), 0, bytes + 1, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new Error(english('config-unreadable', { code: (cause as NodeJS.ErrnoException).code ?? '' }), { cause });
  }
}

function reasonFor(bytes: Buffer, difference: string): string {
  const isPointer = bytes.subarray(0, 24).toString() === 'version https://git-lfs.';
  return isPointer ? english('download-pointer') : difference;
}
