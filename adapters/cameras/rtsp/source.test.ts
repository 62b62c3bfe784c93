import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { openScene } from '../../../simulators/scene/scene.ts';
import { encodeClip } from '../../../simulators/scene/clip.ts';
import { startCamera, type RtspCamera } from '../../../simulators/devices/road-camera/server.ts';
import type { Source } from '../../../gateway/contracts/source.ts';
import { conforms, PATIENCE, watch } from '../../../simulators/conformance/source.ts';
import { rtspConfig } from './command.ts';
import type { StallLimits } from './demux.ts';
import { openRtsp, runCamera } from './source.ts';
import { RtspVideo } from './video.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const PASSWORD = "p4:s@s/w'%d";
const small = { width: 160, height: 120, fps: 10 };
const login = { user: 'admin', password: 'env:P' };
const context = (): ReturnType<typeof testContext> => testContext('road', { 'env:P': PASSWORD, 'env:W': 'wr0ng!' });

let clip: Buffer;
let otherClip: Buffer;
beforeAll(async () => {
  const scene = (width: number, height: number): ReturnType<typeof openScene> =>
    openScene({ seed: 1, vehicles: [], width, height });
  clip = await encodeClip(await scene(320, 180), { seconds: 2 });
  otherClip = await encodeClip(await scene(480, 480), { seconds: 2 });
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
async function camera(options: Partial<Parameters<typeof startCamera>[0]> = {}): Promise<RtspCamera> {
  const started = await startCamera({ clip, ...options });
  closers.push(() => started.close());
  return started;
}

/** Processes of one parent, from /proc: pid, name and arguments. */
function childrenOf(parent: number): { pid: number; name: string; args: string }[] {
  return readdirSync('/proc').flatMap((entry) => {
    try {
      const [, name = '', ppid] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
      if (Number(ppid) !== parent) return [];
      return [{ pid: Number(entry), name, args: readFileSync(`/proc/${entry}/cmdline`, 'utf8') }];
    } catch {
      return [];
    }
  });
}
const ffmpegs = (): ReturnType<typeof childrenOf> => childrenOf(process.pid).filter((c) => c.name === 'ffmpeg');

/** A source with less patience than the real one, so that the tests need not have it either. */
function impatient(url: string, patience: StallLimits, ffmpeg?: string): Source {
  const config = rtspConfig.parse({ url, ...small });
  const program = ffmpeg === undefined ? {} : { ffmpeg };
  return {
    run: (emit, signal) =>
      runCamera(
        { config, password: undefined, id: 'road', video: new RtspVideo(), stallLimits: patience, ...program },
        emit,
        signal,
      ),
  };
}
const cause = async (source: Source): Promise<string> => String(await watch(source).ended);

describe('against our own camera', () => {
  conforms(async () => {
    const one = await startCamera({ clip, user: 'admin', password: PASSWORD });
    const source = openRtsp({ url: one.url, ...small, ...login }, context());
    return { source, lose: () => one.close(), close: () => one.close() };
  });

  it('leaves no ffmpeg behind, and shows no password to other processes', async () => {
    const { url } = await camera({ user: 'admin', password: PASSWORD, offers: ['basic'] });
    const heard = context();
    const run = watch(openRtsp({ url, ...small, ...login }, heard));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(2), PATIENCE);
    const children = ffmpegs();
    expect(children.map(({ args }) => args.includes('rawvideo')).sort()).toEqual([false, true]);
    for (const { args } of children) expect(args).not.toMatch(/admin|p4:|p4%3A/);
    run.abort();
    await run.ended;
    expect(ffmpegs()).toEqual([]);
    for (const { pid } of children) expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(heard.said()).not.toContain(PASSWORD);
  });

  it('finds a stall, ends the whole process group, and says so', async () => {
    const one = await camera();
    const run = watch(openRtsp({ url: one.url, ...small }, context()));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
    one.fault('stall');
    expect(String(await run.ended)).toContain('no further picture from the camera for 4 s');
    expect(ffmpegs()).toEqual([]);
  });

  it('finds a camera that says hello and never sends a picture', async () => {
    const one = await camera();
    one.fault('stall');
    expect(await cause(impatient(one.url, { firstMs: 700, nextMs: 700, keyMs: 700 }))).toContain(
      'no picture from the camera',
    );
    expect(ffmpegs()).toEqual([]);
  });

  it('kills what ffmpeg started, too', async () => {
    // Killing ffmpeg alone would leave this grandchild, which keeps the pipes open: run() would never settle.
    const folder = tempFolder();
    closers.push(() => rmSync(folder, { recursive: true }));
    const program = join(folder, 'ffmpeg');
    writeFileSync(program, `#!/bin/sh\nsleep 600 &\necho $! > ${folder}/pid\nexec ffmpeg "$@"\n`);
    chmodSync(program, 0o755);
    const run = watch(impatient((await camera()).url, { firstMs: 8000, nextMs: 4000, keyMs: 30_000 }, program));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
    const pid = readFileSync(join(folder, 'pid'), 'utf8').trim();
    run.abort();
    expect(await run.ended).toBeUndefined();
    // The grandchild is nobody's now; it may stay a zombie where no init collects it, but it runs no more.
    const state = (): string => {
      try {
        return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? 'gone';
      } catch {
        return 'gone';
      }
    };
    await vi.waitFor(() => expect(['gone', 'Z']).toContain(state()), PATIENCE);
  });

  it('keeps the size of its frames when the stream changes size', async () => {
    const one = await camera({ otherClip });
    const run = watch(openRtsp({ url: one.url, ...small }, context()));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(1), PATIENCE);
    one.fault('size');
    // 16:9 leaves bars above and below in 4:3, the square one left and right: the corner column tells them apart.
    const corners = (): [above: number, left: number][] =>
      run.seen.flatMap((o) => {
        if (o.kind !== 'frame') return [];
        const grey = (x: number, y: number): number => o.frame.rgb[(y * 160 + x) * 3 + 1]!;
        return [[grey(80, 5), grey(5, 60)]];
      });
    await vi.waitFor(() => expect(corners().some(([above, left]) => above > 60 && left < 30)).toBe(true), PATIENCE);
    expect(corners().some(([above, left]) => above < 30 && left > 60)).toBe(true);
    one.fault(undefined);
    const before = run.frames();
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(before + 2), PATIENCE);
    run.abort();
    expect(await run.ended).toBeUndefined();
    for (const o of run.seen) if (o.kind === 'frame') expect(o.frame.rgb.length).toBe(160 * 120 * 3);
  });

  it('sleeps while nothing happens, and wakes its decoder when its lane follows a vehicle', async () => {
    const { url } = await camera();
    const source = openRtsp({ url, ...small }, context());
    const run = watch(source);
    const stop = new AbortController();
    closers.push(() => stop.abort());
    const packets = source.video!.packets(stop.signal)[Symbol.asyncIterator]();
    expect((await packets.next()).value).toMatchObject({ codec: 'h264', key: true });
    expect((await packets.next()).value).toMatchObject({ codec: 'h264', key: false });
    await vi.waitFor(() => expect(source.video?.decoding().state).toBe('asleep'), PATIENCE);
    const before = source.video!.decoding();
    await vi.waitFor(() => expect(source.video!.decoding().asleepS).toBeGreaterThan(before.asleepS + 2), PATIENCE);
    // The key frames are a second apart.
    const asleep = run.frames();
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(asleep), PATIENCE);
    expect(source.video!.decoding().decodedS).toBe(before.decodedS);
    const woken = run.frames();
    await vi.waitFor(() => {
      source.video!.keepAwake();
      expect(run.frames()).toBeGreaterThan(woken + 8);
    }, PATIENCE);
    expect(source.video!.decoding().decodedS).toBeGreaterThan(before.decodedS + 0.5);
    run.abort();
    expect(await run.ended).toBeUndefined();
  });

  it('turns the picture', async () => {
    const { url } = await camera();
    const run = watch(openRtsp({ url, ...small, rotate: 90 }, context()));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
    run.abort();
    await run.ended;
    const first = run.seen.find((o) => o.kind === 'frame')!;
    const blue = (x: number, y: number): number =>
      first.kind === 'frame' ? first.frame.rgb[(y * 160 + x) * 3 + 2]! : -1;
    // 90 degrees clockwise: the sky, blue and on top, comes to the right; black bars left and right of the upright picture.
    expect(blue(10, 60)).toBeLessThan(30);
    expect(blue(108, 20)).toBeGreaterThan(150);
    expect(blue(60, 20)).toBeLessThan(150);
  });

  it('says in words what is wrong, with no password in them', async () => {
    const one = await camera({ user: 'admin', password: PASSWORD });
    const heard = context();
    const said = async (more: object): Promise<string> => cause(openRtsp({ url: one.url, ...small, ...more }, heard));
    const all = [await said({ user: 'admin', password: 'env:W' }), await said({})];
    expect(one.wrongLogins).toBe(1);
    expect(all.join()).toMatch(/user or password \(401\).*user or password \(401\)/);
    all.push(await said({ ...login, url: one.url.replace('stream1', 'nothing') }));
    expect(all.at(-1)).toContain('no stream at this path (404)');
    all.push(await said({ ...login, url: 'rtsp://127.0.0.1:1/x' }));
    expect(all.at(-1)).toContain('nothing listens there');
    one.fault('html');
    all.push(await said(login));
    expect(all.at(-1)).toContain('no RTSP camera answers there');
    one.fault('cut');
    all.push(await said(login));
    expect(all.at(-1)).toContain('or it closed the connection');
    expect(all.join() + heard.said()).not.toMatch(/p4|wr0ng|admin/);
  });

  it('names a missing ffmpeg and the remedy', async () => {
    const source = impatient('rtsp://127.0.0.1:1/x', { firstMs: 8000, nextMs: 4000, keyMs: 30_000 }, '/nowhere/ffmpeg');
    expect(await cause(source)).toContain('ffmpeg is not installed: run ./setup');
  });
});

describe('against GStreamer’s RTSP server', () => {
  let peer: ChildProcess | undefined;
  async function start(port: number, user: string): Promise<number> {
    const path = join(import.meta.dirname, 'testdata', 'gst-server.py');
    const env = { ...process.env, GST_PASSWORD: PASSWORD };
    peer = spawn('/usr/bin/python3', [path, String(port), user], { stdio: ['ignore', 'pipe', 'inherit'], env });
    const [line] = (await once(createInterface(peer.stdout!), 'line')) as [string];
    return Number(line.split(' ')[1]);
  }
  async function stop(): Promise<void> {
    if (peer?.exitCode !== null || peer.signalCode !== null) return;
    const gone = once(peer, 'close');
    peer.kill('SIGKILL');
    await gone;
  }
  afterAll(stop);

  it('plays over TCP with Digest, sees the server die, plays again, and refuses a wrong password', async () => {
    const port = await start(0, 'admin');
    const source = openRtsp({ url: `rtsp://127.0.0.1:${port}/cam`, ...small, ...login }, context());
    const first = watch(source);
    await vi.waitFor(() => expect(first.frames()).toBeGreaterThan(2), PATIENCE);
    const wrong = openRtsp({ url: `rtsp://127.0.0.1:${port}/cam`, user: 'admin', password: 'env:W' }, context());
    expect(await cause(wrong)).toContain('user or password (401)');
    await stop();
    expect(await first.ended).toBeInstanceOf(Error);
    await start(port, 'admin');
    const second = watch(source);
    await vi.waitFor(() => expect(second.frames()).toBeGreaterThan(2), PATIENCE);
    second.abort();
    expect(await second.ended).toBeUndefined();
    expect(ffmpegs()).toEqual([]);
  });
});
