/** Decodes the photo of an identity card with a program that the site provides, because no open decoder for its format is known. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { z } from 'zod';
import type { OpenPhotoDecoder } from '../../../gateway/contracts/source.ts';
import { killGroup } from '../../shared/process-group.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const programConfig = z.strictObject({
  /** The program by its absolute path, then its arguments. No shell looks at them. */
  command: z
    .array(z.string().regex(/^[^\0]*$/))
    .min(1)
    .max(32)
    .refine((command) => isAbsolute(command[0] ?? ''), english('photo-program-expected')),
  timeoutMs: z.int().min(100).max(5_000).default(2_000),
  /** Runs it without any network. */
  offline: z.boolean().default(true),
});

const MAX_PICTURE_BYTES = 2 ** 20;
/** Of stderr: enough for a cause, too little to leak a document. */
const MAX_SAYING_CHARACTERS = 120;

/**
 * Checks the configuration; each `decode` runs the program once: the photo on stdin, a PNG, JPEG or BMP file on stdout, at most
 * 1 MiB of it. One at a time, a second waits for its turn. Rejects with a sentence that says what is wrong and what to do.
 */
export const openProgram: OpenPhotoDecoder = (value, context) => {
  const config = context.check(programConfig, value);
  let last: Promise<unknown> = Promise.resolve();
  return {
    decode(photo, signal) {
      const own = last.then(() => decodeBy(config, photo, signal));
      last = own.catch(() => undefined);
      return own;
    },
  };
};

export interface DecoderProgram {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly offline: boolean;
  /** The program that removes the network; by default that of util-linux on the PATH. */
  readonly unshare?: string;
}

/** Runs the program once. Its process group is gone when this settles; the picture has its own buffer. */
export async function decodeBy(
  program: DecoderProgram,
  photo: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal.throwIfAborted();
  await checkRunnable(program.command[0]!);
  signal.throwIfAborted();
  const picture = await run(program, photo, signal);
  if (isPicture(picture)) return picture;
  const empty = picture.length === 0;
  picture.fill(0);
  throw new Error(english(empty ? 'photo-no-picture' : 'photo-no-format'));
}

async function checkRunnable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new Error(english('photo-not-there', { path }));
  const runnable = await access(path, constants.X_OK).then(
    () => found.isFile(),
    () => false,
  );
  if (!runnable) throw new Error(english('photo-not-runnable', { path }));
}

function run(program: DecoderProgram, photo: Uint8Array, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const [file, words] = commandLine(program);
    // Its own process group, so that everything it starts is killed with it. It gets none of our environment, which may hold secrets.
    const child = spawn(file, words, {
      detached: true,
      cwd: dirname(program.command[0]!),
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const input = Uint8Array.from(photo);
    const output = new Uint8Array(MAX_PICTURE_BYTES);
    let written = 0;
    let saying = '';
    let end: Error | undefined;
    const stop = (why: Error): void => {
      end ??= why;
      killGroup(child);
    };
    const limit = setTimeout(
      () => stop(new Error(english('photo-too-slow', { ms: program.timeoutMs }))),
      program.timeoutMs,
    );
    const onAbort = (): void => stop(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (problem: Error | undefined): void => {
      clearTimeout(limit);
      signal.removeEventListener('abort', onAbort);
      input.fill(0);
      if (problem) reject(problem);
      else resolve(output.slice(0, written));
      output.fill(0);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      stop(new Error(notStarted(file, error.code ?? error.name)));
      // A child that did not start emits no `close`.
      if (child.pid === undefined) settle(end);
    });
    if (child.pid === undefined) return;

    child.stdout.on('data', (chunk: Buffer) => {
      const fits = written + chunk.length <= output.length;
      if (fits) output.set(chunk, written);
      written += fits ? chunk.length : 0;
      chunk.fill(0);
      if (!fits) stop(new Error(english('photo-too-much')));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (saying = (saying + text).slice(0, 1024)));
    // A program need not read all of its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    // Processes that it left running would keep the pipes open.
    child.once('exit', () => killGroup(child));
    child.once('close', (status, by) => settle(end ?? problemOf(program, status, by, firstLine(saying))));
  });
}

function commandLine({ command, offline, unshare = 'unshare' }: DecoderProgram): [string, string[]] {
  if (!offline) return [command[0]!, command.slice(1)];
  // In a new network namespace not even the loopback device is up. Without root it takes a user namespace to make one.
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user'];
  return [unshare, [...user, '--net', '--', ...command]];
}

function notStarted(file: string, code: string): string {
  if (file.endsWith('unshare') && code === 'ENOENT') {
    return english('photo-no-unshare');
  }
  return english('photo-not-started', { code });
}

/** Undefined for exit code 0. */
function problemOf(
  program: DecoderProgram,
  status: number | null,
  by: string | null,
  words: string,
): Error | undefined {
  if (status === 0) return undefined;
  if (program.offline && words.startsWith('unshare: failed to execute')) {
    return new Error(notStarted(program.command[0]!, words.slice(words.lastIndexOf(':') + 2)));
  }
  if (program.offline && words.startsWith('unshare: ')) {
    return new Error(english('photo-not-cut-off', { cause: words }));
  }
  const ended = by === null ? english('photo-ended', { code: status ?? '' }) : english('photo-killed', { signal: by });
  return new Error(words === '' ? ended : `${ended}: ${words}`);
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
    .trim()
    .slice(0, MAX_SAYING_CHARACTERS);
}

const SIGNATURES = [
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  [0xff, 0xd8, 0xff],
  [0x42, 0x4d],
];

function isPicture(bytes: Uint8Array): boolean {
  return SIGNATURES.some((signature) => signature.every((byte, i) => bytes[i] === byte));
}
