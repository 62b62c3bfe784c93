/** Which stream of a camera the box should take, why, and what to change in the camera first. */
import type { CameraStream } from '../../contracts/onvif.ts';
import { words } from '../../contracts/words/words.ts';
import type { Words } from '../../contracts/words/area.ts';

/** The box reads pictures of this width unless the configuration says otherwise. */
export const READ_WIDTH = 1280;
/** Key frames up to here apart are as good as 1 s: cameras round. */
const MAX_KEY_FRAMES_S = 1.1;
const MIN_FPS = 10;
const USUAL_FPS = 25;

export interface StreamChoice {
  readonly stream: CameraStream & { readonly url: string };
  readonly why: Words;
  /** Settings of the camera to change, in words. */
  readonly advice: readonly Words[];
}

/** Undefined where no stream has an address. */
export function chooseStream(streams: readonly CameraStream[]): StreamChoice | undefined {
  const open = streams.filter((one): one is StreamChoice['stream'] => one.url !== undefined);
  const wide = open.filter(({ width }) => width >= READ_WIDTH);
  const pixels = ({ width, height }: CameraStream): number => width * height;
  const [stream] =
    wide.length > 0
      ? wide.sort((a, b) => Number(b.codec === 'H264') - Number(a.codec === 'H264') || pixels(a) - pixels(b))
      : open.sort((a, b) => pixels(b) - pixels(a));
  if (!stream) return undefined;
  const why =
    open.length === 1 && wide.length === 1
      ? words('cameras-why-only')
      : words(wide.length > 0 ? 'cameras-why-smallest' : 'cameras-why-widest');
  return { stream, why, advice: adviceFor(stream) };
}

function adviceFor({ codec, fps, keyFrameEveryS }: CameraStream): Words[] {
  const isRare = keyFrameEveryS !== undefined && keyFrameEveryS > MAX_KEY_FRAMES_S;
  return [
    ...(codec === 'H264' ? [] : [words('cameras-set-h264', { codec: codecName(codec) })]),
    ...(isRare
      ? [words('cameras-set-key-frames', { seconds: rounded(keyFrameEveryS), pictures: Math.round(fps ?? USUAL_FPS) })]
      : []),
    ...(fps !== undefined && fps < MIN_FPS ? [words('cameras-set-fps', { fps: rounded(fps) })] : []),
  ];
}

export function codecName(codec: string): string {
  return codec.replace(/^H(26\d)$/, 'H.$1');
}

export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
