/** The cameras of the configuration while they run: which are up, whether their pictures move on, and what they say in /health and /metrics. */
import { isoOrNull } from '../contracts/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import type { CameraPart } from '../contracts/parts.ts';
import { labelled, type Problem, type Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { words } from '../contracts/words/words.ts';
import type { Supervisor } from '../supervise.ts';
import { openFrozenStreamDetector } from './frozen-stream.ts';
import { partOf } from './run.ts';
import { openStillPictureDetector } from './still-picture.ts';
import { openTamperingDetector } from './tampering.ts';

export type Camera = ReturnType<typeof openCamera>;

/** What a lane has done with the frames of one camera. */
export interface FrameCounts {
  readonly received: number;
  readonly taken: number;
  readonly dropped: number;
  /** Of the taken frames, those that showed nothing new and were not analysed. */
  readonly unchanged: number;
  readonly analysed: number;
  readonly failed: number;
  /** Those that failed since the last one that did not. */
  readonly failing: number;
  /** Of the analysed, those that were searched in part: where something had changed. */
  readonly partly: number;
  /** What resembled a plate and was read; and plates of vehicles that were surely read already, which were not read again. */
  readonly platesRead: number;
  readonly platesSighted: number;
}

export interface CamerasOptions {
  readonly cameras: readonly Camera[];
  readonly clock: Pick<Clock, 'now'>;
  readonly startedAt: Instant;
  readonly frames: (camera: Camera) => FrameCounts;
  /** What a camera that pushes has pushed, for /health. */
  readonly pushes: (camera: Camera) => object;
}

const CAMERA_SILENT_MS = 10_000;
/** Two heartbeats of the usual 60 s, and some. */
const PUSH_SILENT_MS = 150_000;
/** Who stands before the camera has to know of a pause this long. */
const LONG_PAUSE_MS = 60_000;

const DECODING_METRICS = [
  ['sitebox_camera_decoded_seconds_total', 'decodedS', 'Time in which every picture was decoded'],
  ['sitebox_camera_asleep_seconds_total', 'asleepS', 'Time in which key pictures alone were decoded'],
] as const;

const FRAME_METRICS = [
  ['sitebox_frames_received_total', 'received', 'Frames decoded'],
  ['sitebox_frames_dropped_total', 'dropped', 'Frames replaced by newer ones'],
  ['sitebox_frames_unchanged_total', 'unchanged', 'Frames without change'],
  ['sitebox_frames_analysed_total', 'analysed', 'Frames searched for plates'],
  ['sitebox_frames_failed_total', 'failed', 'Of the analysed, those that failed'],
  [
    'sitebox_frames_searched_partly_total',
    'partly',
    'Of the analysed, those searched only where something had changed',
  ],
  ['sitebox_plates_read_total', 'platesRead', 'Plates, and what resembles one, that were read in a frame'],
  ['sitebox_plates_sighted_total', 'platesSighted', 'Plates found in a frame and not read: of vehicles read surely'],
] as const;

/** `pushes`: it reads plates by itself, and shows no frames. */
export function openCamera({ id, lane, views, pushes, source }: CameraPart, supervisor: Supervisor) {
  const run = supervisor.state(partOf({ kind: 'camera', id }));
  return {
    id,
    lane,
    views,
    pushes,
    video: source.video,
    run,
    stream: openFrozenStreamDetector(),
    still: openStillPictureDetector(),
    tampering: openTamperingDetector(),
  };
}

export function camerasStatus({ cameras, clock, startedAt, frames, pushes }: CamerasOptions): Status {
  const perCamera = labelled('camera', () => cameras);
  return {
    problems: () => cameras.flatMap((camera) => cameraProblem(camera, clock.now(), startedAt)),
    readings: () => [
      ...FRAME_METRICS.map(([name, of, help]) => perCamera(name, 'counter', help, (c) => [c.id, frames(c)[of]])),
      ...DECODING_METRICS.map(([name, of, help]) =>
        labelled('camera', () => cameras.filter((c) => c.video))(name, 'counter', help, (c) => [
          c.id,
          c.video!.decoding()[of],
        ]),
      ),
      perCamera('sitebox_camera_losses_total', 'counter', 'Times the camera was lost', (c) => [c.id, c.run.losses]),
      labelled('camera', () => cameras.filter((c) => !c.pushes))(
        'sitebox_stream_frame_age_seconds',
        'gauge',
        'Age of the last changed frame',
        (c) => [c.id, (clock.now() - (c.stream.changedAt() ?? startedAt)) / 1000],
      ),
    ],
    health: () => ({
      cameras: cameras.map((c) => ({
        id: c.id,
        lane: c.lane,
        lastPicture: isoOrNull(c.stream.changedAt()),
        error: c.run.error ?? null,
        frames: frames(c),
        ...decodingOf(c),
        ...(c.pushes ? { pushes: pushes(c) } : {}),
      })),
    }),
  };
}

function decodingOf({ video }: Camera): object {
  if (!video) return {};
  const { state, why } = video.decoding();
  return { decoding: { state, why: why ?? null } };
}

function cameraProblem({ id, lane, pushes, run, stream, still }: Camera, now: Instant, startedAt: Instant): Problem[] {
  if (pushes) {
    // Where no vehicle comes by, such a camera has nothing to say but its heartbeat: once heard of, its silence is no alarm.
    if (run.up || (run.error === undefined && now - startedAt < PUSH_SILENT_MS)) return [];
    const cause = run.error ?? words('camera-not-heard');
    return [problem(`camera:${id}`, 'camera-pushed-nothing', { id, lane, cause })];
  }
  const changedAt = stream.changedAt();
  const ageMs = now - (changedAt ?? startedAt);
  if (ageMs < CAMERA_SILENT_MS) {
    const since = still.stillSince(now);
    const minutes = Math.floor((now - (since ?? now)) / 60_000);
    return since === undefined ? [] : [problem(`camera:${id}`, 'camera-still', { id, lane, minutes })];
  }
  const cause = run.error ?? words(changedAt === undefined ? 'camera-never-answered' : 'camera-frozen');
  const told = { id, lane, seconds: Math.round(ageMs / 1000), cause };
  if (run.error === undefined || run.pauseMs < LONG_PAUSE_MS) return [problem(`camera:${id}`, 'camera-silent', told)];
  return [problem(`camera:${id}`, 'camera-waits', { ...told, minutes: Math.round(run.pauseMs / 60_000) })];
}
