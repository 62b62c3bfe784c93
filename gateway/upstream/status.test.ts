import { expect, test } from 'vitest';
import { testDb } from '../store/db.fixtures.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { openQueue } from '../store/outbox/queue.ts';
import { deliveriesStatus } from './status.ts';

const IDLE = {
  turns: 0,
  stored: 0,
  rejected: 1,
  failed: 0,
  error: undefined,
  window: 4,
  turnedAway: { rows: 0, why: undefined },
};

test('an event that the command room refused for good is named in /health, with the reason', () => {
  const db = testDb();
  const source = '/sites/demo/boxes/box-001';
  const limits = { rows: 100, bytes: 1e6 };
  const outbox = new OutboxWriter(db, { source, relays: ['room'], limits, now: Date.now, wake: () => undefined });
  const event = { type: 'io.sitebox.alarm.v1', subject: 'clock', time: Date.now(), data: {}, stream: 'a' } as const;
  const id = outbox.enqueue(event);
  const wanted = { now: Date.now(), liveFrom: 0, busyStreams: [], limit: 1, onlyLive: false };
  const queue = openQueue(db, 'room', source);
  queue.settle([{ seq: queue.due(wanted)[0]!.seq, kind: 'rejected', why: 'refused for good with 422' }]);

  const delivery = { state: () => IDLE };
  const clock = { now: Date.now };
  const status = deliveriesStatus({
    deliveries: new Map([['room', delivery]]),
    db,
    clock,
    startedAt: Date.now(),
  });
  expect(status.health!()['upstream']).toMatchObject([
    { id: 'room', dead: 1, refused: [{ id, why: 'refused for good with 422' }] },
  ]);
  expect(status.problems!().map((p) => p.key)).toEqual(['refused:room']);
});

test('a command room that takes nothing for a minute is a problem; what waited while the box was off counts from its start', () => {
  const db = testDb();
  const now = Date.now();
  const limits = { rows: 100, bytes: 1e6 };
  const options = { source: '', relays: ['room'], limits, now: () => now - 61_000, wake: () => undefined };
  new OutboxWriter(db, options).enqueue({
    type: 'io.sitebox.alarm.v1',
    subject: 'clock',
    time: now - 61_000,
    data: {},
    stream: 'a',
  });
  const state = { ...IDLE, error: undefined };
  const problems = (startedAt: number) =>
    deliveriesStatus({
      deliveries: new Map([['room', { state: () => state }]]),
      db,
      clock: { now: () => now },
      startedAt,
    }).problems!().map((p) => p.key);
  expect(problems(now - 3_600_000)).toEqual(['upstream:room']);
  expect(problems(now - 2_000)).toEqual([]);
});
