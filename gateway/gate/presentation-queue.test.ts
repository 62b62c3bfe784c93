import { afterEach, expect, test, vi } from 'vitest';
import type { DocumentLookUp } from '../lists/in-force/active-lists.ts';
import { different, ENTRY, frame, IN_FORCE, play, reading, T0 } from './gate-lane.fixtures.ts';
import { MAX_WAITING, MIN_PRESENTED_MS, PresentationQueue, type QueueTurn } from './presentation-queue.ts';

afterEach(() => vi.useRealTimers());

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Names of those whose turn it was, in order; the turn under way is ended by `end`. */
function watch() {
  const queue = new PresentationQueue();
  const served: string[] = [];
  let current: QueueTurn | undefined;
  const put = (name: string, at: number, reader = 'desk-1') =>
    void queue.take(reader, at).then((turn) => {
      if (!turn) return;
      served.push(turn.late ? `${name} late` : name);
      current = turn;
    });
  const end = async (): Promise<void> => {
    await settled();
    current?.done();
    current = undefined;
    await settled();
  };
  return { queue, served, put, end };
}

test('W10: the newest document is behind one other, and what came too fast to be laid has no turn', async () => {
  const { queue, served, put, end } = watch();
  for (let i = 0; i < 10_000; i++) put(`D${i}`, i / 5);
  await end();
  await end();
  await end();
  expect(served).toEqual(['D0', 'D9999']);
  expect(queue.dropped().get('desk-1')?.count).toBe(9_998);
  put('next', 5_000);
  await end();
  expect(served.at(-1)).toBe('next');
});

test('W10: what was really presented has its turn, however slow the box is, and a flood of the same reader takes nothing from it', async () => {
  const { queue, served, put, end } = watch();
  for (const [i, name] of ['A', 'B', 'C', 'D'].entries()) put(name, i * MIN_PRESENTED_MS);
  for (let i = 0; i < 1_000; i++) put(`flood ${i}`, 4 * MIN_PRESENTED_MS + i / 10);
  for (let i = 0; i < 6; i++) await end();
  expect(served).toEqual(['A', 'flood 999', 'D late', 'C late', 'B late']);
  expect(queue.dropped().get('desk-1')?.count).toBe(999);
});

test('W10: so many wait at most, the oldest gives way', async () => {
  const { queue, served, put, end } = watch();
  for (let i = 0; i < MAX_WAITING + 4; i++) put(`D${i}`, i * 1_000);
  for (let i = 0; i < MAX_WAITING + 4; i++) await end();
  expect(served).toHaveLength(MAX_WAITING + 2);
  expect(served).not.toContain('D1 late');
  expect(queue.dropped().get('desk-1')?.count).toBe(2);
});

test('W10: a reader that is out of order does not keep the other one of its lane waiting', async () => {
  const { served, put, end } = watch();
  for (let i = 0; i < 100; i++) put(`flood ${i}`, i);
  put('visitor', 100, 'desk-2');
  for (let i = 100; i < 200; i++) put(`flood ${i}`, i);
  for (let i = 0; i < 4; i++) await end();
  expect(served).toEqual(['flood 0', 'flood 199', 'visitor']);
});

test('W10: a lane wipes what it drops, looks up the newest, and raises a hit of a document that was presented before', async () => {
  const lookUps: { number: string; answer: (found: DocumentLookUp) => void }[] = [];
  const { gate, raised, view } = play([], {
    camera: undefined,
    lookUp: (number) =>
      new Promise((answer) => void lookUps.push({ number: Buffer.from(number).toString('latin1'), answer })),
  });
  const numbered = (n: number, at: number) => reading({ at, number: Buffer.from(`E${100_000 + n}`), type: 'passport' });
  const clear = { list: IN_FORCE, match: undefined };
  const all = [
    ...[0, 1, 2].map((n) => numbered(n, n * 1_000)),
    ...Array.from({ length: 500 }, (_, n) => numbered(n + 3, 3_000 + n / 10)),
  ];
  for (const one of all) gate.observed('desk-1', { kind: 'document', reading: one });
  await settled();
  expect(lookUps.map((l) => l.number)).toEqual(['E100000']);
  const wiped = all.slice(3, -1).every(({ number, photo }) => [...number, ...photo!].every((byte) => byte === 0));
  expect(wiped).toBe(true);
  lookUps[0]!.answer(clear);
  await settled();
  lookUps[1]!.answer(clear);
  await settled();
  expect(view().last?.lastFour).toBe('0502');
  // Presented before the flood, and clear: what lies there keeps the display.
  lookUps[2]!.answer(clear);
  await settled();
  expect(view().last?.lastFour).toBe('0502');
  lookUps[3]!.answer({ list: IN_FORCE, match: { entry: ENTRY, certainty: 'exact' } });
  await settled();
  expect(lookUps.map((l) => l.number)).toEqual(['E100000', 'E100502', 'E100002', 'E100001']);
  expect(view().last).toMatchObject({ outcome: 'listed', lastFour: '0001' });
  expect(raised.map((r) => r.hit.entry)).toEqual(['D-1']);
  await gate.drain();
});

/** Two documents of a lane that compares faces, the first presented before the second and looked up after it. */
async function twoVisitors() {
  vi.useFakeTimers({ now: T0 });
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const answers: { resolve: (found: DocumentLookUp) => void; reject: (error: Error) => void }[] = [];
  const played = play([different], {
    lookUp: () => new Promise((resolve, reject) => void answers.push({ resolve, reject })),
  });
  const present = async (number: string): Promise<void> => {
    played.gate.observed('desk-1', { kind: 'document', reading: reading({ number: Buffer.from(number) }) });
    await pass(MIN_PRESENTED_MS);
  };
  // The digest of the first takes long enough for two more to wait.
  for (const number of ['E100000', 'E100001', 'E100002']) await present(number);
  const clear = { list: IN_FORCE, match: undefined };
  const found: DocumentLookUp = { list: IN_FORCE, match: { entry: ENTRY, certainty: 'exact' } };
  const answer = async (n: number, as: DocumentLookUp): Promise<void> => {
    answers[n]!.resolve(as);
    await pass();
  };
  await answer(0, clear);
  return { ...played, answers, answer, clear, found, pass };
}

test('W10: the comparison of the visitor who stands there says nothing on the screen of a listed one who stood there before', async () => {
  const { gate, view, answer, clear, found, pass, raised } = await twoVisitors();
  await answer(1, clear);
  expect(view().last).toMatchObject({ outcome: 'clear', lastFour: '0002' });
  gate.frame(frame());
  await pass();
  await answer(2, found);
  const listed = { outcome: 'listed', lastFour: '0001', reasons: [] };
  expect(view().last).toMatchObject(listed);
  // The comparison with the newer document ends now, and finds another face.
  await pass(5_000);
  expect(gate.counts.comparisons().get('different')).toBe(1);
  expect(view().last).toMatchObject(listed);
  expect(view().last).not.toHaveProperty('comparison');
  // The camera has shown the next visitor alone since: that is no picture of the listed one.
  expect(raised.map((r) => [r.hit.entry, r.evidence])).toEqual([['D-1', []]]);
  await gate.drain();
});

test('W10: a document whose look-up fails is not covered by the outcome of the one before', async () => {
  const { gate, view, answers, answer, clear, pass } = await twoVisitors();
  expect(view().last).toMatchObject({ outcome: 'clear', lastFour: '0000' });
  answers[1]!.reject(new Error('x'));
  await pass();
  expect(view().last).toMatchObject({ outcome: 'look at the document', reasons: ['not read'] });
  await answer(2, clear);
  await gate.drain();
});
