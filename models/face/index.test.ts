import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import type { Raster } from '../raster.ts';
import type { FaceChain, Face } from './chain.ts';
import { dlibTemplate } from './geometry.ts';
import { facesOf } from './index.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** Stands where a stand-in for a face has to be: the numbers are those of the picture's first pixels. */
const FACE: Face = { left: 20, top: 10, width: 100, height: 100, score: 0.95 };
const TEMPLATE_LENGTH = 16;

type Found = (picture: Raster) => Face[];

/** A chain without models. A template is the first bytes of the picture; two are alike when these are. */
function standIn(found: Found = () => [FACE], changes: Partial<FaceChain> = {}): FaceChain {
  return {
    models: ['0'.repeat(64)],
    threshold: 0.5,
    detect: async (picture) => found(picture),
    points: async () => dlibTemplate(120),
    async embed({ rgb }, _points, workspace) {
      const template = workspace.floats(TEMPLATE_LENGTH);
      for (let i = 0; i < TEMPLATE_LENGTH; i++) template[i] = rgb[i]!;
      return template;
    },
    similarity: (a, b) => (a.every((v, i) => Math.abs(v - b[i]!) < 2) ? 0.9 : 0.1),
    ...changes,
  };
}

/** Noise with a brightness of its own for each seed. */
function picture(seed: number, contrast = 60, level = 120): Raster {
  const rgb = Uint8Array.from({ length: 160 * 120 * 3 }, (_, i) => {
    return level + ((((i + seed * 977) * 2_654_435_761) >>> 24) % contrast);
  });
  return { width: 160, height: 120, rgb };
}

async function png({ width, height, rgb }: Raster): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

let photos: Uint8Array<ArrayBuffer>[];
beforeAll(async () => {
  photos = await Promise.all([1, 2].map((seed) => png(picture(seed))));
});

test('one frame is compared with each reference; a reference without a usable face is said to be so', async () => {
  const faces = facesOf(standIn(({ rgb }) => (rgb[0] === picture(3).rgb[0] ? [] : [FACE])));
  const references = [photos[0]!.slice(), photos[1]!.slice(), await png(picture(3)), Uint8Array.of(1, 2, 3)];
  const comparisons = await faces.compare(picture(1), references);
  const { models } = faces;
  expect(comparisons).toEqual([
    { outcome: 'same', score: 0.9, threshold: 0.5, models },
    { outcome: 'different', score: 0.1, threshold: 0.5, models },
    { outcome: 'not compared', why: 'photo unusable' },
    { outcome: 'not compared', why: 'photo unusable' },
  ]);
  const strict = await facesOf(standIn(), 0.95).compare(picture(1), [photos[0]!.slice()]);
  expect(strict[0]).toMatchObject({ outcome: 'different', threshold: 0.95 });
});

test.each([
  ['no face', () => []],
  ['too small', () => [{ ...FACE, width: 60 }]],
  ['several faces', () => [FACE, { ...FACE, left: 130, width: 75 }]],
] as [string, Found][])('a frame with %s keeps every reference from being compared', async (why, found) => {
  const comparisons = await facesOf(standIn(found)).compare(picture(1), [photos[0]!.slice()]);
  expect(comparisons).toEqual([{ outcome: 'not compared', why }]);
});

/** Why the frame kept a good reference from being compared. */
async function problemOf(frame: Raster, chain = standIn()): Promise<string | undefined> {
  const [c] = await facesOf(chain).compare(frame, [photos[0]!.slice()]);
  return c!.outcome === 'not compared' ? c!.why : undefined;
}

test('a dark and a flat frame, and a face looking away, are named', async () => {
  expect(await problemOf(picture(1, 4, 0))).toBe('dark');
  expect(
    await problemOf(
      picture(1, 4, 0),
      standIn(() => []),
    ),
  ).toBe('dark');
  const smooth = picture(1);
  for (let i = 0; i < smooth.rgb.length; i++) smooth.rgb[i] = 80 + ((i / 3) % 160);
  expect(await problemOf(smooth)).toBe('blurred');
  const [left, right, [x, y], ...mouth] = dlibTemplate(120);
  const aside = standIn(undefined, { points: async () => [left, right, [x + 40, y], ...mouth] });
  expect(await problemOf(picture(1), aside)).toBe('turned');
  expect(await problemOf(picture(1))).toBeUndefined();
});

test('a second face that is small, or hardly a face, does not matter', async () => {
  const found = () => [FACE, { ...FACE, left: 130, width: 95, score: 0.6 }, { ...FACE, left: 135, width: 60 }];
  expect(await problemOf(picture(1), standIn(found))).toBeUndefined();
});

test('of two files the widest faces are compared, unless a second one is about as wide', async () => {
  const folder = tempFolder();
  const path = join(folder, 'a.png');
  writeFileSync(path, photos[0]!);
  const pair = (width: number) => facesOf(standIn(() => [FACE, { ...FACE, left: 130, width }])).pair(path, path);
  expect(await pair(70)).toMatchObject({ comparison: { outcome: 'same', score: 0.9 } });
  expect(await pair(80)).toMatchObject({ comparison: { outcome: 'not compared', why: 'several faces' } });
});

test('a portrait may be smaller and softer than a frame; what is wrong with it is said with the figure expected', async () => {
  const small = facesOf(standIn(() => [{ ...FACE, width: 45 }]));
  expect(await small.portrait(photos[0]!.slice())).toBeUndefined();
  const tiny = facesOf(standIn(() => [{ ...FACE, width: 31.6 }]));
  expect(await tiny.portrait(photos[0]!.slice())).toBe('the face is 31 pixels wide: at least 40 are expected');
  const two = facesOf(standIn(() => [FACE, { ...FACE, left: 130, width: 75 }]));
  expect(await two.portrait(photos[0]!.slice())).toMatch(/two faces of nearly one size \(100 and 75 pixels wide\)/);
  expect(await two.portrait(Uint8Array.of(1, 2, 3))).toMatch(/^the picture is not a picture; expected JPEG/);
});

test('a frame of the wrong length is refused', async () => {
  const frame = { ...picture(1), rgb: new Uint8Array(10) };
  await expect(facesOf(standIn()).compare(frame, [])).rejects.toThrow(/160 × 120 pixels has 10 bytes of RGB/);
});

/** The promise: whatever a comparison held is zero afterwards. `chain` and `newWorkspace` are what a broken variant replaces. */
async function leavesNothing(chain: FaceChain, newWorkspace: () => Workspace = openWorkspace): Promise<void> {
  const held: (Uint8Array | Float32Array)[] = [];
  let filled = 0;
  const watched = (): Workspace => {
    const workspace = newWorkspace();
    const note = <B extends Uint8Array | Float32Array>(buffer: B): B => {
      held.push(buffer);
      return buffer;
    };
    return {
      bytes: (n) => note(workspace.bytes(n)),
      floats: (n) => note(workspace.floats(n)),
      hold: (b) => note(workspace.hold(b)),
      wipe() {
        filled = held.filter((b) => b.some((v) => v !== 0)).length;
        workspace.wipe();
      },
    };
  };
  const templates: Float32Array[] = [];
  const spied: FaceChain = {
    ...chain,
    async embed(...args) {
      const template = await chain.embed(...args);
      templates.push(template);
      return template;
    },
  };
  const frame = picture(1);
  const references = photos.map((p) => p.slice());
  await facesOf(spied, 0.5, watched)
    .compare(frame, references)
    .catch(() => undefined);
  // Frame, two references, two decoded references and what was made of them did hold something.
  expect(filled).toBeGreaterThanOrEqual(5);
  expect(templates.length).toBeGreaterThan(0);
  for (const buffer of [frame.rgb, ...references, ...templates, ...held]) {
    expect(buffer.every((v) => v === 0)).toBe(true);
  }
}

test('templates, chips, the frame and the references are zero after a comparison, and after one that fails', async () => {
  await leavesNothing(standIn());
  const failing = standIn(undefined, {
    similarity: () => {
      throw new Error('the comparison broke');
    },
  });
  await leavesNothing(failing);
});

test('caught when broken: a workspace that forgets to wipe, a template kept outside of it', async () => {
  const lazy = (): Workspace => ({ ...openWorkspace(), wipe: () => undefined });
  await expect(leavesNothing(standIn(), lazy)).rejects.toThrow();
  const outside = standIn(undefined, { embed: async () => new Float32Array(TEMPLATE_LENGTH).fill(1) });
  await expect(leavesNothing(outside)).rejects.toThrow();
});
