/** A road camera over RTSP: one ffmpeg child, raw frames on one pipe, the untouched stream on another. */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import {
  loginWithinLimit,
  explainStderr,
  ffmpegArguments,
  frameBytes,
  rtspConfig,
  inputScript,
  type RtspConfig,
} from './command.ts';
import { killGroup } from '../../shared/process-group.ts';
import { frameSplitter } from './frames.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** Pauses between pictures that count as a stall. A camera needs longer for its first one: it may wait for a key frame. */
const STALL_LIMITS = { firstMs: 8_000, nextMs: 4_000 };
export type StallLimits = Readonly<typeof STALL_LIMITS>;
/** Enough of ffmpeg's error text to find its cause; a babbling ffmpeg must not fill memory. */
const MAX_STDERR_CHARS = 8_192;

/** Checks the configuration; `run` starts ffmpeg. Emits `frame` (width × height, aspect kept, black bars) and `video` (MPEG-TS). */
export const openRtsp: OpenSource = (value, context) => {
  const config = context.check(rtspConfig, value);
  const password = config.password === undefined ? undefined : context.secret(config.password, 'password');
  context.check(loginWithinLimit(config.user), { password });
  return { run: (emit, signal) => runFfmpeg({ config, password, id: context.id }, emit, signal) };
};

export interface FfmpegOptions {
  readonly config: RtspConfig;
  readonly password: string | undefined;
  /** Camera id, the `source` of each frame. */
  readonly id: string;
  readonly stallLimits?: StallLimits;
  /** The program to run; `ffmpeg` from the PATH unless told. */
  readonly ffmpeg?: string;
}

/** One run of ffmpeg. Resolves after an abort, rejects with a cause for people after any other end; the child is gone then. */
export function runFfmpeg(options: FfmpegOptions, emit: (o: Observation) => void, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { config, stallLimits = STALL_LIMITS } = options;
  return new Promise((resolve, reject) => {
    // A process group of its own, so that whatever ffmpeg starts dies with it.
    const child = spawn(options.ffmpeg ?? 'ffmpeg', ffmpegArguments(config), {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    let end: Error | 'asked' | undefined;
    let stderr = '';
    let frames = 0;
    const stop = (why: Error | 'asked'): void => {
      end ??= why;
      // A stalled ffmpeg answers nothing gentler in time.
      if (child.exitCode === null && child.signalCode === null) killGroup(child);
    };
    const watch = (code: 'camera-stalled' | 'camera-stalled-first', ms: number): NodeJS.Timeout =>
      setTimeout(() => stop(new Error(english(code, { seconds: ms / 1000 }))), ms);
    const settle = (): void => {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', onAbort);
      if (end === 'asked') resolve();
      // ffmpeg ends with code 0 when a camera goes away: every exit is a loss.
      else reject(end ?? new Error(explainStderr(stderr, frames > 0)));
    };
    let watchdog = watch('camera-stalled-first', stallLimits.firstMs);
    const onAbort = (): void => stop('asked');
    signal.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error: NodeJS.ErrnoException) => {
      stop(new Error(notStarted(error)));
      // A child that never was has no pipes and need not close.
      if (child.pid === undefined) settle();
    });
    if (child.pid === undefined) return;

    const onFrame = (rgb: Uint8Array<ArrayBuffer>): void => {
      clearTimeout(watchdog);
      watchdog = watch('camera-stalled', stallLimits.nextMs);
      frames += 1;
      const { width, height } = config;
      emit({ kind: 'frame', frame: { source: options.id, at: Date.now(), width, height, rgb } });
    };
    const cut = frameSplitter(frameBytes(config), onFrame, () => end !== undefined);
    const [stdin, stdout, errors, video] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
    stdout.on('data', cut);
    video.on('data', (chunk: Buffer) => end ?? emit({ kind: 'video', chunk }));
    errors.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_STDERR_CHARS)));
    // ffmpeg may be gone before it has read its script; its exit tells why.
    stdin.on('error', () => undefined);
    stdin.end(inputScript(config, options.password));

    child.on('close', settle);
  });
}

function notStarted(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT'
    ? english('ffmpeg-missing')
    : english('ffmpeg-not-started', { code: error.code ?? error.name });
}
