/** Small drawn streams with the oddities of real encoders, made by ffmpeg for tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AccessUnit } from '../../../gateway/contracts/source.ts';
import { AccessUnitReader } from './access-units.codec.ts';
import { demuxArguments } from './command.ts';
import { TransportStreamReader } from './transport-stream.codec.ts';

/** Runs a program of ffmpeg; `input` goes to its standard input. Returns what it prints. */
export async function output(program: string, args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  const child = spawn(program, ['-hide_banner', '-loglevel', 'error', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await closed;
  if (code !== 0) throw new Error(`${program} has failed: ${args.join(' ')}`);
  return Buffer.concat(out);
}

export const ENCODERS = {
  'H.264, a key frame each second': ['libx264', '-x264-params', 'keyint=10:bframes=0:aud=1'],
  'H.264, two slices a picture, no delimiters': ['libx264', '-x264-params', 'keyint=10:bframes=0:slices=2:aud=0'],
  'H.264, open GOPs with B pictures': ['libx264', '-x264-params', 'keyint=10:min-keyint=10:bframes=2:open-gop=1'],
  'H.264, interlaced': ['libx264', '-flags', '+ildct', '-x264-params', 'keyint=10:bframes=0:tff=1'],
  'H.265, open GOPs with B pictures': ['libx265', '-x265-params', 'keyint=10:bframes=2:open-gop=1:log-level=none'],
  'H.265, several slices': ['libx265', '-x265-params', 'keyint=10:bframes=0:slices=2:open-gop=0:log-level=none'],
  MJPEG: ['mjpeg', '-q:v', '5'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Encoder = keyof typeof ENCODERS;

/** Thirty pictures of moving shapes at ten a second, in a container with stamps (`nut`) or without. */
export function drawn(encoder: Encoder, container: 'nut' | 'raw' = 'nut'): Promise<Buffer> {
  const [codec, ...options] = ENCODERS[encoder];
  const muxer = container === 'nut' ? 'nut' : { libx264: 'h264', libx265: 'hevc', mjpeg: 'mjpeg' }[codec];
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10:duration=3', '-pix_fmt', 'yuvj420p'];
  return output('ffmpeg', [...picture, '-threads', '1', '-c:v', codec, ...options, '-f', muxer, 'pipe:1']);
}

/** As the box's own command writes it, from a file instead of a camera. */
export function transportStream(stream: Buffer): Promise<Buffer> {
  const all = demuxArguments();
  return output('ffmpeg', ['-i', 'pipe:0', ...all.slice(all.indexOf('-map'))], stream);
}

/** The pictures of a transport stream that comes in pieces. */
export function unitsOf(ts: Buffer, pieceBytes: () => number = () => ts.length): AccessUnit[] {
  const packets = new TransportStreamReader();
  const units = new AccessUnitReader();
  const found: AccessUnit[] = [];
  for (let at = 0; at < ts.length;) {
    const piece = ts.subarray(at, (at += pieceBytes()));
    for (const packet of packets.read(piece)) found.push(units.read(packet, 0)!);
  }
  return found;
}
