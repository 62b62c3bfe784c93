import { expect, test } from 'vitest';
import { camerasStatus, type Camera } from '../devices/cameras.ts';
import { roadStatus } from './status.ts';

const STARTED = 1_000;
const run = { part: '', up: true, error: undefined, failures: 0, losses: 0, pauseMs: 0, off: false };
const decoding = { state: 'full', why: 'key frames are 4 s apart', asleepS: 12.5, decodedS: 30 } as const;
const VIDEO = { keepAwake: () => undefined, decoding: () => decoding, packets: () => undefined as never };
const camera = (id: string, pushes: boolean): Camera => ({
  id,
  lane: 'lane-1',
  views: [],
  pushes,
  video: pushes ? undefined : VIDEO,
  run,
  stream: { seen: () => undefined, changedAt: () => 1_000 },
  still: { seen: () => undefined, stillSince: () => undefined },
  tampering: { seen: () => undefined, view: () => ({ state: 'learning' }) },
});

test('what a camera pushed is counted by outcome; frames are counted, also those without change; no frozen picture is told of it', () => {
  const crossChecks = { agreed: 4, disagreed: 1, 'not read': 2 };
  const pushes = {
    plates: 7,
    impossible: 3,
    crossChecks,
    clockOffsetMs: -28_800_000,
    refused: {},
    failing: 0,
    picturesRefused: 0,
    late: 0,
  };
  const frames = {
    received: 9,
    taken: 8,
    dropped: 1,
    unchanged: 5,
    analysed: 3,
    failed: 0,
    failing: 0,
    partly: 0,
    platesRead: 4,
    platesSighted: 1,
  };
  const cameras = [camera('stream', false), camera('plates', true)];
  const lookups = () => ({ 'no list': 0, 'no match': 0, possible: 0, exact: 0 });
  const status = camerasStatus({
    cameras,
    clock: { now: () => 3_000 },
    startedAt: STARTED,
    frames: () => frames,
    pushes: () => pushes,
  });
  const readings = [...status.readings!(), ...roadStatus({ lookups, pushes: () => pushes }, [cameras[1]!]).readings!()];
  const rows = (name: string) => readings.find((r) => r.name === name)!.read();
  expect(rows('sitebox_frames_unchanged_total')).toContainEqual([['stream'], 5]);
  expect(rows('sitebox_stream_frame_age_seconds')).toEqual([[['stream'], 2]]);
  expect(rows('sitebox_camera_asleep_seconds_total')).toEqual([[['stream'], 12.5]]);
  expect(rows('sitebox_camera_decoded_seconds_total')).toEqual([[['stream'], 30]]);
  expect(status.health!()).toMatchObject({
    cameras: [{ decoding: { state: 'full', why: 'key frames are 4 s apart' } }, { id: 'plates' }],
  });
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
