/** The line to the camera: one ffmpeg takes the pictures out of the stream as they are, undecoded. */
import type { AccessUnit } from '../../../gateway/contracts/source.ts';
import { CameraError } from '../../../gateway/contracts/errors.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { AccessUnitReader } from './access-units.codec.ts';
import { explainStderr } from './causes.ts';
import { demuxArguments, inputScript, type RtspConfig } from './command.ts';
import { startFfmpeg } from './ffmpeg.ts';
import { openRelay } from './login-relay.ts';
import { TransportStreamReader } from './transport-stream.codec.ts';

/** Pauses between pictures that count as a stall, and how long the first picture that decoding can start with may take. */
export const STALL_LIMITS = { firstMs: 8_000, nextMs: 4_000, keyMs: 30_000 };
export type StallLimits = Readonly<typeof STALL_LIMITS>;

export interface DemuxOptions {
  readonly config: RtspConfig;
  readonly password: string | undefined;
  readonly stallLimits: StallLimits;
  /** The program to run. */
  readonly ffmpeg: string;
}

/**
 * Hands over every picture as it comes, in the order of decoding, and takes the next ones when `take` has resolved. Rejects with a
 * cause for people when the stream ends, stalls, or is none that the box can use; also after an abort. ffmpeg is gone then.
 */
export async function demux(
  options: DemuxOptions,
  take: (unit: AccessUnit) => Promise<void> | void,
  signal: AbortSignal,
): Promise<never> {
  const { config, password, stallLimits, ffmpeg } = options;
  const { url, user, transport } = config;
  const relay = user === undefined ? undefined : await openRelay(url, { user, password: password ?? '' });
  const child = await startFfmpeg(ffmpeg, demuxArguments(), signal).catch((error: unknown) => {
    relay?.close();
    throw error;
  });
  let end: { readonly error: unknown } | undefined;
  const stop = (error: unknown): void => {
    end ??= { error };
    child.kill();
  };
  const watch = (code: 'camera-stalled' | 'camera-stalled-first', ms: number): NodeJS.Timeout =>
    setTimeout(() => stop(new Error(english(code, { seconds: ms / 1000 }))), ms);
  let watchdog = watch('camera-stalled-first', stallLimits.firstMs);
  let units = 0;
  child.log.resume();
  child.stdin.end(inputScript(relay?.url ?? url, transport));
  const check = unitCheck(stallLimits.keyMs);
  try {
    for await (const unit of unitsOf(child.stdout)) {
      clearTimeout(watchdog);
      watchdog = watch('camera-stalled', stallLimits.nextMs);
      units++;
      check(unit);
      await take(unit);
    }
  } catch (error) {
    stop(error);
  }
  const stderr = await child.ended;
  clearTimeout(watchdog);
  relay?.close();
  // ffmpeg ends with code 0 when a camera goes away: every exit is a loss.
  throw relay?.failure ?? (end ? end.error : explainStderr(stderr, units > 0));
}

async function* unitsOf(stream: AsyncIterable<Buffer>): AsyncGenerator<AccessUnit> {
  const packets = new TransportStreamReader();
  const units = new AccessUnitReader();
  for await (const chunk of stream) {
    for (const packet of packets.read(chunk)) {
      const unit = units.read(packet, Date.now());
      if (!unit) throw new CameraError(english('camera-codec-unknown'), 'setting');
      yield unit;
    }
  }
}

/** Throws where the codec changes, and where no picture comes that decoding can start with. */
function unitCheck(keyMs: number): (unit: AccessUnit) => void {
  const startedAt = performance.now();
  let codec: AccessUnit['codec'] | undefined;
  let keys = 0;
  return (unit) => {
    codec ??= unit.codec;
    keys += unit.key ? 1 : 0;
    if (unit.codec !== codec) throw new Error(english('camera-codec-changed'));
    if (keys === 0 && performance.now() - startedAt > keyMs)
      throw new CameraError(english('camera-no-key-frame', { seconds: keyMs / 1000 }), 'setting');
  };
}
