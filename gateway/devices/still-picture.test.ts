import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openStillPictureDetector, STILL_MS } from './still-picture.ts';

const [WIDTH, HEIGHT] = [384, 216];
const T = 1_700_000_000_000;
const COUNT = 150;
/** One of so many is looked at, as if they were further apart: the encoder goes through minutes of rate control in few pictures. */
const EACH = 9;
const STEP_MS = 5_000;

async function ffmpeg(args: string, input?: Buffer): Promise<Buffer> {
  const all = ['-hide_banner', '-loglevel', 'error', ...args.split(' ')];
  const child = spawn('ffmpeg', all, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stdin.end(input);
  await closed;
  return Buffer.concat(out);
}

/** Since when the pictures of `filter` are still, in seconds, after an encoder and a decoder, and 150 of them. */
async function stillAfter(filter: string, encoder: string): Promise<number | undefined> {
  const encode = `-pix_fmt yuv420p -c:v libx264 -preset veryfast ${encoder} -f h264 pipe:1`;
  const stream = await ffmpeg(`-f lavfi -i ${filter} -frames:v ${COUNT * EACH} ${encode}`);
  const select = `-vf select=not(mod(n\\,${EACH})) -fps_mode passthrough`;
  const frames = await ffmpeg(`-f h264 -i pipe:0 ${select} -pix_fmt rgb24 -f rawvideo pipe:1`, stream);
  const bytes = WIDTH * HEIGHT * 3;
  expect(frames.length).toBe(bytes * COUNT);
  const detector = openStillPictureDetector();
  for (let i = 0; i < COUNT; i++) {
    const rgb = new Uint8Array(frames.subarray(i * bytes, (i + 1) * bytes));
    detector.seen({ source: 'a', at: T + i * STEP_MS, width: WIDTH, height: HEIGHT, rgb });
  }
  const since = detector.stillSince(T + (COUNT - 1) * STEP_MS);
  return since === undefined ? undefined : (since - T) / 1000;
}

const ROAD = `testsrc2=s=${WIDTH}x${HEIGHT}:r=10,trim=end_frame=1,loop=-1:1:0,setpts=N/10/TB`;
const NIGHT = `${ROAD},eq=brightness=-0.35:contrast=0.5`;
/** Digits and colours that count, as high as a clock. */
const CLOCK = `testsrc=s=96x11:r=10[clock];${ROAD}[road];[road][clock]overlay=x=12:y=6`;

describe('a still picture behind a running encoder', () => {
  it('is noticed, with a clock in it too', async () => {
    expect(await stillAfter(ROAD, '-b:v 300k -g 25')).toBeLessThan(150);
    expect(await stillAfter(CLOCK, '-b:v 300k -g 25')).toBeLessThan(150);
  });

  it('is no road at night: noise lives, after an encoder that takes most of it away as well', async () => {
    expect(await stillAfter(`${NIGHT},noise=alls=2:allf=t`, '-b:v 200k -g 25')).toBeUndefined();
    expect(await stillAfter(`${NIGHT},noise=alls=2:allf=t`, '-qp 42 -g 25')).toBeUndefined();
  });

  it('is no darkness, in which nothing can be seen', async () => {
    expect(await stillAfter(`color=black:s=${WIDTH}x${HEIGHT}:r=10`, '-b:v 300k')).toBeUndefined();
  });

  it('is over with the first other picture, and not known after a pause', () => {
    const detector = openStillPictureDetector();
    const picture = (at: number, invert = false): void => {
      const rgb = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i % 192 < 96 !== invert ? 200 : 20));
      detector.seen({ source: 'a', at, width: 64, height: 64, rgb });
    };
    for (let at = 0; at <= STILL_MS; at += 10_000) picture(T + at);
    expect(detector.stillSince(T + STILL_MS)).toBe(T);
    expect(detector.stillSince(T + STILL_MS - 1)).toBeUndefined();
    // No frames any more: that is another alarm.
    expect(detector.stillSince(T + STILL_MS + 120_000)).toBeUndefined();
    picture(T + STILL_MS + 10_000, true);
    expect(detector.stillSince(T + STILL_MS + 10_000)).toBeUndefined();
    picture(T + 3 * STILL_MS, true);
    expect(detector.stillSince(T + 3 * STILL_MS)).toBeUndefined();
  });
});
