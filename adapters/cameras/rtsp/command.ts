/** The ffmpeg commands for one RTSP camera, and what their error text means. Pure: starts nothing. */
import { z } from 'zod';
import { addressKey, loginKeys, passwordHasUser, pixels } from '../address.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** Longest `user:password` after percent-encoding; ffmpeg (libavformat/rtsp.h, `auth[128]`) silently cuts what is longer. */
const MAX_AUTH_BYTES = 127;

export const rtspConfig = z
  .strictObject({
    ...loginKeys,
    url: addressKey(['rtsp:'], 'rtsp://192.0.2.10:554/stream1'),
    fps: z.number().min(0.2).max(30).default(5),
    width: pixels(3840).default(1280),
    height: pixels(2160).default(720),
    /** Degrees clockwise. */
    rotate: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]).default(0),
  })
  .refine(...passwordHasUser);

export type RtspConfig = z.infer<typeof rtspConfig>;

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Checks the resolved password: what ffmpeg would cut short could never log in, and nobody would see why. */
export function loginWithinLimit(user: string | undefined): z.ZodType {
  return z.object({
    password: z
      .string()
      .refine((p) => `${encode(user ?? '')}:${encode(p)}`.length <= MAX_AUTH_BYTES, english('camera-password-too-long'))
      .optional(),
  });
}

/** Bytes of one raw frame. */
export function frameBytes(c: Pick<RtspConfig, 'width' | 'height'>): number {
  return c.width * c.height * 3;
}

/**
 * The script ffmpeg reads from its standard input (concat demuxer, ffmpeg 5.0 or newer: `option` lines). It holds the address
 * with the credentials, so that they stand neither in the process list nor in a file. `timeout` (microseconds) is not our
 * watchdog; it ends an ffmpeg that outlived a killed gateway.
 */
export function inputScript(c: RtspConfig, password: string | undefined): string {
  const auth = c.user === undefined ? '' : `${encode(c.user)}${password === undefined ? '' : `:${encode(password)}`}@`;
  return [
    'ffconcat version 1.0',
    `file '${c.url.replace(/^rtsp:\/\//i, `rtsp://${auth}`)}'`,
    'option rtsp_transport tcp',
    'option allowed_media_types video',
    'option timeout 10000000',
    'option fpsprobesize 0',
    'option probesize 32',
    'option analyzeduration 0',
    '',
  ].join('\n');
}

const QUIET = ['-hide_banner', '-loglevel', 'error'];
/** The stream describes itself: analysing it first would only hold the first picture back. */
const UNANALYSED = ['-fpsprobesize', '0', '-probesize', '32', '-analyzeduration', '0'];

/** MPEG-TS refuses a stream whose first picture has no stamp, as where two pictures share a packet of RTP. */
const STAMPED = ['pts', 'dts']
  .map((ts) => [ts, ts.toUpperCase()] as const)
  .map(([ts, TS]) => `${ts}=if(eq(${TS}\\,NOPTS)\\,max(0\\,PREV_OUT${TS}+1)\\,${TS})`)
  .join(':');

/**
 * Arguments of the ffmpeg that takes the pictures out of the stream: MPEG-TS on pipe 1, each picture as soon as it is there, with its
 * length, and those before the first key picture too. `dump_extra` puts parameter sets that only the SDP has before the key pictures.
 * `nobuffer` is deliberately missing: it throws away what was read while opening, the first key frame included, and the first
 * picture then waits for the next one (measured: 2.2 s instead of 0.2 s at one key frame in 2 s).
 */
export function demuxArguments(): string[] {
  const input = ['-protocol_whitelist', 'pipe,rtsp,tcp,rtp,udp', ...UNANALYSED];
  const copy = ['-map', '0:v:0', '-c', 'copy', '-copyinkf', '-bsf:v', `dump_extra=freq=keyframe,setts=${STAMPED}`];
  const stream = ['-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0', '-omit_video_pes_length', '0'];
  return [
    ...[...QUIET, '-nostdin', ...input, '-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
    ...[...copy, ...stream, '-f', 'mpegts', 'pipe:1'],
  ];
}

/** Arguments of the ffmpeg that decodes: Matroska on its standard input, raw rgb24 pictures on pipe 1, the stamp of each on pipe 3. */
export function decoderArguments(c: RtspConfig): string[] {
  const input = ['-flags', 'low_delay', '-threads', '1', ...UNANALYSED, '-copyts', '-f', 'matroska', '-i', 'pipe:0'];
  const frames = ['-map', '0:v:0', '-vf', filters(c), '-fps_mode', 'passthrough', '-threads', '1'];
  return [...QUIET, ...input, ...frames, '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'];
}

/**
 * Pictures that are to be shown have a greater stamp than all before them; the others are decoded and dropped here. `metadata` prints
 * the stamp of each one that is left. Then turned, scaled to fit with its aspect kept (dar: pixels may not be square), and padded with black.
 * ffmpeg builds the chain anew when the stream changes size, so what comes out keeps width × height.
 */
function filters({ width, height, rotate }: RtspConfig): string {
  const turn = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] }[rotate];
  const w = `trunc(min(${width}\\,${height}*dar)/2)*2`;
  const h = `trunc(min(${height}\\,${width}/dar)/2)*2`;
  return [
    'select=gt(pts\\,prev_selected_pts)+isnan(prev_selected_pts)',
    // It prints only pictures that have some key.
    'metadata=mode=add:key=shown:value=1',
    'metadata=mode=print:file=pipe\\\\:3:direct=1',
    ...turn,
    `scale=w=${w}:h=${h}:flags=bilinear`,
    `pad=${width}:${height}:-1:-1`,
    'setsar=1',
  ].join(',');
}

/** What the camera's RTSP status (RFC 2326 section 7.1.1) means for a duty officer. */
const STATUS: Readonly<Record<string, string>> = {
  401: english('camera-refuses-login'),
  403: english('camera-forbids-stream'),
  404: english('camera-no-stream'),
  461: english('camera-refuses-tcp'),
};

type Cause = readonly [pattern: RegExp, cause: string];

/** The line to the camera; these may happen at any time. */
const LINE: readonly Cause[] = [
  [/connection refused/i, english('camera-refused-connection')],
  [/no route to host|network is unreachable|host is down/i, english('camera-no-way')],
  [/failed to resolve|name or service not known/i, english('camera-name-unknown')],
  [/timed out/i, english('camera-no-answer')],
];

/** What keeps a stream from starting. Once pictures came, the same words tell of a single damaged packet and mean nothing. */
const START: readonly Cause[] = [
  [/option .*not found|unrecognized option|unknown keyword/i, english('ffmpeg-too-old')],
  [/matches no streams|not contain any stream/i, english('camera-no-video')],
  [/invalid data found|error number|not implemented/i, english('camera-no-rtsp')],
];

/**
 * A sentence for people from ffmpeg's error text. The text itself is never passed on: it repeats the address with the password.
 * `streaming` says that pictures had come before.
 */
export function explainStderr(stderr: string, streaming: boolean): string {
  const status = /(?:failed: |server returned )(\d{3})\b/i.exec(stderr)?.[1];
  if (status !== undefined) return STATUS[status] ?? english('camera-rtsp-status', { status });
  const found = [...LINE, ...(streaming ? [] : START)].find(([pattern]) => pattern.test(stderr));
  if (found) return found[1];
  return streaming ? english('camera-ended-stream') : english('camera-closed-early');
}
