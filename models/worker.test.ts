import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawScene } from './plate/drawn-plate.fixtures.ts';
import { SILENT_LOG } from '../gateway/contracts/base.ts';
import type { Frame } from '../gateway/contracts/picture.ts';
import type { LoadedModels, InferenceJob, ModelSelection, InferenceResults } from '../gateway/inference/jobs.ts';
import { openPool, type Pool, untilFree } from '../gateway/inference/pool.ts';

const TEXT = '苏B7K29M';
const HOUR = 3_600_000;
let pool: Pool<InferenceJob, InferenceResults>;
let picture: { width: number; height: number; rgb: Uint8Array<ArrayBuffer> };

beforeAll(async () => {
  picture = await drawScene(960, 540, [
    { text: TEXT, left: 400, top: 380, width: 150, ground: '#1b49b5', ink: '#fff' },
  ]);
  const workerUrl = new URL('./worker.ts', import.meta.url);
  const workerData: ModelSelection = { plates: true };
  pool = openPool({ threads: 1, workerUrl, workerData, log: SILENT_LOG, pauses: { firstMs: 10, maxMs: 20 } });
  await untilFree(pool);
});
afterAll(() => pool.close());

function newFrame(): Frame {
  return { source: 'camera-1', at: 1_700_000_000_000, ...picture, rgb: picture.rgb.slice() };
}

/** What was read, or why nothing was: no failure prints a frame. */
const readWithin = (limitMs: number, frame: Frame = newFrame()): Promise<string[] | string> =>
  pool.run({ kind: 'plates', frame }, [], limitMs).then(
    ({ reads }) => reads.map((r) => r.text),
    (error: Error) => error.message,
  );

test('a frame goes to the thread and comes back with its plates, for the evidence to be cut', async () => {
  const frame = newFrame();
  const found = await pool.run({ kind: 'plates', frame }, [frame.rgb.buffer], HOUR);
  expect(frame.rgb.byteLength).toBe(0);
  expect(found.reads.map((r) => r.text)).toEqual([TEXT]);
  const { rgb, ...rest } = found.frame;
  expect(rest).toEqual({ source: 'camera-1', at: 1_700_000_000_000, width: 960, height: 540 });
  expect(Buffer.from(rgb).equals(picture.rgb)).toBe(true);

  const { corners } = found.reads[0]!;
  const cut = await pool.run({ kind: 'evidence', frame: found.frame, corners }, [found.frame.rgb.buffer], HOUR);
  expect(cut.frame.rgb.byteLength).toBe(picture.rgb.byteLength);
  for (const [what, evidence] of [
    ['plate', cut.plate],
    ['vehicle', cut.vehicle],
  ] as const) {
    expect(evidence).toMatchObject({ what, mediaType: 'image/jpeg' });
    expect([...evidence.bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(evidence.sha256).toBe(createHash('sha256').update(evidence.bytes).digest('hex'));
  }
});

test('a region is kept to, and a frame of the wrong length fails without ending the thread', async () => {
  const elsewhere = [
    [0, 0],
    [300, 0],
    [300, 540],
    [0, 540],
  ] as const;
  const { reads } = await pool.run({ kind: 'plates', frame: newFrame(), regions: [elsewhere] }, [], HOUR);
  expect(reads).toEqual([]);
  const frame = { ...newFrame(), rgb: new Uint8Array(10) };
  expect(await readWithin(HOUR, frame)).toMatch(/10 bytes of RGB/);
  expect(pool.state()).toMatchObject({ ready: 1, restarts: 0 });
  expect((pool.about() as LoadedModels).models).toHaveLength(3);
});

test('threads ended in the middle of a model’s work leave the process sound', async () => {
  const begun = performance.now();
  expect(await readWithin(HOUR)).toEqual([TEXT]);
  const tookMs = performance.now() - begun;
  // At the beginning, where no job is done, and at two moments later on, where one that is quicker than the first may be.
  const outcomes: (string[] | string)[] = [];
  for (const share of [0, 0.3, 0.6]) {
    outcomes.push(await readWithin(Math.max(1, share * tookMs)));
    await untilFree(pool);
  }
  expect(outcomes[0]).toMatch(/not done within 1 ms/);
  const done = outcomes.filter((outcome) => !String(outcome).includes('not done within'));
  expect(done).toEqual(done.map(() => [TEXT]));
  expect(pool.state()).toMatchObject({ ready: 1, restarts: outcomes.length - done.length });
  expect(await readWithin(HOUR)).toEqual([TEXT]);
});
