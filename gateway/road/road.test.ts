import { describe, expect, test } from 'vitest';
import type { Hit } from '../contracts/hit.ts';
import type { ListState } from '../contracts/list.ts';
import { LONGEST_SKIP_MS } from './motion-gate.ts';
import { frame, IN_FORCE, PICTURE, playRoad, pushedRead, read, turn } from './road.fixtures.ts';

test('a listed vehicle is raised once, with its pictures; one that is not listed is only counted', async () => {
  const { road, raised, counted, pass } = playRoad();
  await pass('cam-1', 0, '皖A12345');
  expect(raised.map((r) => [r.hit.listed, r.hit.certainty, r.evidence])).toEqual([['皖A12345', 'exact', [PICTURE]]]);
  await pass('cam-1', 100_000, '粤B98K61');
  expect(raised).toHaveLength(1);
  expect(counted.map((p) => p.best.text)).toEqual(['皖A12345', '粤B98K61']);
  expect(road.lookups()).toEqual({ 'no list': 0, 'no match': 1, possible: 0, exact: 1 });
});

test('two frames are read side by side and taken in the order in which they came', async () => {
  const { road, reading, counted } = playRoad();
  road.frame(frame(0));
  road.frame(frame(200));
  road.frame(frame(400));
  expect(reading.map((j) => j.frame.at)).toEqual([0, 200]);
  reading[1]!.answer(read('皖A12345'));
  await turn();
  expect(road.counts('cam-1')).toMatchObject({ received: 3, taken: 2, analysed: 0 });
  reading[0]!.answer(read('皖A12345'));
  await turn();
  reading[0]!.answer(read('皖A12345'));
  await turn();
  road.lost('cam-1');
  expect(counted).toMatchObject([{ first: 0, last: 400, votes: 3 }]);
  expect(road.counts('cam-1')).toEqual({
    received: 3,
    taken: 3,
    dropped: 0,
    unchanged: 0,
    analysed: 3,
    failed: 0,
    failing: 0,
    partly: 0,
    platesRead: 3,
    platesSighted: 0,
  });
});

test('a frame that fails is counted, and neither stops nor disorders the ones behind it', async () => {
  const { road, reading } = playRoad();
  road.frame(frame(0));
  road.frame(frame(200));
  reading[1]!.answer(read('皖A12345'));
  reading[0]!.fail();
  await turn();
  expect(road.counts('cam-1')).toMatchObject({ analysed: 2, failed: 1 });
});

test('W3: a look-up that fails is one failed look-up; the vehicle is looked up with the next frame, and the camera goes on', async () => {
  let broken = false;
  const list = (): ListState => {
    if (broken) throw new Error('planted');
    return IN_FORCE;
  };
  const { road, raised, counted, see, pass } = playRoad({ list });
  broken = true;
  for (let i = 0; i < 3; i++) await see(i * 200, [read('皖A12345')]);
  expect(raised).toHaveLength(0);
  expect(road.counts('cam-1').failing).toBeGreaterThan(0);
  broken = false;
  for (let i = 3; i < 5; i++) await see(i * 200, [read('皖A12345')]);
  expect(raised.map((r) => r.hit.listed)).toEqual(['皖A12345']);
  await pass('cam-1', 100_000, '粤B98K61');
  expect(counted.map((p) => p.best.text)).toContain('粤B98K61');
  expect(road.counts('cam-1')).toMatchObject({ analysed: 9, failing: 0 });
});

test('a car that stands there when another list comes into force is looked up again', async () => {
  const { road, raised, listed, see } = playRoad();
  for (let i = 0; i < 5; i++) await see(i * 200, [read('京B67890')]);
  expect(raised).toHaveLength(0);
  listed.add('京B67890');
  for (let i = 5; i < 10; i++) await see(i * 200, [read('京B67890')]);
  expect(raised, 'its read was looked up already').toHaveLength(0);
  road.listChanged();
  for (let i = 10; i < 12; i++) await see(i * 200, [read('京B67890')]);
  expect(raised.map((r) => r.hit.listed)).toEqual(['京B67890']);
});

test('without a list in force nothing is compared, and the outcome says so', async () => {
  const { road, raised, pass } = playRoad({ list: () => ({ state: 'not in force', why: 'expired', detail: 'x' }) });
  await pass('cam-1', 0, '皖A12345');
  expect(raised).toHaveLength(0);
  expect(road.lookups()).toMatchObject({ 'no list': 1, exact: 0 });
});

test('a hit whose pictures cannot be cut goes out without them, and so do those that wait when the box stops', async () => {
  const failing = playRoad({ recogniser: { evidence: () => Promise.reject(new Error('thread died')) } });
  await failing.pass('cam-1', 0, '皖A12345');
  expect(failing.raised.map((r) => r.evidence)).toEqual([[]]);
  let free = true;
  const stopping = playRoad({ recogniser: { free: () => free } });
  await stopping.see(0, [read('皖A12345', { band: 'check', probability: 0.7 })]);
  free = false;
  stopping.road.lost('cam-1');
  await turn();
  expect(stopping.raised).toEqual([]);
  await stopping.road.drain();
  expect(stopping.raised.map((r) => r.evidence)).toEqual([[]]);
});

describe('frames without change', () => {
  test('are not analysed; a vehicle that stands in them stays one passage, and nothing votes twice', async () => {
    const { road, reading, counted, see } = playRoad();
    await see(0, [read('皖A12345')]);
    await see(200, [read('皖A12345')]);
    const standing = (at: number) => road.frame(frame(at, { grey: 250 }));
    standing(400);
    reading[0]!.answer(read('皖A12345'));
    await turn();
    for (let at = 600; at < 400 + LONGEST_SKIP_MS; at += 200) standing(at);
    await turn();
    expect(road.counts('cam-1')).toMatchObject({ unchanged: 9, analysed: 3, dropped: 0 });
    // It was there all the time: one frame in which its plate cannot be read is no reason to close its track.
    standing(400 + LONGEST_SKIP_MS);
    reading[0]!.answer();
    await turn();
    expect(counted).toEqual([]);
    road.lost('cam-1');
    await turn();
    expect(counted).toMatchObject([{ first: 0, last: 200 + LONGEST_SKIP_MS, votes: 3 }]);
  });

  test('are analysed while a vehicle in them still has to be read surely', async () => {
    const { road, reading, raised } = playRoad();
    const doubtful = read('皖A12345', { band: 'check', probability: 0.8 });
    for (let at = 0; at <= 200; at += 200) {
      road.frame(frame(at, { grey: 77 }));
      expect(reading, `at ${at}`).toHaveLength(1);
      reading[0]!.answer(at === 0 ? doubtful : read('皖A12345'));
      await turn();
    }
    road.frame(frame(400, { grey: 77 }));
    expect([reading.length, raised.length], 'it is sure and looked up by now').toEqual([0, 1]);
  });

  test('that follow one which could not be analysed are analysed', async () => {
    const { road, reading } = playRoad();
    road.frame(frame(0, { grey: 77 }));
    reading[0]!.fail();
    await turn();
    road.frame(frame(200, { grey: 77 }));
    expect(reading).toHaveLength(1);
  });
});

describe('two cameras of one lane', () => {
  const play = () => playRoad({}, ['cam-1', 'cam-2', 'cam-3']);
  const hitsOf = (raised: readonly { hit: Hit }[]) =>
    raised.map(({ hit }) => [hit.sightings, hit.id === raised[0]!.hit.id]);

  test('make one passage and one hit of a vehicle; coming back later it is another', async () => {
    const { road, raised, counted, pass } = play();
    await pass('cam-1', 0, '皖A12345');
    await pass('cam-2', 15_000, '皖A12345');
    expect(hitsOf(raised)).toEqual([[1, true]]);
    expect(counted).toHaveLength(1);
    expect(road.lookups()).toMatchObject({ exact: 1 });
    await pass('cam-1', 100_000, '皖A12345');
    expect(hitsOf(raised)).toEqual([
      [1, true],
      [1, false],
    ]);
    expect(counted).toHaveLength(2);
  });

  test('a better read updates the hit, a poorer one does not', async () => {
    const { raised, counted, pass } = play();
    await pass('cam-1', 0, '皖A12345', { band: 'check', probability: 0.7 });
    await pass('cam-2', 5_000, '皖A12345');
    await pass('cam-3', 8_000, '皖A12345', { band: 'check', probability: 0.8 });
    expect(hitsOf(raised)).toEqual([
      [1, true],
      [0, true],
    ]);
    expect(raised.map((r) => r.hit.certainty)).toEqual(['possible', 'exact']);
    expect(counted).toHaveLength(1);
  });

  test('a vehicle that one reads wrongly, and not surely, is one passage and is not looked up as another', async () => {
    const { raised, counted, listed, pass } = play();
    listed.add('皖A12346');
    await pass('cam-1', 0, '皖A12345');
    await pass('cam-2', 5_000, '皖A12346', { band: 'check', probability: 0.7 });
    expect(raised.map((r) => r.hit.listed)).toEqual(['皖A12345']);
    expect(counted.map((p) => p.best.text)).toEqual(['皖A12345']);
  });

  test('two vehicles one character apart, both read surely, are two passages', async () => {
    const { raised, counted, listed, pass } = play();
    listed.add('皖A12346');
    await pass('cam-1', 0, '皖A12345');
    await pass('cam-1', 3_000, '皖A12346');
    await pass('cam-2', 5_000, '皖A12345');
    await pass('cam-2', 8_000, '皖A12346');
    expect(counted.map((p) => p.best.text)).toEqual(['皖A12345', '皖A12346']);
    expect(raised.map((r) => [r.hit.listed, r.hit.sightings])).toEqual([
      ['皖A12345', 1],
      ['皖A12346', 1],
    ]);
  });

  test('updates of a hit reach the store after the hit, however long its pictures take', async () => {
    const slow = Promise.withResolvers<never>();
    let cut = 0;
    const { raised, pass } = playRoad(
      { recogniser: { evidence: () => (cut++ === 0 ? slow.promise : Promise.resolve([PICTURE])) } },
      ['cam-1', 'cam-2'],
    );
    await pass('cam-1', 0, '皖A12345', { band: 'check', probability: 0.7 });
    await pass('cam-2', 5_000, '皖A12345');
    expect(raised).toEqual([]);
    slow.reject(new Error('deadline'));
    await turn();
    expect(raised.map((r) => [r.hit.sightings, r.evidence.length])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test('a stream and a camera that pushes see one vehicle', async () => {
    const { road, raised, counted, pass, pictureJobs } = play();
    await pass('cam-1', 1e12 - 5_000, '皖A12345');
    let settled = false;
    road.pushed('cam-2', pushedRead('皖A12345', { confidence: 0.9 }), () => (settled = true));
    expect([settled, pictureJobs.length]).toEqual([true, 0]);
    expect([raised.length, counted.length]).toEqual([1, 1]);
  });
});
