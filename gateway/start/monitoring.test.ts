/** Each fault of a box is one problem that says what to do, and one alarm. */
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { clockStatus } from '../clock/status.ts';
import type { ListState } from '../contracts/list.ts';
import type { Problem } from '../contracts/status.ts';
import { camerasStatus, type Camera } from '../devices/cameras.ts';
import { readersStatus } from '../devices/readers.ts';
import type { LoadedModels } from '../inference/jobs.ts';
import { inferenceStatus } from '../inference/status.ts';
import { listsStatus } from '../lists/in-force/status.ts';
import { alarmChanges, nextKnown, parseKnown } from '../monitor/alarms.ts';
import { storeStatus } from '../monitor/store-status.ts';
import { roadStatus } from '../road/status.ts';
import { dropBallast, layBallast } from '../store/files/ballast.ts';
import { testDb } from '../store/db.fixtures.ts';
import type { PartState } from '../supervise.ts';

const T = Date.UTC(2026, 10, 21);
const HOUR = 3_600_000;
const clock = { now: () => T };
const keys = (problems: readonly Problem[]): string[] => {
  for (const { todo } of problems) expect(todo).not.toBe('');
  return problems.map((p) => p.key);
};
const run = (state: Partial<PartState> = {}): PartState => ({
  part: '',
  up: true,
  error: undefined,
  failures: 0,
  losses: 0,
  pauseMs: 0,
  off: false,
  ...state,
});

const cameraProblems = (
  {
    changedAt,
    stillSince,
    pushes = false,
    ...state
  }: Partial<PartState> & {
    changedAt?: number;
    stillSince?: number;
    pushes?: boolean;
  },
  startedAt = T - HOUR,
): readonly Problem[] => {
  const camera: Camera = {
    id: 'cam-1',
    lane: 'lane-1',
    views: [],
    pushes,
    video: undefined,
    run: run(state),
    stream: { seen: () => undefined, changedAt: () => changedAt },
    still: { seen: () => undefined, stillSince: () => stillSince },
    tampering: { seen: () => undefined, view: () => ({ state: 'learning' }) },
  };
  const none = {
    received: 0,
    taken: 0,
    dropped: 0,
    unchanged: 0,
    analysed: 0,
    failed: 0,
    failing: 0,
    partly: 0,
    platesRead: 0,
    platesSighted: 0,
  };
  return camerasStatus({ cameras: [camera], clock, startedAt, frames: () => none, pushes: () => ({}) }).problems!();
};

test('a camera whose picture does not change', () => {
  expect(cameraProblems({ changedAt: T - 200 })).toEqual([]);
  expect(keys(cameraProblems({ changedAt: T - 11_000 }))).toEqual(['camera:cam-1']);
  expect(keys(cameraProblems({}))).toEqual(['camera:cam-1']);
  expect(cameraProblems({}, T - 5_000)).toEqual([]);
});

test('a camera that shows the same picture for minutes while its stream runs', () => {
  const [still] = cameraProblems({ changedAt: T - 200, stillSince: T - 12 * 60_000 });
  expect(still).toMatchObject({ key: 'camera:cam-1', code: 'camera-still' });
  expect(still!.what).toContain('the picture has not changed for 12 min though the stream runs');
  // One that is lost says that instead.
  const lost = cameraProblems({ changedAt: T - 11_000, stillSince: T - 12 * 60_000 });
  expect(lost.map((p) => p.code)).toEqual(['camera-silent']);
});

test('a camera that refuses the login says when it is tried again', () => {
  const [refused] = cameraProblems({ up: false, error: 'refused', pauseMs: 240_000 });
  expect(refused).toMatchObject({ key: 'camera:cam-1', code: 'camera-waits' });
  expect(refused!.what).toContain('refused. The box logs in again in 4 min');
  expect(cameraProblems({ up: false, error: 'lost', pauseMs: 2_000 })[0]).toMatchObject({ code: 'camera-silent' });
});

test('a camera that reads by itself is heard of or lost; its silence on an empty road is no alarm, its wrong clock is one', () => {
  const pushing = (up: boolean, startedAt: number, error?: string) =>
    cameraProblems({ pushes: true, up, error }, startedAt);
  expect(pushing(true, T - HOUR)).toEqual([]);
  expect(pushing(false, T - 60_000)).toEqual([]);
  expect(pushing(false, T - HOUR)[0]!.what).toContain('has not been heard of since the start');
  expect(pushing(false, T - 1_000, 'cannot listen on port 8450')).toMatchObject([
    { key: 'camera:cam-1', what: 'camera cam-1 (lane lane-1) has pushed nothing: cannot listen on port 8450' },
  ]);
  const clockProblems = (clockOffsetMs: number | undefined) => {
    const none = { plates: 0, impossible: 0, refused: {}, failing: 0, picturesRefused: 0, late: 0 };
    const crossChecks = { agreed: 0, disagreed: 0, 'not read': 0 };
    const road = {
      lookups: () => ({ 'no list': 0, 'no match': 0, possible: 0, exact: 0 }),
      pushes: () => ({ ...none, crossChecks, clockOffsetMs }),
    };
    return roadStatus(road, [{ id: 'cam-2', lane: 'lane-1' }]).problems!();
  };
  expect(clockProblems(undefined)).toEqual([]);
  expect(clockProblems(-59_000)).toEqual([]);
  expect(clockProblems(-8 * HOUR)).toMatchObject([
    {
      key: 'camera-clock:cam-2',
      what: 'the clock of camera cam-2 (lane lane-1) is 8 hours behind: its time zone is probably UTC',
    },
  ]);
});

test('a reader that does not answer', () => {
  const problems = (state: Partial<PartState>, startedAt = T - HOUR) =>
    readersStatus([{ id: 'desk-1', lane: 'gate-1', run: run(state) }], clock, startedAt).problems!();
  expect(problems({})).toEqual([]);
  expect(keys(problems({ up: false, error: 'unplugged' }))).toEqual(['reader:desk-1']);
  expect(keys(problems({ up: false }))).toEqual(['reader:desk-1']);
  expect(problems({ up: false }, T - 5_000)).toEqual([]);
});

type Lists = Parameters<typeof listsStatus>[0];

test('a list that is not in force, and one that was refused', () => {
  const problems = (state: ListState, refused?: ReturnType<Lists['lastRefused']>) => {
    const none = (): undefined => undefined;
    const quiet = { loading: () => false, pendingRoot: none, unstoredRoot: none, loadError: none };
    const lists: Lists = { ...quiet, state: () => state, lastRefused: () => refused };
    const times = { trusted: () => T, state: () => ({ highest: T, behindMs: 0 }) };
    return listsStatus(lists, ['plate-list'], times).problems!();
  };
  const expired = { state: 'not in force', why: 'expired', detail: 'x' } as const;
  expect(keys(problems(expired))).toEqual(['list:plate-list']);
  const ref = { type: 'plate-list', version: 1, sha256: 'y' } as const;
  const fine = { state: 'in force', ref, expires: T + HOUR, entries: 1 } as const;
  const refused = (at: number) => ({ at, by: 'x', why: 'altered', detail: 'y' }) as const;
  expect(problems(fine)).toEqual([]);
  expect(keys(problems(fine, refused(T - 1)))).toEqual(['list-refused']);
  expect(problems(fine, refused(T - HOUR - 1))).toEqual([]);
});

const inferenceProblems = (ready: number, faces?: LoadedModels['faces']): readonly Problem[] => {
  const recogniser = {
    state: () => ({ ready, threads: 2, busy: 0, done: 0, restarts: 0 }),
    loadedModels: () => ({ models: [], ...(faces ? { faces } : {}) }),
  };
  return inferenceStatus({ recogniser, readsPlates: true, clock, startedAt: T - HOUR }).problems!();
};

test('threads that are not ready, faces that cannot be compared', () => {
  expect(inferenceProblems(2)).toEqual([]);
  expect(keys(inferenceProblems(0))).toEqual(['inference']);
  expect(keys(inferenceProblems(2, { problem: 'model face/embed is missing' }))).toEqual(['faces']);
});

test('hits that wait, hits that were lost, a disk that fills', () => {
  const folder = newFolder();
  const db = testDb(folder);
  const problems = (minFreeBytes: number, waiting = 0, lost = 0) => {
    const hits = { state: () => ({ waiting, lost, error: undefined }) };
    return storeStatus({ db, folder, minFreeBytes, hits, exposures: () => [] }).problems!();
  };
  expect(problems(0)).toEqual([]);
  expect(keys(problems(Infinity))).toEqual(['storage:space']);
  expect(keys(problems(0, 2, 1))).toEqual(['storage:refuses', 'storage:lost']);
});

test('a clock that stands behind a time that was seen', () => {
  const behind = (behindMs: number) => {
    const late = { state: () => ({ highest: T, behindMs }), jump: () => undefined, now: () => T };
    return clockStatus(late, []).problems!();
  };
  expect(behind(0)).toEqual([]);
  expect(keys(behind(10 * 365 * 86_400_000))).toEqual(['clock']);
});

test('a problem says the same in Chinese, its cause too, and so does the alarm that begins and ends', () => {
  const [silent] = cameraProblems({ changedAt: T - 11_000 });
  expect(silent).toEqual({
    key: 'camera:cam-1',
    code: 'camera-silent',
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
    key: 'camera:cam-1',
    state: 'cleared',
    what: silent!.what,
    zh: { what: silent!.zh.what },
  });
});

test('an alarm is raised once and cleared once, also when the box restarts in between', () => {
  const problems = inferenceProblems(0);
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
  const folder = newFolder();
  expect(layBallast(folder)).toBe(true);
  expect(layBallast(folder)).toBe(true);
  expect(dropBallast(folder)).toBe(true);
  expect(dropBallast(folder)).toBe(false);
});

function newFolder(): string {
  const folder = tempFolder();
  return folder;
}
