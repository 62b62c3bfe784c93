/** The camera simulator with real clients, and a supervised source that comes back with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../conformance/source.ts';
import { cameras } from '../../../adapters/index.ts';
import { supervise } from '../../../gateway/supervise.ts';
import { openScene } from '../../scene/scene.ts';
import { encodeClip } from '../../scene/clip.ts';
import { startCamera, type RtspCamera } from './server.ts';
import { testContext } from '../../conformance/context.ts';

let clip: Buffer;
beforeAll(async () => {
  clip = await encodeClip(await openScene({ seed: 1, vehicles: [], width: 320, height: 180 }), {
    seconds: 0.4,
    fps: 25,
  });
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A minimal client: asks, and collects what comes. */
async function play(camera: RtspCamera): Promise<{ socket: Socket; bytes: () => Buffer; closed: Promise<unknown> }> {
  const socket = connect(camera.port, '127.0.0.1');
  closers.push(() => socket.destroy());
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  const closed = once(socket, 'close');
  const request = (method: string, seq: number, more = ''): string =>
    `${method} ${camera.url} RTSP/1.0\r\nCSeq: ${seq}\r\n${more}\r\n`;
  socket.write(request('SETUP', 1, 'Transport: RTP/AVP/TCP;interleaved=0-1\r\n') + request('PLAY', 2));
  return { socket, bytes: () => Buffer.concat(chunks), closed };
}

/** Time stamps of pictures (packets with the marker), after the two answers. */
function timestamps(bytes: Buffer): number[] {
  const found: number[] = [];
  let at = bytes.indexOf('\r\n\r\n', bytes.indexOf('\r\n\r\n') + 4) + 4;
  while (at + 12 <= bytes.length && bytes[at] === 0x24) {
    if ((bytes[at + 5]! & 0x80) !== 0) found.push(bytes.readUInt32BE(at + 8));
    at += 4 + bytes.readUInt16BE(at + 2);
  }
  return found;
}

it('loops its clip with time stamps that go on', async () => {
  const camera = await startCamera({ clip, fps: 50 });
  closers.push(() => camera.close());
  const client = await play(camera);
  // The clip has 10 pictures: 25 need two turns and a half.
  await vi.waitFor(() => expect(timestamps(client.bytes()).length).toBeGreaterThan(25), PATIENCE);
  const all = timestamps(client.bytes());
  const steps = all.slice(1).map((t, i) => (t - all[i]! + 2 ** 32) % 2 ** 32);
  expect(new Set(steps)).toEqual(new Set([1800]));
});

it('stalls, goes slow and cuts when told, and counts who is playing', async () => {
  const camera = await startCamera({ clip, fps: 50 });
  closers.push(() => camera.close());
  const client = await play(camera);
  await vi.waitFor(() => expect(timestamps(client.bytes()).length).toBeGreaterThan(2), PATIENCE);
  expect(camera.clients).toBe(1);
  camera.fault('slow');
  const before = timestamps(client.bytes()).at(-1)!;
  // One picture a second: the first after that differs by about 90,000, where 1,800 is the rule.
  const widest = (): number => {
    const all = timestamps(client.bytes()).slice(timestamps(client.bytes()).indexOf(before));
    return Math.max(...all.slice(1).map((t, i) => (t - all[i]! + 2 ** 32) % 2 ** 32));
  };
  await vi.waitFor(() => expect(widest()).toBeGreaterThan(80_000), PATIENCE);
  camera.fault('cut');
  await client.closed;
  await vi.waitFor(() => expect(camera.clients).toBe(0), PATIENCE);
  const refused = await play(camera);
  await refused.closed;
  expect(refused.bytes().length).toBe(0);
  expect(() => camera.fault('size')).toThrow('otherClip');
});

it('closes the connection of who speaks no RTSP, and serves the others on', async () => {
  const camera = await startCamera({ clip });
  closers.push(() => camera.close());
  const stranger = connect(camera.port, '127.0.0.1');
  stranger.on('error', () => undefined).write('\x16\x03\x01 no rtsp\r\n\r\n');
  await once(stranger, 'close');
  const client = await play(camera);
  await vi.waitFor(() => expect(timestamps(client.bytes()).length).toBeGreaterThan(1), PATIENCE);
});

it('brings a supervised source back: from a start without the camera, and after each restart of it', async () => {
  const first = await startCamera({ clip });
  const { port, url } = first;
  await first.close();
  let frames = 0;
  const losses: string[] = [];
  const controller = new AbortController();
  const source = cameras['rtsp']!({ url, width: 64, height: 64, fps: 10 }, testContext('road'));
  const failed = (e: unknown) => void losses.push(String(e));
  const run = (signal: AbortSignal): Promise<void> =>
    source.run((o) => void (frames += o.kind === 'frame' ? 1 : 0), signal);
  const ended = supervise(run, { firstMs: 50, maxMs: 200 }, failed, controller.signal);
  await vi.waitFor(() => expect(losses.length).toBeGreaterThan(0), PATIENCE);
  expect(losses[0]).toContain('nothing listens');
  for (let round = 0; round < 2; round++) {
    const camera = await startCamera({ clip, port });
    const before = frames;
    await vi.waitFor(() => expect(frames).toBeGreaterThan(before + 2), PATIENCE);
    const lost = losses.length;
    await camera.close();
    await vi.waitFor(() => expect(losses.length).toBeGreaterThan(lost), PATIENCE);
  }
  controller.abort();
  await ended;
});

it('runs by hand, tells where, and ends when asked', async () => {
  const path = new URL('./main.ts', import.meta.url).pathname;
  const args = ['--count', '1', '--every', '0', '--fps', '2', '--plate', '皖A00000'];
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const told = JSON.parse(line) as { url: string; port: number; vehicles: unknown };
  expect(told).toMatchObject({ url: `rtsp://127.0.0.1:${told.port}/stream1` });
  expect(told.vehicles).toEqual([{ plate: '皖A00000', style: 'standard' }]);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});
