/** One ffmpeg as a child: started in a process group of its own, ended with its whole group, its error text kept short. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { killGroup } from '../../shared/process-group.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** Enough of ffmpeg's error text to find its cause; a babbling ffmpeg must not fill memory. */
const MAX_STDERR_CHARS = 8_192;

export interface Ffmpeg {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Its pipe 3. */
  readonly log: Readable;
  /** Resolves with its error text when it is gone. Never rejects. */
  readonly ended: Promise<string>;
  /** A stalled ffmpeg answers nothing gentler in time. */
  kill(): void;
}

/** Rejects with a sentence for people where it cannot be started. It is killed when `signal` aborts. */
export async function startFfmpeg(program: string, args: readonly string[], signal: AbortSignal): Promise<Ffmpeg> {
  const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  };
  await once(child, 'spawn').catch((error: unknown) => {
    throw new Error(notStarted(error as NodeJS.ErrnoException));
  });
  const [stdin, stdout, errors, log] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
  let stderr = '';
  errors.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_STDERR_CHARS)));
  // It may be gone before it has read what is written to it; its exit tells why.
  stdin.on('error', () => undefined);
  child.on('error', () => undefined);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const ended = new Promise<string>((resolve) => {
    child.once('close', () => {
      signal.removeEventListener('abort', kill);
      resolve(stderr);
    });
  });
  return { stdin, stdout, log, ended, kill };
}

function notStarted(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT'
    ? english('ffmpeg-missing')
    : english('ffmpeg-not-started', { code: error.code ?? error.name });
}
