/** Reads that cameras push, through the whole road lane. */
import { afterEach, expect, test, vi } from 'vitest';
import type { Id } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { ListState } from '../contracts/list.ts';
import { frame, IN_FORCE, PICTURE, playRoad, pushedRead, read, turn } from './road.fixtures.ts';

afterEach(() => vi.useRealTimers());

/** What the camera is told; undefined while it waits. */
function push(play: ReturnType<typeof playRoad>, ...[text, more]: Parameters<typeof pushedRead>) {
  const told: { answer?: string } = {};
  play.road.pushed('cam-1', pushedRead(text, more), (error) => {
    expect(told.answer, 'settled once').toBeUndefined();
    told.answer = error?.message ?? 'ok';
  });
  return told;
}

test('a read that matches nothing is counted, forgotten and answered at once, before anything could be written', () => {
  const play = playRoad();
  expect(push(play, ' 粤·B98K61').answer).toBe('ok');
  expect(play.counted.map((p) => [p.best.text, p.camera, p.direction])).toEqual([['粤B98K61', 'cam-1', 'approaching']]);
  expect([play.raised, play.pictureJobs, play.logged]).toEqual([[], [], []]);
  expect(play.road.pushes('cam-1')).toMatchObject({ plates: 1, impossible: 0 });
});

test('L8: a read that comes while the list is still being read is not answered as looked up, and comes again', () => {
  let list: ListState = { state: 'not in force', why: 'loading', detail: '' };
  const play = playRoad({ list: () => list });
  expect(push(play, '皖A12345').answer).toBe('the list is still being read');
  expect([play.counted, play.road.lookups()['no list'], play.road.pushes('cam-1').plates]).toEqual([[], 0, 0]);
  // Lost with a damaged store, it comes back with a repair.
  list = { state: 'not in force', why: 'lost', detail: '' };
  expect(push(play, '皖A12345').answer).toBe('the list cannot be read out of the damaged store');
  expect([play.counted, play.road.lookups()['no list'], play.road.pushes('cam-1').plates]).toEqual([[], 0, 0]);
  // Where there is none, nothing will come of waiting.
  list = { state: 'not in force', why: 'no list', detail: '' };
  expect(push(play, '皖A54321').answer).toBe('ok');
  list = IN_FORCE;
  push(play, '皖A12345');
  expect(play.pictureJobs).toHaveLength(1);
});

test.each(['粤B98K6', 'XXXXXXX', '皖I12345', '<script>', '皖A123456789', ''])(
  'an impossible plate is counted and answered, and its text is nowhere (%s)',
  (text) => {
    const play = playRoad();
    expect(push(play, text).answer).toBe('ok');
    expect([play.counted, play.raised, play.logged]).toEqual([[], [], []]);
    expect(play.road.pushes('cam-1')).toMatchObject({ plates: 0, impossible: 1 });
  },
);

test('a match is answered when its hit is on disk, with the pictures of the camera made anew', async () => {
  const disk = Promise.withResolvers<Id>();
  const raised: Hit[] = [];
  const play = playRoad({
    hits: {
      raise(hit, evidence) {
        raised.push(hit);
        expect(evidence).toEqual([PICTURE]);
        return disk.promise;
      },
    },
  });
  const told = push(play, '皖A12345');
  await turn();
  expect(raised).toEqual([]);
  expect(play.pictureJobs.map((j) => [j.job.read, j.job.evidenceOf, Object.keys(j.job.pictures)])).toEqual([
    [false, '皖A12345', ['plate', 'scene']],
  ]);
  play.pictureJobs[0]!.answer({ evidence: [PICTURE] });
  await turn();
  expect(raised).toMatchObject([
    { certainty: 'exact', models: [], read: { text: '皖A12345', by: 'camera', probability: 0.95, votes: 1 } },
  ]);
  expect(told.answer, 'not on disk yet').toBeUndefined();
  const again = push(play, '皖A12345');
  await turn();
  expect([again.answer, raised.length], 'a repeat waits for the same hit').toEqual([undefined, 1]);
  disk.resolve('H');
  await turn();
  expect([told.answer, again.answer, play.counted.length]).toEqual(['ok', 'ok', 1]);
});

test('a read without confidence, or with too little, is never more than possible', async () => {
  for (const [confidence, certainty] of [
    [0.8, 'exact'],
    [0.79, 'possible'],
    [undefined, 'possible'],
  ] as const) {
    const play = playRoad();
    const { confidence: _, ...rest } = pushedRead('皖A12345', { pictures: {} });
    play.road.pushed('cam-1', confidence === undefined ? rest : { ...rest, confidence }, () => undefined);
    await turn();
    expect(play.raised.map((r) => r.hit.certainty)).toEqual([certainty]);
  }
});

test('the push of a hit that is lost fails, and the next push of the vehicle raises it again', async () => {
  let room = false;
  const play = playRoad({
    hits: { raise: (hit) => (room ? Promise.resolve(hit.id) : Promise.reject(new Error('the buffer is full'))) },
  });
  const told = push(play, '皖A12345', { pictures: {} });
  await turn();
  expect(told.answer).toBe('the buffer is full');
  room = true;
  const again = push(play, '皖A12345', { pictures: {} });
  await turn();
  expect([again.answer, play.road.lookups().exact]).toEqual(['ok', 2]);
});

test('pictures that come too late do not hold up the hit', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const play = playRoad({ recogniser: { free: () => false } });
  const told = push(play, '皖A12345');
  vi.advanceTimersByTime(1_999);
  await turn();
  expect(play.raised).toEqual([]);
  vi.advanceTimersByTime(1);
  await turn();
  expect([play.raised.map((r) => r.evidence), told.answer]).toEqual([[[]], 'ok']);
});

test.each([
  ['agreed', '皖A12345', '皖A12345', 0.7, { certainty: 'exact', text: '皖A12345' }],
  ['disagreed', '皖A12345', '皖A12346', 0.95, { certainty: 'possible', text: '皖A12346' }],
  ['disagreed', '皖A12346', '皖A12345', 0.95, { certainty: 'possible', text: '皖A12345' }],
  ['not read', '皖A12345', undefined, 0.95, { certainty: 'exact', text: null }],
  // Alone in the scene, and still another vehicle's: it is kept with no hit.
  ['not read', '皖A12345', '粤B98K61', 0.95, { certainty: 'exact', text: null }],
] as const)('cross-check: %s (%s and %s)', async (outcome, camera, box, confidence, { certainty, text }) => {
  const play = playRoad();
  const told = push(play, camera, { confidence, crossCheck: true });
  expect(play.pictureJobs.map((j) => j.job)).toEqual([{ pictures: { scene: Uint8Array.of(2) }, read: true }]);
  play.pictureJobs[0]!.answer({ reads: box ? [read(box, { probability: 0.98 })] : [] });
  await turn();
  play.pictureJobs[0]!.answer({ evidence: [PICTURE] });
  await turn();
  expect(play.raised).toHaveLength(1);
  expect(play.raised[0]!.hit).toMatchObject({
    listed: '皖A12345',
    certainty,
    models: ['m'.repeat(64)],
    read: { text: camera, by: 'camera', probability: confidence },
    crossCheck: text ? { text, probability: 0.98 } : { text: null },
  });
  expect(told.answer).toBe('ok');
  expect(play.road.pushes('cam-1').crossChecks).toEqual({ agreed: 0, disagreed: 0, 'not read': 0, [outcome]: 1 });
});

test('of several plates in the scene the most similar one is compared, and no neighbour is kept with a hit', async () => {
  const play = playRoad();
  push(play, '皖A12345', { crossCheck: true, pictures: { scene: Uint8Array.of(2) } });
  push(play, '京B67890', { crossCheck: true });
  play.pictureJobs[0]!.answer({ reads: [read('粤B98K61'), read('皖A12345')] });
  play.pictureJobs[0]!.answer({ reads: [read('粤B98K61'), read('沪C10001')] });
  await turn();
  play.pictureJobs[0]!.answer();
  await turn();
  expect(play.raised.map((r) => (r.hit as { crossCheck?: object }).crossCheck)).toMatchObject([{ text: '皖A12345' }]);
  expect(play.road.pushes('cam-1').crossChecks).toEqual({ agreed: 1, disagreed: 0, 'not read': 1 });
  expect(JSON.stringify(play.raised)).not.toContain('粤B98K61');
});

test('without a free thread in time, and beyond four that wait, the camera’s read is looked up alone', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const play = playRoad({ recogniser: { free: () => false } });
  const told = [1, 2, 3, 4, 5].map((n) => push(play, `粤B98K6${n}`, { crossCheck: true }));
  await turn();
  expect(told.map((t) => t.answer)).toEqual([undefined, undefined, undefined, undefined, 'ok']);
  vi.advanceTimersByTime(2_000);
  await turn();
  expect(told.map((t) => t.answer)).toEqual(Array(5).fill('ok'));
  expect(play.road.pushes('cam-1').crossChecks).toEqual({ agreed: 0, disagreed: 0, 'not read': 5 });
});

test('pushed scenes and frames of other cameras take turns on the threads', async () => {
  const play = playRoad({}, ['cam-1', 'cam-2', 'cam-3']);
  const served: string[] = [];
  for (let i = 0; i < 12; i++) {
    for (const source of ['cam-2', 'cam-3']) play.road.frame(frame(i * 200, { source }));
    for (let n = 0; n < 3; n++) push(play, `粤B${10_000 + 10 * i + n}`, { crossCheck: true });
    const job = play.reading[0] ?? play.pictureJobs[0]!;
    served.push('frame' in job ? 'frame' : 'scene');
    job.answer();
    await turn();
    play.pictureJobs[0]?.answer();
    await turn();
  }
  expect(play.road.counts('cam-2').analysed + play.road.counts('cam-3').analysed).toBeGreaterThan(8);
  expect(play.road.pushes('cam-1').crossChecks['not read']).toBeGreaterThan(8);
});

test('a flood that matches nothing is answered read by read, and no picture of it is looked at', () => {
  const play = playRoad({ count: () => undefined });
  for (let i = 0; i < 2_000; i++) expect(push(play, `粤B${10_000 + i}`).answer).toBe('ok');
  expect(play.road.pushes('cam-1').plates).toBe(2_000);
  expect(play.pictureJobs).toEqual([]);
});

test('reads beyond what may wait for the store are refused, and the stop fails those that wait', async () => {
  const play = playRoad({ hits: { raise: () => new Promise(() => undefined) } });
  const told = Array.from({ length: 70 }, () => push(play, '皖A12345', { pictures: {} }));
  await turn();
  expect(told.filter((t) => t.answer === undefined)).toHaveLength(64);
  expect(told[69]!.answer).toBe('too many reads wait for the store');
  await play.road.drain();
  expect(told[0]!.answer).toBe('the box stops before the store has taken the hit');
  expect(push(play, '皖A12345').answer).toBe('the box stops');
});

test('a stop waits for a read under way', async () => {
  const play = playRoad();
  const told = push(play, '皖A12345', { crossCheck: true });
  const drained = play.road.drain();
  play.pictureJobs[0]!.answer({ reads: [read('皖A12345')] });
  await turn();
  play.pictureJobs[0]!.answer({ evidence: [PICTURE] });
  await drained;
  expect([told.answer, play.raised.map((r) => r.evidence)]).toEqual(['ok', [[PICTURE]]]);
});

test('a camera clock eight hours off is logged once, and changes no time of the box', async () => {
  const play = playRoad();
  const at = 1e12;
  for (let i = 0; i < 3; i++) push(play, '皖A12345', { at, capturedAt: at - 8 * 3_600_000 - 700, pictures: {} });
  await turn();
  expect(play.raised[0]!.hit).toMatchObject({ first: at, last: at });
  const { clockOffsetMs } = play.road.pushes('cam-1');
  expect(clockOffsetMs).toBe(-8 * 3_600_000 - 700);
  expect(play.logged.filter((l) => l.message.includes('clock')).map((l) => l.fields)).toEqual([
    { camera: 'cam-1', clock: '8 hours behind', hint: 'its time zone is probably UTC' },
  ]);
});

test('P3: a read that was sent late is looked up with the time of the camera and marked, and counted when it came', async () => {
  const play = playRoad();
  const at = 1e12;
  const capturedAt = at - 90 * 60_000;
  push(play, '粤B98K61', { at, capturedAt: at - 200, pictures: {} });
  const told = push(play, '皖A12345', { at, capturedAt, retransmitted: true, pictures: {} });
  await turn();
  expect(play.raised.map((r) => r.hit)).toMatchObject([
    { certainty: 'exact', first: capturedAt, last: capturedAt, late: true, receivedAt: at },
  ]);
  // The same vehicle now is another passage, and no late one.
  push(play, '皖A12345', { at, capturedAt: at - 300, pictures: {} });
  await turn();
  expect(play.raised[1]!.hit).toMatchObject({ first: at, last: at });
  expect(play.raised[1]!.hit).not.toHaveProperty('late');
  expect(told.answer).toBe('ok');
  expect(play.counted.map((p) => p.last)).toEqual([at, at, at]);
  expect(play.road.pushes('cam-1')).toMatchObject({ plates: 3, late: 1, clockOffsetMs: -200 });
});

test('P3: an hour of late reads pushes no present vehicle out of memory', () => {
  const play = playRoad();
  push(play, '粤B98K61', { pictures: {} });
  for (let i = 0; i < 500; i++) {
    const capturedAt = 1e12 - 3_600_000 + i * 5_000;
    push(play, `粤B${10_000 + i}`, { capturedAt, retransmitted: true, pictures: {} });
  }
  push(play, '粤B98K61', { pictures: {} });
  expect(play.counted.filter((p) => p.best.text === '粤B98K61')).toHaveLength(1);
  expect(play.counted).toHaveLength(501);
});

test('S6: a read with a picture that is refused is looked up, and its hit says which picture is missing and why', async () => {
  const play = playRoad();
  const refused = { scene: 'has too many pixels; at most 16 million are read' };
  const told = [push(play, '皖A12345', { crossCheck: true }), push(play, '粤B98K61', { crossCheck: true })];
  for (let i = 0; i < 3; i++) {
    play.pictureJobs[0]!.answer(i < 2 ? { refused } : { evidence: [PICTURE], refused });
    await turn();
  }
  expect(told.map((t) => t.answer)).toEqual(['ok', 'ok']);
  expect(play.raised).toMatchObject([
    { hit: { pictureMissing: `its scene picture ${refused.scene}` }, evidence: [PICTURE] },
  ]);
  expect(play.road.pushes('cam-1')).toMatchObject({ plates: 2, picturesRefused: 3, crossChecks: { 'not read': 2 } });
  expect(play.logged.filter((l) => l.message === 'a pushed picture is not used')).toHaveLength(1);
});
