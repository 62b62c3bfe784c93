import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alarmChanges, nextKnown, parseKnown } from './alarms.ts';
import { dropBallast, layBallast } from '../store/files/ballast.ts';
import { findProblems, type Snapshot } from './health.ts';

const T = Date.UTC(2026, 10, 21);
const WELL: Snapshot = {
  at: T,
  startedAt: T - 3_600_000,
  cameras: [{ id: 'cam-1', lane: 'lane-1', changedAt: T - 200, error: undefined }],
  lists: {
    'plate-list': {
      state: 'in force',
      ref: { type: 'plate-list', version: 1, sha256: 'a'.repeat(64) },
      expires: T + 1000,
      entries: 3,
    },
  },
  refused: undefined,
  relays: [{ id: 'room', rows: 0, bytes: 0, dead: 0, oldestMs: undefined, error: undefined }],
  readers: [{ id: 'desk-1', lane: 'gate-1', up: true, error: undefined }],
  equipment: [{ id: 'broker', up: true, error: undefined }],
  faces: undefined,
  inference: { ready: 2, threads: 2, plates: true },
  storage: { freeBytes: 2 ** 32, minFreeBytes: 2 ** 28, waitingHits: 0, lostHits: 0, error: undefined },
  clock: { highest: T, behindMs: 0 },
};
const keys = (change: Partial<Snapshot>) => findProblems({ ...WELL, ...change }).map((p) => p.key);

test('a box in order has no problems, and each fault is one problem that says what to do', () => {
  expect(findProblems(WELL)).toEqual([]);
  const camera = WELL.cameras[0]!;
  const relay = WELL.relays[0]!;
  expect(keys({ cameras: [{ ...camera, changedAt: T - 11_000 }] })).toEqual(['camera:cam-1']);
  expect(keys({ cameras: [{ ...camera, changedAt: undefined }] })).toEqual(['camera:cam-1']);
  expect(keys({ cameras: [{ ...camera, changedAt: undefined }], startedAt: T - 5_000 })).toEqual([]);
  expect(keys({ lists: { 'plate-list': { state: 'not in force', why: 'expired', detail: 'x' } } })).toEqual([
    'list:plate-list',
  ]);
  expect(keys({ refused: { at: T - 1, by: 'x', why: 'altered', detail: 'y' } })).toEqual(['list-refused']);
  expect(keys({ refused: { at: T - 3_600_001, by: 'x', why: 'altered', detail: 'y' } })).toEqual([]);
  expect(keys({ relays: [{ ...relay, rows: 3, oldestMs: T - 61_000 }] })).toEqual(['upstream:room']);
  expect(keys({ relays: [{ ...relay, rows: 3, oldestMs: T - 1_000 }] })).toEqual([]);
  const justStarted = { startedAt: T - 2_000, cameras: [] };
  expect(keys({ ...justStarted, relays: [{ ...relay, rows: 3, oldestMs: T - 3_600_000 }] })).toEqual([]);
  expect(keys({ relays: [{ ...relay, dead: 1 }] })).toEqual(['refused:room']);
  expect(keys({ inference: { ready: 0, threads: 2, plates: true } })).toEqual(['inference']);
  const reader = { ...WELL.readers[0]!, up: false };
  expect(keys({ readers: [{ ...reader, error: 'unplugged' }] })).toEqual(['reader:desk-1']);
  expect(keys({ readers: [reader] })).toEqual(['reader:desk-1']);
  expect(keys({ readers: [reader], startedAt: T - 5_000 })).toEqual([]);
  expect(keys({ faces: 'model face/embed is missing' })).toEqual(['faces']);
  expect(keys({ storage: { ...WELL.storage, freeBytes: 1000 } })).toEqual(['storage:space']);
  expect(keys({ storage: { ...WELL.storage, waitingHits: 2, lostHits: 1 } })).toEqual([
    'storage:refuses',
    'storage:lost',
  ]);
  expect(keys({ clock: { highest: T, behindMs: 10 * 365 * 86_400_000 } })).toEqual(['clock']);
  for (const p of findProblems({ ...WELL, inference: { ready: 0, threads: 2, plates: true } }))
    expect(p.todo).not.toBe('');
});

test('an alarm is raised once and cleared once, also when the box restarts in between', () => {
  const problems = findProblems({ ...WELL, inference: { ready: 0, threads: 2, plates: true } });
  const first = alarmChanges(new Map(), problems);
  expect(first.map((c) => `${c.key} ${c.state}`)).toEqual(['inference raised']);
  const kept = parseKnown(nextKnown(new Map(), first, problems));
  expect(alarmChanges(kept, problems)).toEqual([]);
  const last = alarmChanges(kept, []);
  expect(last.map((c) => `${c.key} ${c.state}`)).toEqual(['inference cleared']);
  expect(parseKnown(nextKnown(kept, last, [])).size).toBe(0);
  expect(parseKnown('not json').size).toBe(0);
});

test('the ballast is laid once and can be given up', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-ballast-'));
  expect(layBallast(folder)).toBe(true);
  expect(layBallast(folder)).toBe(true);
  expect(dropBallast(folder)).toBe(true);
  expect(dropBallast(folder)).toBe(false);
});

test('a camera that reads by itself is heard of or lost; its silence on an empty road is no alarm, its wrong clock is one', () => {
  const camera = { id: 'cam-2', lane: 'lane-1', changedAt: undefined, error: undefined };
  const problems = (pushes: { up: boolean; clockOffsetMs?: number }, more: Partial<Snapshot> = {}, error?: string) =>
    findProblems({
      ...{ ...WELL, ...more },
      cameras: [{ ...camera, error, pushes: { clockOffsetMs: undefined, ...pushes } }],
    });
  expect(problems({ up: true })).toEqual([]);
  expect(problems({ up: false }, { startedAt: T - 60_000 })).toEqual([]);
  expect(problems({ up: false })[0]!.what).toContain('has not been heard of since the start');
  expect(problems({ up: false }, { startedAt: T - 1_000 }, 'cannot listen on port 8450')).toMatchObject([
    { key: 'camera:cam-2', what: 'camera cam-2 (lane lane-1) has pushed nothing: cannot listen on port 8450' },
  ]);
  expect(problems({ up: true, clockOffsetMs: -59_000 })).toEqual([]);
  expect(problems({ up: true, clockOffsetMs: -8 * 3_600_000 })).toMatchObject([
    {
      key: 'camera-clock:cam-2',
      what: 'the clock of camera cam-2 (lane lane-1) is 8 h behind: its time zone is probably UTC',
    },
  ]);
});

test('a problem says the same in Chinese, its cause too, and so does the alarm that begins and ends', () => {
  const camera = { ...WELL.cameras[0]!, changedAt: T - 11_000 };
  const [silent] = findProblems({ ...WELL, cameras: [camera] });
  expect(silent).toEqual({
    ...{ key: 'camera:cam-1', code: 'camera-silent' },
    what: 'camera cam-1 (lane lane-1) has shown no new picture for 11 s: the picture does not change',
    todo: 'check its power, cable, address and password; the box keeps trying',
    zh: {
      what: '摄像机 cam-1（通道 lane-1）已有 11 秒没有新画面：画面不变',
      todo: '检查电源、连线、地址和密码；本机会一直重试',
    },
  });
  const [raised] = alarmChanges(new Map(), [silent!]);
  expect(raised!.data).toMatchObject({ code: 'camera-silent', zh: silent!.zh });
  // Of one that ended before a restart only the English words were kept.
  const [cleared] = alarmChanges(new Map([['camera:cam-1', silent!.what]]), []);
  expect(cleared!.data).toEqual({
    ...{ key: 'camera:cam-1', state: 'cleared', what: silent!.what },
    zh: { what: silent!.zh.what },
  });
});
