/** Turns a scene into the video that a camera would send. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Scene } from './scene.ts';

interface ClipOptions {
  readonly seconds: number;
  /** Pictures a second; 25 unless told. */
  readonly fps?: number;
  /** The scene's time at the first picture; 0 unless told. */
  readonly fromS?: number;
  /** 1 unless told. */
  readonly keyEveryS?: number;
  /** libx264's constant rate factor: lower is finer; 23 unless told. */
  readonly crf?: number;
}

/**
 * H.264 (ITU-T H.264 Annex B) with access unit delimiters, key frames with parameter sets, no B pictures: what a
 * road camera sends. Throws where ffmpeg fails.
 */
export async function encodeClip(
  scene: Pick<Scene, 'width' | 'height' | 'draw'>,
  options: ClipOptions,
): Promise<Buffer<ArrayBuffer>> {
  const { seconds, fps = 25, fromS = 0, keyEveryS = 1, crf = 23 } = options;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${scene.width}x${scene.height}`, '-r', `${fps}`];
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', `${crf}`, '-bf', '0'];
  const gop = [
    '-g',
    `${Math.round(fps * keyEveryS)}`,
    '-sc_threshold',
    '0',
    '-pix_fmt',
    'yuv420p',
    '-x264-params',
    'aud=1',
  ];
  const child = spawn(
    'ffmpeg',
    ['-nostdin', '-loglevel', 'error', ...input, '-i', 'pipe:0', ...x264, ...gop, '-f', 'h264', 'pipe:1'],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close') as Promise<[number | null]>;
  const out: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  // When ffmpeg dies early the exit code and its words tell more than a broken pipe.
  child.stdin.on('error', () => undefined);
  for (let i = 0; i < Math.round(seconds * fps) && child.stdin.writable; i++) {
    if (!child.stdin.write(scene.draw(fromS + i / fps))) {
      await Promise.race([once(child.stdin, 'drain'), closed]);
    }
  }
  child.stdin.end();
  const [code] = await closed;
  if (code !== 0) throw new Error(`ffmpeg could not make a clip: ${errors.slice(0, 500)}`);
  return Buffer.concat(out);
}
