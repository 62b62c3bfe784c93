import { expect, test } from 'vitest';
import type { DocumentLookUp } from '../lists/active.ts';
import { ENTRY, IN_FORCE, play, reading } from './gate.fixtures.ts';
import { MAX_LAID, MIN_LAID_MS, openTurns, type Turn } from './turns.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Names of those whose turn it was, in order; the turn under way is ended by `end`. */
function watch() {
  const turns = openTurns();
  const served: string[] = [];
  let current: Turn | undefined;
  const put = (name: string, at: number, reader = 'desk-1') =>
    void turns.take(reader, at).then((turn) => {
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
  return { turns, served, put, end };
}

test('W10: the newest document is behind one other, and what came too fast to be laid has no turn', async () => {
  const { turns, served, put, end } = watch();
  for (let i = 0; i < 10_000; i++) put(`D${i}`, i / 5);
  await end();
  await end();
  await end();
  expect(served).toEqual(['D0', 'D9999']);
  expect(turns.superseded().get('desk-1')?.documents).toBe(9_998);
  put('next', 5_000);
  await end();
  expect(served.at(-1)).toBe('next');
});

test('W10: what was really presented has its turn, however slow the box is, and a flood of the same reader takes nothing from it', async () => {
  const { turns, served, put, end } = watch();
  for (const [i, name] of ['A', 'B', 'C', 'D'].entries()) put(name, i * MIN_LAID_MS);
  for (let i = 0; i < 1_000; i++) put(`flood ${i}`, 4 * MIN_LAID_MS + i / 10);
  for (let i = 0; i < 6; i++) await end();
  expect(served).toEqual(['A', 'flood 999', 'D late', 'C late', 'B late']);
  expect(turns.superseded().get('desk-1')?.documents).toBe(999);
});

test('W10: so many wait at most, the oldest gives way', async () => {
  const { turns, served, put, end } = watch();
  for (let i = 0; i < MAX_LAID + 4; i++) put(`D${i}`, i * 1_000);
  for (let i = 0; i < MAX_LAID + 4; i++) await end();
  expect(served).toHaveLength(MAX_LAID + 2);
  expect(served).not.toContain('D1 late');
  expect(turns.superseded().get('desk-1')?.documents).toBe(2);
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
