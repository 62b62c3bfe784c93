import { expect, test } from 'vitest';
import { MAX_BAD_IN_A_ROW, openFailureStreaks, WINDOW_READS } from './failure-streaks.ts';
import { play, reading } from '../gate/gate-lane.fixtures.ts';
import { frame, playRoad, pushedRead, turn } from '../road/road.fixtures.ts';

const north = { id: 'north', lane: 'lane-1' };
const problems = (rows: ReturnType<typeof openFailureStreaks>) => rows.status.problems();

test('P2: ten in a row without a good one are an alarm with the first three reasons; a good one clears it', () => {
  const rows = openFailureStreaks();
  const reasons = ['login: a', 'login: a', 'form: b', 'type: c', 'path: d'];
  for (let i = 0; i < MAX_BAD_IN_A_ROW - 1; i++) rows.bad('reads', north, reasons[i % reasons.length]!);
  expect(problems(rows)).toEqual([]);
  rows.bad('reads', north, 'path: d');
  expect(problems(rows)).toMatchObject([
    {
      key: 'camera-reads:north',
      what: 'camera north (lane lane-1): none of its last 10 pushes could be used: login: a; form: b; type: c',
      todo: expect.stringContaining('nothing of this camera is looked up') as string,
    },
  ]);
  // Of each device and each kind by itself.
  rows.good('cross-checks', north);
  rows.good('reads', { id: 'south', lane: 'lane-1' });
  expect(problems(rows)).toHaveLength(1);
  rows.good('reads', north);
  expect(problems(rows)).toEqual([]);
  for (let i = 0; i < 5; i++) rows.bad('reads', north, 'form: b');
  rows.good('reads', north);
  for (let i = 0; i < 5; i++) rows.bad('reads', north, 'form: b');
  expect(problems(rows)).toEqual([]);
});

test('P2: a camera of whose last 50 reads more than half were of no use is an alarm, also with a good one now and then', () => {
  const { road, rows } = playRoad();
  const push = (text: string) => road.pushed('cam-1', pushedRead(text, { pictures: {} }), () => undefined);
  for (let i = 1; i <= 30; i++) push(i % 10 === 0 ? '粤B98K61' : `皖X9Z8Y${i}Q7`);
  expect(problems(rows)).toMatchObject([
    {
      key: 'camera-reads:cam-1',
      what: expect.stringMatching(
        /^camera cam-1 \(lane .*\): 27 of its last 30 pushes could not be used: what it gives as a plate is none: expected a plate [^皖]*$/,
      ) as string,
      todo: expect.stringContaining('most vehicles') as string,
    },
  ]);
  expect(JSON.stringify(problems(rows))).not.toMatch(/X9Z8Y|Q7/);
  // Ten in a row say more, under the same key.
  for (let i = 0; i < MAX_BAD_IN_A_ROW; i++) push('皖X9Z8Y1Q7');
  expect(problems(rows).map((p) => p.what)).toEqual([expect.stringContaining('none of its last 10 pushes')]);
  // 37 were bad; the window goes on until half of it is good.
  for (let good = 0; good < 10; good++) push('粤B98K61');
  expect(problems(rows).map((p) => p.what)).toEqual([expect.stringContaining('37 of its last 50 pushes')]);
  for (let good = 0; good < 10; good++) push('粤B98K61');
  expect(problems(rows)).not.toEqual([]);
  for (let good = 0; good < WINDOW_READS / 2; good++) push('粤B98K61');
  expect(problems(rows)).toEqual([]);
});

test('P2: half of the last 50 reads, and wrong logins, which are no reads, are no such alarm', () => {
  const rows = openFailureStreaks();
  for (let i = 0; i < WINDOW_READS; i++) {
    if (i % 2) rows.bad('reads', north, 'form: b');
    else rows.good('reads', north);
    rows.bad('logins', north, 'login: a');
  }
  expect(problems(rows)).toEqual([]);
});

test('P2: a camera whose reads are refused or impossible is an alarm that names no plate', () => {
  const { road, rows } = playRoad();
  const push = (text: string) => road.pushed('cam-1', pushedRead(text, { pictures: {} }), () => undefined);
  for (let i = 0; i < 8; i++) push(`皖X9Z8Y${i}Q7`);
  road.refused('cam-1', 'login', 'expected HTTP Digest');
  // These say nothing of the camera.
  for (let i = 0; i < 9; i++) road.refused('cam-1', i % 2 ? 'address' : 'busy', 'no matter');
  expect(problems(rows)).toEqual([]);
  road.refused('cam-1', 'form', 'expected XML');
  expect(problems(rows).map((p) => p.key)).toEqual(['camera-reads:cam-1']);
  expect(problems(rows)[0]!.what).toMatch(/is none: expected a plate .*; expected HTTP Digest; expected XML$/);
  expect(JSON.stringify(problems(rows))).not.toMatch(/X9Z8Y|Q7/);
  expect(road.pushes('cam-1')).toMatchObject({ impossible: 8, refused: { login: 1, form: 1, address: 4, busy: 5 } });
  push('粤B98K61');
  expect(problems(rows)).toEqual([]);
});

test('P2: wrong logins and nothing else are named so, not as reads that are refused, until another push is refused', () => {
  const { road, rows } = playRoad();
  for (let i = 0; i < MAX_BAD_IN_A_ROW; i++)
    road.refused('cam-1', i < 5 ? 'login' : 'login throttled', i < 5 ? 'expected HTTP Digest' : 'too many');
  const [alarm, ...others] = problems(rows);
  expect([alarm!.key, others]).toEqual(['camera-reads:cam-1', []]);
  expect(alarm!.what).toMatch(
    /^camera cam-1 \(lane .*\): its last 10 pushes came with a wrong login, or with none: expected HTTP Digest; too many$/,
  );
  expect(alarm!.todo).toMatch(/camera's login is wrong, or someone tries to log in/);
  expect(JSON.stringify(alarm)).not.toMatch(/could be used|looked up/);
  road.refused('cam-1', 'form', 'expected XML');
  expect(problems(rows).map((p) => p.what)).toEqual([
    expect.stringMatching(/none of its last 11 pushes could be used: expected HTTP Digest; too many; expected XML$/),
  ]);
  road.pushed('cam-1', pushedRead('粤B98K61', { pictures: {} }), () => undefined);
  expect(problems(rows)).toEqual([]);
});

test('P2: /health and the alarm count the same pushes and frames', async () => {
  const { road, rows, reading: jobs } = playRoad();
  const frames = async (from: number, answer: 'answer' | 'fail') => {
    for (let i = from; i < from + MAX_BAD_IN_A_ROW; i++) {
      road.frame(frame(i * 200));
      jobs[0]![answer]();
      await turn();
    }
  };
  road.refused('cam-1', 'address', 'somebody else');
  for (let i = 0; i < 6; i++) road.refused('cam-1', 'form', 'expected XML');
  for (let i = 0; i < 5; i++) road.pushed('cam-1', pushedRead('X9Z8Y7Q7'), () => undefined);
  expect(road.pushes('cam-1').failing).toBe(11);
  expect(road.counts('cam-1').failing).toBe(0);
  await frames(0, 'fail');
  expect([road.pushes('cam-1').failing, road.counts('cam-1').failing]).toEqual([11, MAX_BAD_IN_A_ROW]);
  expect(problems(rows).map((p) => p.what)).toEqual([
    expect.stringContaining('none of its last 11 pushes'),
    expect.stringContaining(`none of its last ${MAX_BAD_IN_A_ROW} pictures`),
  ]);
  await frames(100, 'answer');
  road.pushed('cam-1', pushedRead('粤B98K61', { pictures: {} }), () => undefined);
  expect([road.pushes('cam-1').failing, road.counts('cam-1').failing, problems(rows)]).toEqual([0, 0, []]);
  // Of the frames all that failed are still counted.
  expect(road.counts('cam-1').failed).toBe(MAX_BAD_IN_A_ROW);
});

test('P2: cross-checks that never agree, and frames that cannot be analysed, are alarms of their own', async () => {
  const { road, rows, pictureJobs, reading: jobs } = playRoad();
  for (let i = 0; i < MAX_BAD_IN_A_ROW; i++) {
    road.pushed('cam-1', pushedRead(`粤B1000${i}`, { crossCheck: true }), () => undefined);
    pictureJobs[0]!.answer();
    await turn();
  }
  expect(problems(rows).map((p) => p.key)).toEqual(['cross-check:cam-1']);
  for (let i = 0; i < MAX_BAD_IN_A_ROW; i++) {
    road.frame(frame(i * 200));
    jobs[0]!.fail();
    await turn();
  }
  expect(problems(rows).map((p) => p.key)).toEqual(['cross-check:cam-1', 'camera-frames:cam-1']);
  road.frame(frame(9_000));
  jobs[0]!.answer();
  await turn();
  expect(problems(rows).map((p) => p.key)).toEqual(['cross-check:cam-1']);
});

test('P2: a reader that reads no document is an alarm', async () => {
  const { gate, rows } = play();
  for (let i = 0; i < MAX_BAD_IN_A_ROW; i++) gate.observed('desk-1', { kind: 'unreadable', why: 'not read' });
  expect(problems(rows).map((p) => p.what)).toEqual([
    'reader desk-1 (lane gate-1): none of its last 10 documents could be read: the document was not read',
  ]);
  expect(problems(rows)[0]!.zh.what).toMatch(/未读到证件$/);
  gate.observed('desk-1', { kind: 'document', reading: reading() });
  expect(problems(rows)).toEqual([]);
  await gate.drain();
});
