/** The keys of one RTSP camera, and its ffmpeg commands. Pure: starts nothing. */
import { z } from 'zod';
import { addressKey, loginKeys, passwordHasUser, pixels } from '../address.ts';

export const rtspConfig = z
  .strictObject({
    ...loginKeys,
    url: addressKey(['rtsp:'], 'rtsp://192.0.2.10:554/stream1'),
    /** How pictures come: within the connection (TCP), or as datagrams of their own (UDP). */
    transport: z.enum(['tcp', 'udp']).default('tcp'),
    fps: z.number().min(0.2).max(30).default(5),
    width: pixels(3840).default(1280),
    height: pixels(2160).default(720),
    /** False: every picture is always decoded. */
    sleep: z.boolean().default(true),
    /** Degrees clockwise. */
    rotate: z.literal([0, 90, 180, 270]).default(0),
  })
  .refine(...passwordHasUser);

export type RtspConfig = z.infer<typeof rtspConfig>;

/** Bytes of one raw frame. */
export function frameBytes(c: Pick<RtspConfig, 'width' | 'height'>): number {
  return c.width * c.height * 3;
}

/** Datagrams of a key picture come all at once; what does not fit is lost. The system may give less. */
const UDP_BUFFER_BYTES = 2 ** 20;

/**
 * The script ffmpeg reads from its standard input (concat demuxer, ffmpeg 5.0 or newer: `option` lines). It holds the address, which may
 * be a secret one, so that it stands neither in the process list nor in a file. `timeout` (microseconds) is not our watchdog; it ends an
 * ffmpeg that outlived a killed gateway.
 */
export function inputScript(url: string, transport: RtspConfig['transport'] = 'tcp'): string {
  return [
    'ffconcat version 1.0',
    `file '${url}'`,
    `option rtsp_transport ${transport}`,
    ...(transport === 'udp' ? [`option buffer_size ${UDP_BUFFER_BYTES}`] : []),
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
