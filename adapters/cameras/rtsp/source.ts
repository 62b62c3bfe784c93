/** A road camera over RTSP: one ffmpeg takes its pictures as they are, a second one decodes what the box looks at. */
import type { AccessUnit, Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import { rtspConfig, type RtspConfig } from './command.ts';
import { startDecoder, type Decoder } from './decode.ts';
import { demux, STALL_LIMITS, type StallLimits } from './demux.ts';
import { Feeder } from './feeder.ts';
import { RtspVideo } from './video.ts';

/** Checks the configuration; `run` starts ffmpeg. Emits `frame` (width × height, aspect kept, black bars). */
export const openRtsp: OpenSource = (value, context) => {
  const config = context.check(rtspConfig, value);
  const password = config.password === undefined ? undefined : context.secret(config.password, 'password');
  const video = new RtspVideo(config.sleep);
  return { video, run: (emit, signal) => runCamera({ config, password, id: context.id, video }, emit, signal) };
};

export interface RtspRun {
  readonly config: RtspConfig;
  readonly password: string | undefined;
  /** Camera id, the `source` of each frame. */
  readonly id: string;
  readonly video: RtspVideo;
  readonly stallLimits?: StallLimits;
  /** The program to run; `ffmpeg` from the PATH unless told. */
  readonly ffmpeg?: string;
}

/** One run. Resolves after an abort, rejects with a cause for people after any other end; both ffmpegs are gone then. */
export async function runCamera(options: RtspRun, emit: (o: Observation) => void, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { config, password, id, video, stallLimits = STALL_LIMITS, ffmpeg = 'ffmpeg' } = options;
  const { width, height, fps } = config;
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    if (!signal.aborted) failure ??= { error };
    ending.abort();
  };
  const onFrame = (rgb: Uint8Array<ArrayBuffer>, at: number): void => {
    if (ended.aborted) return;
    const frame = { source: id, at, width, height, rgb };
    video.seen(frame);
    emit({ kind: 'frame', frame });
  };
  let decoding: { readonly decoder: Decoder; readonly feeder: Feeder } | undefined;
  const take = async (unit: AccessUnit): Promise<void> => {
    const isDecoded = video.take(unit);
    if (!decoding && unit.key) {
      const decoder = await startDecoder({ config, codec: unit.codec, limits: stallLimits, ffmpeg, onFrame }, ended);
      decoder.ended.catch(fail);
      decoding = { decoder, feeder: new Feeder({ fps, decoder }) };
    }
    decoding?.feeder.take(unit, isDecoded);
  };
  video.begin();
  await demux({ config, password, stallLimits, ffmpeg }, take, ended).catch(fail);
  // Its failure has been noted.
  await decoding?.decoder.ended.catch(() => undefined);
  if (failure) throw failure.error;
}
