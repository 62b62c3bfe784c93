/** The jobs about faces, on a real thread with the real models, before people who do not exist. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tempFolder } from '../gateway/contracts/rig.fixtures.ts';
import type { FaceChain } from './face/chain.ts';
import { openBuiltIn } from './face/built-in.ts';
import { facesOf } from './face/index.ts';
import { openWorkspace } from './face/workspace.ts';
import { loadModel } from './manifest.ts';
import { loadPicture } from './picture.ts';
import { encodeBmp, openFacePainter, type FaceShot, snapshot } from '../simulators/scene/face.ts';
import * as shots from '../simulators/scene/face-shots.ts';
import { seeded } from '../simulators/scene/random.ts';
import { SILENT_LOG } from '../gateway/contracts/base.ts';
import type { Frame } from '../gateway/contracts/picture.ts';
import type { LoadedModels, InferenceJob, ModelSelection, InferenceResults } from '../gateway/inference/jobs.ts';
import { openPool, type Pool, untilFree } from '../gateway/inference/pool.ts';

const HOUR = 3_600_000;
/** Two seeds that are far apart. */
const [ANNA, BERND] = [3, 13];
const { VARIATIONS } = shots;
const painter = openFacePainter();
let pool: Pool<InferenceJob, InferenceResults>;
let folder: string;

beforeAll(async () => {
  folder = tempFolder();
  pool = newPool({ plates: false, faces: { chain: 'built-in' } });
  await untilFree(pool);
});
afterAll(async () => {
  await pool.close();
});

function newPool(workerData: ModelSelection): Pool<InferenceJob, InferenceResults> {
  return openPool({ threads: 1, workerUrl: new URL('./worker.ts', import.meta.url), workerData, log: SILENT_LOG });
}

async function frameOf(shot: FaceShot): Promise<Frame> {
  const { width, height, data } = await painter.draw(shot);
  return { source: 'lane-1', at: 1_700_000_000_000, width, height, rgb: data };
}

async function jpegOf(shot: FaceShot): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await snapshot(await painter.draw(shot), { noise: 3, quality: 85, random: seeded(1) }));
}

async function cardPhoto(seed: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(encodeBmp(await painter.draw(shots.portraitShot(seed))));
}

async function compare(shot: FaceShot, references: readonly Uint8Array<ArrayBuffer>[]) {
  await untilFree(pool);
  const frame = await frameOf(shot);
  return pool.run({ kind: 'compare', frame, references }, [frame.rgb.buffer, ...references.map((r) => r.buffer)], HOUR);
}

test('the holder is the same, somebody else is different, whatever the light, the distance and the tilt of the head', async () => {
  for (const variation of VARIATIONS) {
    const references = [await cardPhoto(ANNA), await cardPhoto(BERND)];
    const comparisons = await compare(shots.laneShot(ANNA, variation), references);
    expect(references[0]!.byteLength).toBe(0);
    expect(comparisons.map((c) => c.outcome)).toEqual(['same', 'different']);
    expect(comparisons[0]).toMatchObject({
      threshold: 0.49,
      models: (pool.about() as LoadedModels & Loaded).faces.models,
    });
  }
});

interface Loaded {
  readonly faces: { readonly models: readonly string[] };
}

test.each([
  ['no face', shots.emptyShot()],
  ['no face', shots.awayShot(ANNA, VARIATIONS[0]!)],
  ['several faces', shots.twoShot(ANNA, BERND)],
  ['too small', shots.farShot(ANNA)],
  ['dark', shots.blackShot(ANNA)],
  ['blurred', { ...shots.laneShot(ANNA, VARIATIONS[0]!), blurPx: 12 }],
  ['turned', shots.laneShot(ANNA, { ...VARIATIONS[0]!, rollDeg: 52 })],
] as [string, FaceShot][])('a lane picture with "%s" is not compared, with any reference', async (why, shot) => {
  const comparisons = await compare(shot, [await cardPhoto(ANNA), await cardPhoto(BERND)]);
  expect(comparisons).toEqual([
    { outcome: 'not compared', why },
    { outcome: 'not compared', why },
  ]);
});

test('a photo without a face, or that is no picture, is unusable; the others are compared', async () => {
  const nobody = await jpegOf(shots.emptyShot());
  const references = [nobody, Uint8Array.of(0x42, 0x4d, 1), await jpegOf(shots.portraitShot(ANNA))];
  const comparisons = await compare(shots.laneShot(ANNA, VARIATIONS[0]!), references);
  const unusable = { outcome: 'not compared', why: 'photo unusable' };
  expect(comparisons).toMatchObject([unusable, unusable, { outcome: 'same' }]);
});

test('a portrait for a list is judged in words', async () => {
  const portrait = async (picture: Uint8Array<ArrayBuffer>) => {
    await untilFree(pool);
    return await pool.run({ kind: 'portrait', picture }, [picture.buffer], HOUR);
  };
  expect(await portrait(await cardPhoto(ANNA))).toBeUndefined();
  expect(await portrait(await jpegOf(shots.farShot(ANNA, 30)))).toMatch(/^the face is \d\d pixels wide: at least 40/);
  expect(await portrait(await jpegOf(shots.twoShot(ANNA, BERND)))).toMatch(/two faces/);
  expect(await portrait(Uint8Array.of(1, 2, 3))).toMatch(/is not a picture/);
});

test('two files are compared; one that is no picture is named', async () => {
  const [a, b, page] = ['a.jpg', 'b.jpg', 'page.jpg'].map((n) => join(folder, n)) as [string, string, string];
  writeFileSync(a, await jpegOf(shots.laneShot(ANNA, VARIATIONS[0]!)));
  writeFileSync(b, await jpegOf(shots.laneShot(ANNA, VARIATIONS[2]!)));
  writeFileSync(page, '<html>');
  const pair = await pool.run({ kind: 'face pair', a, b }, [], HOUR);
  expect(pair.comparison.outcome).toBe('same');
  await expect(pool.run({ kind: 'face pair', a, b: page }, [], HOUR)).rejects.toThrow(`${page}: is not a picture`);
  writeFileSync(b, await jpegOf(shots.farShot(ANNA)));
  expect(await pool.run({ kind: 'face pair', a, b }, [], HOUR)).toMatchObject({
    comparison: { outcome: 'not compared', why: 'too small' },
    detail: expect.stringMatching(/b\.jpg: the face is \d+ pixels wide: at least 64 are expected$/) as string,
  });
});

test('the picture of a lane is a JPEG of the whole frame, at most 1280 pixels long', async () => {
  const frame = await frameOf(shots.laneShot(ANNA, VARIATIONS[0]!, { width: 1600, height: 1200 }));
  const picture = await pool.run({ kind: 'lane picture', frame }, [frame.rgb.buffer], HOUR);
  expect(picture).toMatchObject({ what: 'lane', mediaType: 'image/jpeg' });
  const { width, height } = await loadPicture(picture.bytes);
  expect([width, height]).toEqual([1280, 960]);
});

test('the real chain leaves nothing either: templates, chips, crops and pixels are zero afterwards', async () => {
  const [detect, landmarks, embed] = (['face/detect', 'face/landmarks', 'face/embed'] as const).map((n) =>
    loadModel(n),
  );
  const chain: FaceChain = await openBuiltIn({ detect: detect!, landmarks: landmarks!, embed: embed! });
  const held: (Uint8Array | Float32Array)[] = [];
  let filled = 0;
  const watched = () => {
    const inner = openWorkspace();
    const note = <B extends Uint8Array | Float32Array>(buffer: B): B => {
      held.push(buffer);
      return inner.hold(buffer);
    };
    return {
      ...inner,
      bytes: (n: number) => note(new Uint8Array(n)),
      floats: (n: number) => note(new Float32Array(n)),
      hold: note,
      wipe() {
        filled = held.filter((b) => b.some((v) => v !== 0)).length;
        inner.wipe();
      },
    };
  };
  const frame = await frameOf(shots.laneShot(ANNA, VARIATIONS[0]!));
  const comparisons = await facesOf(chain, undefined, watched).compare(frame, [await cardPhoto(ANNA)]);
  expect(comparisons[0]!.outcome).toBe('same');
  expect(held.filter((b) => b instanceof Float32Array && b.length === 128)).toHaveLength(2);
  expect(filled).toBe(held.length);
  expect(held.every((b) => b.every((v) => v === 0))).toBe(true);
});

test('a thread loads what it is asked for; without face models it says so, and a comparison says "model off"', async () => {
  expect(pool.about()).toMatchObject({ models: [], faces: { threshold: 0.49 } });
  await expect(pool.run({ kind: 'plates', frame: await frameOf(shots.emptyShot()) }, [], HOUR)).rejects.toThrow(
    /started without the plate models/,
  );
  const plates = newPool({ plates: true });
  try {
    await untilFree(plates);
    expect((plates.about() as LoadedModels).faces).toBeUndefined();
    const frame = await frameOf(shots.emptyShot());
    const comparisons = await plates.run({ kind: 'compare', frame, references: [Uint8Array.of(1)] }, [], HOUR);
    expect(comparisons).toEqual([{ outcome: 'not compared', why: 'model off' }]);
    expect((await plates.run({ kind: 'plates', frame }, [], HOUR)).reads).toEqual([]);
    await expect(plates.run({ kind: 'portrait', picture: Uint8Array.of(1) }, [], HOUR)).rejects.toThrow(/face models/);
  } finally {
    await plates.close();
  }
});
