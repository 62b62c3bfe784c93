/** What is wrong with the box now, from one snapshot of its parts. Pure: thresholds and wording stand here and nowhere else. */
import type { Problem } from '../contracts/status.ts';
import { explainOffset } from '../devices/clock-offset.ts';
import type { Instant } from '../contracts/base.ts';
import type { ClockState } from '../contracts/hit.ts';
import type { ListState, ListType } from '../contracts/list.ts';
import { problem } from '../contracts/words/problem.ts';
import { words } from '../contracts/words/words.ts';
import { named } from '../contracts/words/names.ts';

export interface CameraState {
  readonly id: string;
  readonly lane: string;
  /** Last decoded picture that differed from the one before. */
  readonly changedAt: Instant | undefined;
  /** Why the last run ended, while the camera is away. */
  readonly error: string | undefined;
  /** Of a camera that reads by itself and shows no pictures: whether it has been heard of, and its clock less the box's. */
  readonly pushes?: { readonly up: boolean; readonly clockOffsetMs: number | undefined };
}

export interface ReaderState {
  readonly id: string;
  readonly lane: string;
  readonly up: boolean;
  readonly error: string | undefined;
}

export interface RelayState {
  readonly id: string;
  readonly rows: number;
  readonly bytes: number;
  readonly dead: number;
  readonly oldestMs: Instant | undefined;
  readonly error: string | undefined;
}

export interface Snapshot {
  readonly at: Instant;
  readonly startedAt: Instant;
  readonly cameras: readonly CameraState[];
  readonly readers: readonly ReaderState[];
  /** What speaks with the crew. */
  readonly equipment: readonly { readonly id: string; readonly up: boolean; readonly error: string | undefined }[];
  /** Why faces cannot be compared, where a lane is to compare them. */
  readonly faces: string | undefined;
  readonly lists: Readonly<Partial<Record<ListType, ListState>>>;
  /** The last list file that was refused at an import. */
  readonly refused:
    { readonly at: Instant; readonly by: string; readonly why: string; readonly detail: string } | undefined;
  readonly relays: readonly RelayState[];
  readonly inference: { readonly ready: number; readonly threads: number; readonly plates: boolean };
  readonly storage: {
    readonly freeBytes: number;
    readonly minFreeBytes: number;
    readonly waitingHits: number;
    readonly lostHits: number;
    readonly error: string | undefined;
  };
  readonly clock: ClockState;
}

export const CAMERA_SILENT_MS = 10_000;
export const RELAY_STUCK_MS = 60_000;
export const CLOCK_BEHIND_MS = 60_000;
const STARTING_MS = 15_000;
/** Two heartbeats of the usual 60 s, and some. */
const PUSH_SILENT_MS = 150_000;
/** A refused list stays an alarm for this long: it may be an attack, and somebody has to ask. */
export const REFUSED_SHOWN_MS = 3_600_000;

export function findProblems(s: Snapshot): Problem[] {
  return [
    ...s.cameras.flatMap((c) => cameraProblem(c, s)),
    ...s.readers.flatMap((r) => readerProblem(r, s)),
    ...s.equipment.flatMap(equipmentProblem),
    ...facesProblem(s),
    ...Object.entries(s.lists).flatMap(([type, state]) => listProblem(type as ListType, state)),
    ...refusedProblem(s),
    ...s.relays.flatMap((r) => relayProblems(r, s)),
    ...inferenceProblem(s),
    ...storageProblems(s),
    ...clockProblem(s.clock),
  ];
}

function cameraProblem(camera: CameraState, s: Snapshot): Problem[] {
  if (camera.pushes) return pushProblems(camera, camera.pushes, s);
  const since = camera.changedAt ?? s.startedAt;
  const ageMs = s.at - since;
  if (ageMs < CAMERA_SILENT_MS) return [];
  const { id, lane, changedAt, error } = camera;
  const cause = error ?? words(changedAt === undefined ? 'camera-never-answered' : 'camera-frozen');
  return [problem(`camera:${id}`, 'camera-silent', { id, lane, seconds: seconds(ageMs), cause })];
}

/** Where no vehicle comes by, such a camera has nothing to say but its heartbeat: its silence is no alarm once it has been heard of. */
function pushProblems(
  { id, lane, error }: CameraState,
  pushes: NonNullable<CameraState['pushes']>,
  s: Snapshot,
): Problem[] {
  const problems: Problem[] = [];
  if (!pushes.up && (error !== undefined || s.at - s.startedAt >= PUSH_SILENT_MS)) {
    const cause = error ?? words('camera-not-heard');
    problems.push(problem(`camera:${id}`, 'camera-pushed-nothing', { id, lane, cause }));
  }
  const off = explainOffset(pushes.clockOffsetMs);
  if (off)
    problems.push(problem(`camera-clock:${id}`, 'camera-clock-off', { id, lane, offset: off.what, hint: off.hint }));
  return problems;
}

/** A reader that was never there is given the time in which it can come up. */
function readerProblem(reader: ReaderState, s: Snapshot): Problem[] {
  if (reader.up || (reader.error === undefined && s.at - s.startedAt < STARTING_MS)) return [];
  const { id, lane, error } = reader;
  return [problem(`reader:${id}`, 'reader-silent', { id, lane, cause: error ?? words('reader-never-answered') })];
}

function equipmentProblem({ id, up, error }: Snapshot['equipment'][number]): Problem[] {
  if (up || error === undefined) return [];
  return [problem(`equipment:${id}`, 'equipment-down', { id, cause: error })];
}

function facesProblem({ faces }: Snapshot): Problem[] {
  if (faces === undefined) return [];
  return [problem('faces', 'faces-off', { cause: faces })];
}

const LIST_CODES = {
  loading: 'list-loading',
  'not loaded': 'list-not-loaded',
  lost: 'list-lost',
  'no list': 'list-missing',
  'no trust': 'list-no-trust',
  expired: 'list-expired',
  unsigned: 'list-unsigned',
  altered: 'list-altered',
  'wrong site': 'list-wrong-site',
  'rolled back': 'list-rolled-back',
  'too big': 'list-too-big',
  unreadable: 'list-unreadable',
} as const;

function listProblem(type: ListType, state: ListState): Problem[] {
  if (state.state === 'in force') return [];
  return [problem(`list:${type}`, LIST_CODES[state.why], { list: words(type), detail: state.detail })];
}

function refusedProblem({ refused, clock }: Snapshot): Problem[] {
  if (!refused || clock.highest - refused.at > REFUSED_SHOWN_MS) return [];
  const { by, detail } = refused;
  return [problem('list-refused', 'list-refused', { why: named('why', refused.why), by, detail })];
}

/** What waited while the box was off counts from its start: before that nobody tried to deliver it. */
function relayProblems(relay: RelayState, { at, startedAt }: Snapshot): Problem[] {
  const problems: Problem[] = [];
  const { id, rows, dead, error } = relay;
  const ageMs = relay.oldestMs === undefined ? 0 : at - Math.max(relay.oldestMs, startedAt);
  if (ageMs > RELAY_STUCK_MS) {
    const cause = because(error);
    problems.push(problem(`upstream:${id}`, 'upstream-stuck', { id, seconds: seconds(ageMs), rows, cause }));
  }
  if (dead > 0) problems.push(problem(`refused:${id}`, 'upstream-refused', { id, dead }));
  return problems;
}

function inferenceProblem(s: Snapshot): Problem[] {
  const { ready, threads, plates } = s.inference;
  if (ready === threads || s.at - s.startedAt < STARTING_MS) return [];
  const [none, slow] = plates
    ? (['no-plate-read', 'plates-read-slowly'] as const)
    : (['no-picture-analysed', 'pictures-analysed-slowly'] as const);
  return [problem('inference', ready === 0 ? none : slow, { ready, threads })];
}

function storageProblems(s: Snapshot): Problem[] {
  const { freeBytes, minFreeBytes, waitingHits, lostHits, error } = s.storage;
  const problems: Problem[] = [];
  if (waitingHits > 0) {
    problems.push(problem('storage:refuses', 'hits-waiting', { hits: waitingHits, cause: because(error) }));
  }
  if (lostHits > 0) problems.push(problem('storage:lost', 'hits-lost', { hits: lostHits }));
  if (freeBytes < minFreeBytes) {
    const [free, wanted] = [mebibytes(freeBytes), mebibytes(minFreeBytes)];
    problems.push(problem('storage:space', 'disk-space-low', { free, wanted }));
  }
  return problems;
}

function clockProblem(clock: ClockState): Problem[] {
  if (clock.behindMs <= CLOCK_BEHIND_MS) return [];
  return [problem('clock', 'clock-behind', { seconds: seconds(clock.behindMs) })];
}

const seconds = (ms: number): number => Math.round(ms / 1000);
const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
const because = (cause: string | undefined) => (cause ? words('because', { cause }) : '');
