import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openClock } from '../clock/clock.ts';
import type { Delivery } from '../upstream/deliver.ts';
import { openDb } from '../store/db.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { openQueue } from '../store/outbox/queue.ts';
import { readings } from './readings.ts';
import { healthView, type Running } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'sitebox-report-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('an event that the command room refused for good is named in /health, with the reason', () => {
  const db = openDb(folder);
  const source = '/sites/demo/boxes/box-001';
  const limits = { rows: 100, bytes: 1e6 };
  const outbox = new OutboxWriter(db, { source, relays: ['room'], limits, now: Date.now, wake: () => undefined });
  const event = { type: 'io.sitebox.alarm.v1', subject: 'clock', time: Date.now(), data: {}, stream: 'a' } as const;
  const id = outbox.enqueue(event);
  const wanted = { now: Date.now(), liveFrom: 0, busyStreams: [], limit: 1, onlyLive: false };
  const queue = openQueue(db, 'room', source);
  queue.settle([{ seq: queue.due(wanted)[0]!.seq, kind: 'rejected', why: 'refused for good with 422' }]);

  const idle = {
    turns: 0,
    stored: 0,
    rejected: 1,
    failed: 0,
    error: undefined,
    window: 4,
    turnedAway: { rows: 0, why: undefined },
  };
  const delivery: Delivery = { run: () => Promise.resolve(), wake: () => undefined, state: () => idle };
  const running = {
    config: {
      site: 'demo',
      box: 'box-001',
      lanes: [{ id: 'lane-1', kind: 'road' }],
      storage: { folder },
      limits: { minFreeDiskBytes: 0 },
    },
    version: '0',
    startedAt: Date.now(),
    db,
    clock: openClock({ load: () => undefined, save: () => undefined }),
    lists: { state: () => ({ state: 'not in force', why: 'no list', detail: '' }), lastRefused: () => undefined },
    road: { lookups: () => ({}), counts: () => ({}) },
    raiser: { state: () => ({ waiting: 0, lost: 0, error: undefined }) },
    pool: { state: () => ({ ready: 1, threads: 1, restarts: 0 }), about: () => undefined },
    cameras: [],
    readers: [],
    gates: [],
    deliveries: new Map([['room', delivery]]),
    status: [{ problems: () => [{ key: 'part', what: 'it broke', todo: 'mend it' }], health: () => ({ part: 7 }) }],
  } as unknown as Running;
  const view = healthView(running);
  expect(view['upstream']).toMatchObject([
    { id: 'room', dead: 1, refused: [{ id, why: 'refused for good with 422' }] },
  ]);
  expect(view.problems.map((p) => p.key)).toEqual(expect.arrayContaining(['refused:room', 'part']));
  expect(view['part']).toBe(7);
  db.close();
});

test('what a camera pushed is counted by outcome; frames are counted, also those without change; no frozen picture is told of it', () => {
  const crossChecks = { agreed: 4, disagreed: 1, 'not read': 2 };
  const pushes = { plates: 7, impossible: 3, crossChecks, clockOffsetMs: -28_800_000 };
  const frames = { received: 9, taken: 8, dropped: 1, unchanged: 5, analysed: 3, failed: 0 };
  const camera = { lane: 'lane-1', losses: 0, freshness: { changedAt: () => 1_000 } };
  // A part with figures of its own.
  const single = { name: 'part', help: '', type: 'gauge', labels: [], read: () => [] };
  const running = {
    clock: { now: () => 3_000 },
    gates: [],
    status: [{ problems: () => [], readings: () => [single], health: () => ({}) }],
    road: { counts: () => frames, pushes: () => pushes },
    cameras: [
      { ...camera, id: 'stream', pushes: false },
      { ...camera, id: 'plates', pushes: true },
    ],
  } as unknown as Running;
  const all = readings(running);
  expect(all).toContain(single);
  const rows = (name: string) => all.find((r) => r.name === name)!.read();
  expect(rows('sitebox_frames_unchanged_total')).toContainEqual([['stream'], 5]);
  expect(rows('sitebox_stream_frame_age_seconds')).toEqual([[['stream'], 2]]);
  expect(rows('sitebox_pushed_reads_total')).toEqual([
    [['plates', 'plate'], 7],
    [['plates', 'impossible'], 3],
  ]);
  expect(rows('sitebox_cross_checks_total')).toEqual([
    [['plates', 'agreed'], 4],
    [['plates', 'disagreed'], 1],
    [['plates', 'not read'], 2],
  ]);
  expect(rows('sitebox_camera_clock_offset_seconds')).toEqual([[['plates'], -28_800]]);
});
