/** What is wrong with the box now, from one snapshot of its parts. Pure: thresholds and wording stand here and nowhere else. */
import type { Problem } from '../contracts/status.ts';
import { explainOffset } from '../devices/clock-offset.ts';
import type { Instant } from '../contracts/base.ts';
import type { ClockState } from '../contracts/hit.ts';
import type { ListState, ListType } from '../contracts/list.ts';

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
    ...Object.entries(s.lists).flatMap(([type, state]) => listProblem(type, state)),
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
  const cause = camera.error ?? (camera.changedAt === undefined ? 'it never answered' : 'the picture does not change');
  return [
    {
      key: `camera:${camera.id}`,
      what: `camera ${camera.id} (lane ${camera.lane}) has shown no new picture for ${seconds(ageMs)}: ${cause}`,
      todo: 'check its power, cable, address and password; the box keeps trying by itself',
    },
  ];
}

/** Where no vehicle comes by, such a camera has nothing to say but its heartbeat: its silence is no alarm once it has been heard of. */
function pushProblems(
  { id, lane, error }: CameraState,
  pushes: NonNullable<CameraState['pushes']>,
  s: Snapshot,
): Problem[] {
  const problems: Problem[] = [];
  if (!pushes.up && (error !== undefined || s.at - s.startedAt >= PUSH_SILENT_MS)) {
    problems.push({
      key: `camera:${id}`,
      what: `camera ${id} (lane ${lane}) has pushed nothing: ${error ?? 'it has not been heard of since the start'}`,
      todo: 'check its power and cable, and the address, path and password that it pushes to',
    });
  }
  const off = explainOffset(pushes.clockOffsetMs);
  if (off) {
    const what = `the clock of camera ${id} (lane ${lane}) stands ${off.what}: ${off.hint}`;
    problems.push({ key: `camera-clock:${id}`, what, todo: "set it; hits carry the box's own time meanwhile" });
  }
  return problems;
}

/** A reader that was never there is given the time in which it can come up. */
function readerProblem(reader: ReaderState, s: Snapshot): Problem[] {
  if (reader.up || (reader.error === undefined && s.at - s.startedAt < STARTING_MS)) return [];
  const what = `reader ${reader.id} (lane ${reader.lane}) does not answer: ${reader.error ?? 'it said nothing yet'}`;
  return [
    {
      key: `reader:${reader.id}`,
      what,
      todo: 'check its cable, power and port; the box keeps trying by itself. Look at documents by eye meanwhile',
    },
  ];
}

function equipmentProblem({ id, up, error }: Snapshot['equipment'][number]): Problem[] {
  if (up || error === undefined) return [];
  const todo = 'the box keeps trying by itself; until then the crew is heard and told by radio only';
  return [{ key: `equipment:${id}`, what: `crew equipment ${id} does not work: ${error}`, todo }];
}

function facesProblem({ faces }: Snapshot): Problem[] {
  if (faces === undefined) return [];
  const todo = 'see npx sitebox models; documents are looked up all the same, compare the holders by eye';
  return [{ key: 'faces', what: `faces cannot be compared: ${faces}`, todo }];
}

const LIST_TODO = {
  loading:
    'wait: a list of 100,000 entries takes some seconds after a start; look at vehicles and documents by eye meanwhile',
  'not loaded': 'it is tried again every 30 s; see the log, and import the lists again if it does not pass',
  lost: 'repair the store or restore a backup, with the box stopped (see what is said of the store); until then look at vehicles and documents by eye',
  'no list': 'import one: npx sitebox list import FILE --config CONFIG',
  'no trust': 'install root.json as told in docs/lists.md',
  expired: 'ask the list office for the next version and import it; until then nothing matches',
  unsigned: 'ask the list office for a signed copy',
  altered: 'import the list again; if that does not help, report it as tampering',
  'wrong site': 'ask the list office for the list of this site',
  'rolled back': 'import the newest version of the list',
  'too big': 'ask the list office for a shorter list, or raise limits.listBytes and limits.listEntries',
  unreadable: 'import the list again',
} as const;

function listProblem(type: string, state: ListState): Problem[] {
  if (state.state === 'in force') return [];
  return [
    {
      key: `list:${type}`,
      what: `nothing matches: ${type}: ${state.why}: ${state.detail}`,
      todo: LIST_TODO[state.why],
    },
  ];
}

function refusedProblem({ refused, clock }: Snapshot): Problem[] {
  if (!refused || clock.highest - refused.at > REFUSED_SHOWN_MS) return [];
  const what = `a list was refused (${refused.why}), brought by ${refused.by}: ${refused.detail}`;
  return [
    { key: 'list-refused', what, todo: 'ask who brought it and where it comes from; the list in force stays in force' },
  ];
}

/** What waited while the box was off counts from its start: before that nobody tried to deliver it. */
function relayProblems(relay: RelayState, { at, startedAt }: Snapshot): Problem[] {
  const problems: Problem[] = [];
  const ageMs = relay.oldestMs === undefined ? 0 : at - Math.max(relay.oldestMs, startedAt);
  if (ageMs > RELAY_STUCK_MS) {
    problems.push({
      key: `upstream:${relay.id}`,
      what: `${relay.id} has taken nothing for ${seconds(ageMs)}; ${relay.rows} events wait on disk${relay.error ? `: ${relay.error}` : ''}`,
      todo: 'check the line to the command room; nothing is lost, call in hits by radio meanwhile',
    });
  }
  if (relay.dead > 0) {
    problems.push({
      key: `refused:${relay.id}`,
      what: `${relay.dead} events for ${relay.id} were refused for good, or cannot be read any more`,
      todo: 'see /health, upstream, for each; report it to the maker of the command room; the events are kept on this box',
    });
  }
  return problems;
}

function inferenceProblem(s: Snapshot): Problem[] {
  const { ready, threads, plates } = s.inference;
  if (ready === threads || s.at - s.startedAt < STARTING_MS) return [];
  const [none, slow] = plates
    ? ['no plate can be read', 'plates are read more slowly']
    : ['no picture can be looked at', 'pictures are looked at more slowly'];
  const what = ready === 0 ? none : slow;
  return [
    {
      key: 'inference',
      what: `${what}: ${ready} of ${threads} reading threads are ready`,
      todo: 'see the log for the cause; run ./setup if a model file is missing',
    },
  ];
}

function storageProblems(s: Snapshot): Problem[] {
  const { freeBytes, minFreeBytes, waitingHits, lostHits, error } = s.storage;
  const problems: Problem[] = [];
  if (waitingHits > 0) {
    const what = `${waitingHits} hits could not be stored yet and wait in memory${error ? `: ${error}` : ''}`;
    problems.push({
      key: 'storage:refuses',
      what,
      todo: 'do what is said of the store beside this, and do not switch the box off',
    });
  }
  if (lostHits > 0) {
    const what = `${lostHits} hits were lost because the store refused them for too long`;
    problems.push({ key: 'storage:lost', what, todo: 'mend what keeps the store from writing, and report the loss' });
  }
  if (freeBytes < minFreeBytes) {
    const what = `only ${megabytes(freeBytes)} free in the storage folder (wanted: ${megabytes(minFreeBytes)})`;
    problems.push({ key: 'storage:space', what, todo: 'free space on this disk' });
  }
  return problems;
}

function clockProblem(clock: ClockState): Problem[] {
  if (clock.behindMs <= CLOCK_BEHIND_MS) return [];
  const what = `the clock stands ${seconds(clock.behindMs)} behind a time this box has already seen`;
  return [{ key: 'clock', what, todo: 'set the clock (NTP); lists expire by the highest time seen' }];
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
