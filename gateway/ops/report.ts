/** Looks at the running parts and says how they are: the snapshot behind /health, and the figures behind /metrics. */
import { freeBytes } from './disk.ts';
import { findProblems, type Problem, type Snapshot } from './health.ts';
import type { Reading } from './metrics.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Crew } from '../crew/crew.ts';
import { crewHealth, crewReadings } from '../crew/report.ts';
import type { Delivery } from '../deliver.ts';
import type { Raiser } from '../hits/raise.ts';
import type { Freshness } from '../lanes/freshness.ts';
import type { Moved } from '../lanes/moved.ts';
import type { About } from '../infer/jobs.ts';
import type { Gate } from '../lanes/gate.ts';
import type { PushCounts } from '../lanes/pushed.ts';
import type { Road, RoadCounts } from '../lanes/road.ts';
import type { ActiveLists } from '../lists/active.ts';
import type { Db } from '../store/db.ts';
import { deadRows, outboxStats } from '../store/outbox.ts';
import type { Watch } from '../sources.ts';
import type { Instant, ListType } from '../types.ts';

export interface CameraWatch extends Watch {
  /** It reads plates by itself, and shows no frames. */
  readonly pushes: boolean;
  readonly freshness: Freshness;
  readonly moved: Moved;
}

/** What main.ts has started. */
export interface Running {
  readonly config: Config;
  readonly version: string;
  readonly startedAt: Instant;
  readonly db: Db;
  readonly clock: Clock;
  readonly lists: ActiveLists;
  readonly road: Road;
  readonly gates: readonly Gate[];
  readonly raiser: Raiser;
  readonly pool: {
    state(): { readonly ready: number; readonly threads: number; readonly restarts: number };
    about(): unknown;
  };
  readonly cameras: readonly CameraWatch[];
  readonly readers: readonly Watch[];
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Absent where the configuration has none. */
  readonly crew: Crew | undefined;
}

/** List types that a lane of this configuration looks things up in. */
export function listTypes({ lanes }: Config): readonly ListType[] {
  const has = (kind: 'road' | 'gate') => lanes.some((l) => l.kind === kind);
  return [...(has('road') ? (['plate-list'] as const) : []), ...(has('gate') ? (['doc-list'] as const) : [])];
}

/** Look-ups by outcome since the start. Never what was looked up. */
export function lookupsOf(r: Running, type: ListType): Readonly<Record<string, number>> {
  if (type === 'plate-list') return r.road.lookups();
  const total: Record<string, number> = {};
  for (const gate of r.gates)
    for (const [outcome, n] of Object.entries(gate.outcomes())) total[outcome] = (total[outcome] ?? 0) + n;
  return total;
}

/** What keeps faces from being compared though a lane is to compare them. */
function facesProblem(r: Running): string | undefined {
  const faces = (r.pool.about() as About | undefined)?.faces;
  return faces && 'problem' in faces ? faces.problem : undefined;
}

/** A gate's frames are looked at one by one, and only while a document lies there: of them only the number is counted. */
function framesOf(r: Running, camera: CameraWatch): RoadCounts {
  const gate = r.gates.find((g) => g.lane === camera.lane);
  if (!gate) return r.road.counts(camera.id);
  return { ...gate.frames(), taken: 0, dropped: 0, unchanged: 0, analysed: 0, failed: 0 };
}

export function takeSnapshot(r: Running): Snapshot {
  const at = r.clock.now();
  const trusted = r.clock.trusted();
  const waiting = r.raiser.state();
  return {
    at,
    startedAt: r.startedAt,
    cameras: r.cameras.map(({ id, lane, freshness, error, ...c }) => ({
      ...{ id, lane, changedAt: freshness.changedAt(), error },
      ...(c.pushes ? { pushes: { up: c.up, clockOffsetMs: r.road.pushes(id).clockOffsetMs } } : {}),
    })),
    readers: r.readers.map(({ id, lane, up, error }) => ({ id, lane, up, error })),
    equipment: r.crew?.equipment ?? [],
    faces: facesProblem(r),
    lists: Object.fromEntries(listTypes(r.config).map((type) => [type, r.lists.state(type, trusted)])),
    refused: r.lists.lastRefused(),
    relays: [...r.deliveries].map(([id, delivery]) => {
      const { rows, bytes, dead, oldestAgeMs } = outboxStats(r.db, id, at);
      const oldestMs = rows > dead ? at - oldestAgeMs : undefined;
      return { id, rows, bytes, dead, oldestMs, error: delivery.state().error };
    }),
    inference: { ...r.pool.state(), plates: r.config.lanes.some((l) => l.kind === 'road') },
    storage: {
      freeBytes: freeBytes(r.config.storage.folder),
      leastFreeBytes: r.config.limits.freeDiskBytes,
      waitingHits: waiting.waiting,
      lostHits: waiting.lost,
      error: waiting.error,
    },
    clock: r.clock.state(),
  };
}

/** Events that a command room refused for good, as /health names them: the newest ones, with the reason. */
const REFUSED_SHOWN = 5;

/** The answer of /health. Times are RFC 3339. */
export function healthView(r: Running): { status: 'ok' | 'alarm'; problems: Problem[] } & Record<string, unknown> {
  const s = takeSnapshot(r);
  const problems = findProblems(s);
  const time = (at: Instant | undefined) => (at === undefined ? null : new Date(at).toISOString());
  return {
    status: problems.length === 0 ? 'ok' : 'alarm',
    problems,
    site: r.config.site,
    box: r.config.box,
    version: r.version,
    startedAt: time(s.startedAt),
    cameras: s.cameras.map((c) => ({
      ...{ id: c.id, lane: c.lane, lastPicture: time(c.changedAt), error: c.error ?? null },
      frames: framesOf(
        r,
        r.cameras.find((x) => x.id === c.id)!,
      ),
      ...(c.pushes ? { pushes: r.road.pushes(c.id) } : {}),
    })),
    readers: s.readers.map((x) => ({ ...x, error: x.error ?? null })),
    gates: r.gates.map(gateView),
    ...(r.crew ? { crew: crewHealth(r.crew) } : {}),
    lists: Object.fromEntries(
      Object.entries(s.lists).map(([type, l]) => [
        type,
        l.state === 'in force' ? { ...l, expires: time(l.expires) } : l,
      ]),
    ),
    lookups: lookupsOf(r, 'plate-list'),
    upstream: s.relays.map((x) => ({
      ...{ ...x, oldestMs: undefined, oldest: time(x.oldestMs), error: x.error ?? null },
      refused: deadRows(r.db, x.id, REFUSED_SHOWN).map((e) => ({ ...e, time: time(e.time) })),
    })),
    inference: r.pool.state(),
    storage: s.storage,
    clock: { highest: time(s.clock.highest), behindMs: s.clock.behindMs },
  };
}

/** The text of the sign stands here too, so that who looks after the site can see what visitors are told. */
function gateView(gate: Gate): object {
  const { lane, feed } = gate;
  return {
    ...{ lane, compares: feed.compares, sign: feed.sign ?? null },
    ...{ outcomes: gate.outcomes(), comparisons: Object.fromEntries(gate.comparisons()) },
  };
}

/** Everything that is read at scrape time. Names and labels are documented in docs/metrics.md. */
export function readings(r: Running): Reading[] {
  const cameras = (name: string, type: Reading['type'], help: string, value: (c: CameraWatch) => number): Reading => ({
    ...{ name, type, help, labels: ['camera'] },
    read: () => r.cameras.map((c) => [[c.id], value(c)] as const),
  });
  const relays = (
    name: string,
    type: Reading['type'],
    help: string,
    value: (id: string, d: Delivery) => number,
  ): Reading => ({
    ...{ name, type, help, labels: ['relay'] },
    read: () => [...r.deliveries].map(([id, d]) => [[id], value(id, d)] as const),
  });
  const single = (name: string, type: Reading['type'], help: string, value: () => number): Reading => ({
    ...{ name, type, help, labels: [] },
    read: () => [[[], value()] as const],
  });
  const stats = (id: string) => outboxStats(r.db, id, r.clock.now());
  const counts = (c: CameraWatch) => framesOf(r, c);
  return [
    cameras('sitebox_frames_received_total', 'counter', 'Frames decoded', (c) => counts(c).received),
    cameras('sitebox_frames_dropped_total', 'counter', 'Frames replaced by newer ones', (c) => counts(c).dropped),
    cameras('sitebox_frames_unchanged_total', 'counter', 'Frames without change', (c) => counts(c).unchanged),
    cameras('sitebox_frames_analysed_total', 'counter', 'Frames searched for plates', (c) => counts(c).analysed),
    cameras('sitebox_frames_failed_total', 'counter', 'Of the analysed, those that failed', (c) => counts(c).failed),
    cameras('sitebox_camera_losses_total', 'counter', 'Times the camera was lost', (c) => c.losses),
    {
      ...{ name: 'sitebox_stream_frame_age_seconds', type: 'gauge', labels: ['camera'] },
      help: 'Age of the last changed frame',
      read: () =>
        r.cameras.flatMap((c) => (c.pushes ? [] : [[[c.id], ageSeconds(r, c.freshness.changedAt())] as const])),
    },
    ...pushReadings(r),
    ...gateReadings(r),
    ...(r.crew ? crewReadings(r.crew) : []),
    {
      ...{ name: 'sitebox_lookups_total', type: 'counter', help: 'Look-ups by outcome', labels: ['outcome'] },
      read: () => Object.entries(lookupsOf(r, 'plate-list')).map(([outcome, n]) => [[outcome], n] as const),
    },
    listReading(r, 'sitebox_list_version', 'Version of the list in force, 0 when none is', (l) => l.ref.version),
    listReading(r, 'sitebox_list_expiry_timestamp_seconds', 'When the list in force expires', (l) => l.expires / 1000),
    relays('sitebox_outbox_rows', 'gauge', 'Events that wait', (id) => stats(id).rows),
    relays('sitebox_outbox_bytes', 'gauge', 'Bytes of the events that wait', (id) => stats(id).bytes),
    relays('sitebox_outbox_dead', 'gauge', 'Events refused for good', (id) => stats(id).dead),
    relays('sitebox_outbox_evicted_total', 'counter', 'Events that gave way', (id) => stats(id).evicted),
    relays(
      'sitebox_outbox_oldest_age_seconds',
      'gauge',
      'Age of the oldest that waits',
      (id) => stats(id).oldestAgeMs / 1000,
    ),
    relays('sitebox_delivered_total', 'counter', 'Events acknowledged', (_, d) => d.state().stored),
    relays('sitebox_delivery_failures_total', 'counter', 'Sends to be repeated', (_, d) => d.state().failed),
    single('sitebox_inference_threads_ready', 'gauge', 'Reading threads ready', () => r.pool.state().ready),
    single('sitebox_inference_restarts_total', 'counter', 'Reading threads replaced', () => r.pool.state().restarts),
    single('sitebox_hits_waiting', 'gauge', 'Hits the store has not taken yet', () => r.raiser.state().waiting),
    single('sitebox_hits_lost_total', 'counter', 'Hits that were lost', () => r.raiser.state().lost),
    single('sitebox_storage_free_bytes', 'gauge', 'Free in the storage folder', () =>
      freeBytes(r.config.storage.folder),
    ),
    single(
      'sitebox_clock_behind_seconds',
      'gauge',
      'Behind the highest time seen',
      () => r.clock.state().behindMs / 1000,
    ),
  ];
}

/** Of the cameras that read by themselves. */
function pushReadings(r: Running): Reading[] {
  type Rows = ReturnType<Reading['read']>;
  const pushes = (of: (counts: PushCounts, id: string) => Rows) => () =>
    r.cameras.flatMap(({ id, pushes }) => (pushes ? of(r.road.pushes(id), id) : []));
  return [
    {
      ...{ name: 'sitebox_pushed_reads_total', type: 'counter', labels: ['camera', 'outcome'] },
      help: 'Reads that cameras pushed: plates, and texts that are none',
      read: pushes(({ plates, impossible }, id) => [
        [[id, 'plate'], plates],
        [[id, 'impossible'], impossible],
      ]),
    },
    {
      ...{ name: 'sitebox_cross_checks_total', type: 'counter', labels: ['camera', 'outcome'] },
      help: "What the box's own reader said of pushed reads",
      read: pushes(({ crossChecks }, id) => Object.entries(crossChecks).map(([outcome, n]) => [[id, outcome], n])),
    },
    {
      ...{ name: 'sitebox_camera_clock_offset_seconds', type: 'gauge', labels: ['camera'] },
      help: "The camera's clock less the box's",
      read: pushes(({ clockOffsetMs }, id) => (clockOffsetMs === undefined ? [] : [[[id], clockOffsetMs / 1000]])),
    },
  ];
}

function gateReadings(r: Running): Reading[] {
  return [
    {
      ...{ name: 'sitebox_reader_up', type: 'gauge', help: '1 while the reader answers', labels: ['reader'] },
      read: () => r.readers.map((x) => [[x.id], Number(x.up)] as const),
    },
    {
      ...{
        name: 'sitebox_reader_losses_total',
        type: 'counter',
        help: 'Times the reader was lost',
        labels: ['reader'],
      },
      read: () => r.readers.map((x) => [[x.id], x.losses] as const),
    },
    {
      ...{ name: 'sitebox_comparisons_total', type: 'counter', labels: ['lane', 'outcome'] },
      help: '1:1 comparisons by outcome, or by why there was none',
      read: () => r.gates.flatMap((g) => [...g.comparisons()].map(([outcome, n]) => [[g.lane, outcome], n] as const)),
    },
  ];
}

function listReading(r: Running, name: string, help: string, value: (l: InForce) => number): Reading {
  return {
    ...{ name, help, type: 'gauge', labels: ['list'] },
    read: () =>
      listTypes(r.config).map((type) => {
        const state = r.lists.state(type, r.clock.trusted());
        return [[type], state.state === 'in force' ? value(state) : 0] as const;
      }),
  };
}
type InForce = Extract<ReturnType<ActiveLists['state']>, { state: 'in force' }>;

function ageSeconds(r: Running, at: Instant | undefined): number {
  return (r.clock.now() - (at ?? r.startedAt)) / 1000;
}
