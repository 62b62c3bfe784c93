import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGate, type Gate } from './gate.ts';
import { startLaneCamera, type LaneCamera } from './camera.ts';
import { blackShot, emptyShot } from '../../scene/face-shots.ts';

const fetched = async (url: string): Promise<Buffer> => {
  const answer = await fetch(url);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  return Buffer.from(await answer.arrayBuffer());
};

/** Mean difference of two JPEG pictures in grey levels. */
async function difference(a: Buffer, b: Buffer): Promise<number> {
  const [one, two] = await Promise.all([a, b].map((jpeg) => sharp(jpeg).greyscale().blur(4).raw().toBuffer()));
  return one!.reduce((sum, v, i) => sum + Math.abs(v - two![i]!), 0) / one!.length;
}

describe('the camera of a simulated lane', () => {
  let gate: Gate;
  beforeAll(async () => {
    gate = await openGate({ seed: 2, count: 3 });
  });
  afterAll(() => gate.camera.close());

  it('shows the empty lane, then the visitor of the moment, then the empty lane again', async () => {
    const empty = await fetched(gate.camera.url);
    expect(await sharp(empty).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 480 });
    const [first, second] = [...gate.visitors()];
    await gate.camera.show(first);
    const one = await fetched(gate.camera.url);
    expect(await difference(empty, one)).toBeGreaterThan(8);
    await gate.camera.show(second);
    expect(await difference(one, await fetched(gate.camera.url))).toBeGreaterThan(4);
    await gate.camera.show();
    expect(await difference(empty, await fetched(gate.camera.url))).toBeLessThan(4);
  });

  it('sends every picture with fresh noise', async () => {
    const [one, two] = [await fetched(gate.camera.url), await fetched(gate.camera.url)];
    expect(one.equals(two)).toBe(false);
  });
});

describe('a lane camera by itself', () => {
  let camera: LaneCamera;
  beforeAll(async () => {
    camera = await startLaneCamera({ size: { width: 320, height: 240 } });
  });
  afterAll(() => camera.close());

  it('shows any shot of its size, counts what it sends, and refuses other sizes and methods', async () => {
    await camera.show(blackShot(3, { width: 320, height: 240 }), { noise: 0, jpegQuality: 90 });
    const { channels } = await sharp(await fetched(camera.url)).stats();
    expect(Math.max(...channels.map((c) => c.max))).toBeLessThan(4);
    expect(camera.sent).toBe(1);
    await expect(camera.show(emptyShot())).rejects.toThrow('shows 320 × 240 pixels, the shot has 640 × 480');
    expect((await fetch(camera.url, { method: 'POST' })).status).toBe(405);
  });
});
