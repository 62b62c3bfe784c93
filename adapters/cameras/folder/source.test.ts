import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { conforms, PATIENCE, watch } from '../../../simulators/conformance/source.ts';
import { openFolder } from './source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((f) => rmSync(f, { recursive: true, force: true })));

async function pictures(colours: readonly string[], width = 160, height = 80): Promise<string> {
  const folder = tempFolder();
  folders.push(folder);
  for (const [i, background] of colours.entries()) {
    await sharp({ create: { width, height, channels: 3, background } })
      .jpeg({ quality: 95 })
      .toFile(join(folder, `${i}.jpg`));
  }
  return folder;
}
const small = { fps: 30, width: 64, height: 64 };

describe('folder camera', () => {
  conforms(async () => {
    const path = await pictures(['#f00', '#0f0']);
    const source = openFolder({ path, ...small }, testContext('yard'));
    const lose = (): void => rmSync(path, { recursive: true, force: true });
    const close = (): void => undefined;
    return { source: { run: source.run.bind(source) }, lose, close };
  });

  it('plays by name, keeps the aspect with black bars, and ends with a loss where repeat is off', async () => {
    const path = await pictures(['#ff0000', '#0000ff']);
    const run = watch(openFolder({ path, repeat: false, ...small }, testContext('yard')));
    expect(String(await run.ended)).toContain('were played (repeat is off)');
    const at = (i: number, x: number, y: number): number[] => {
      const o = run.seen[i]!;
      return o.kind === 'frame' ? [...o.frame.rgb.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)] : [];
    };
    expect(run.frames()).toBe(2);
    expect(at(0, 32, 32)[0]).toBeGreaterThan(240);
    expect(at(1, 32, 32)[2]).toBeGreaterThan(240);
    expect([at(0, 32, 4), at(0, 32, 60)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('leaves a broken picture out, and logs its name and the reason', async () => {
    const path = await pictures(['#f00', '#0f0']);
    const whole = await sharp({ create: { width: 400, height: 400, channels: 3, background: '#999' } })
      .jpeg()
      .toBuffer();
    writeFileSync(join(path, 'a-empty.jpg'), '');
    writeFileSync(join(path, 'b-page.jpg'), '<!doctype html><title>secret page</title>');
    writeFileSync(join(path, 'c-short.jpg'), whole.subarray(0, whole.length / 2));
    const context = testContext('yard');
    const run = watch(openFolder({ path, repeat: false, ...small }, context));
    await run.ended;
    expect(run.frames()).toBe(2);
    expect(context.said()).toMatch(/a-empty\.jpg.*\(0 bytes\)/);
    expect(context.said()).toMatch(/b-page\.jpg.*a web page/);
    expect(context.said()).toMatch(/c-short\.jpg.*damaged or broken off/);
    expect(context.said()).not.toContain('secret page');
  });

  it('says what is wrong with the folder', async () => {
    const cause = async (path: string): Promise<string> =>
      String(await watch(openFolder({ path }, testContext('yard'))).ended);
    expect(await cause('/nowhere/at/all')).toContain('cannot be read (ENOENT)');
    expect(await cause(await pictures([]))).toContain('holds no picture');
    const broken = await pictures([]);
    writeFileSync(join(broken, 'x.png'), 'x');
    expect(await cause(broken)).toContain('none of the 1 pictures');
  });

  it('refuses unknown keys', () => {
    expect(() => openFolder({ path: '.', pth: 1 }, testContext('yard'))).toThrow(/pth/);
  });

  it('keeps to the rate', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const run = watch(openFolder({ path: await pictures(['#fff']), ...small, fps: 0.05 }, testContext('yard')));
      await vi.waitFor(() => expect(run.frames()).toBe(1), PATIENCE);
      run.abort();
      // The next picture is 20 s away: the abort must not wait for it.
      expect(await run.ended).toBeUndefined();
      expect(run.frames()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});
