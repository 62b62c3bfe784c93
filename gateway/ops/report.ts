/** Looks at the running parts and says how they are: the snapshot behind /health, and the figures behind /metrics. */
import { freeBytes } from './disk.ts';
import { findProblems, type Problem, type Snapshot } from './health.ts';
import type { Reading } from './metrics.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Delivery } from '../deliver.ts';
import type { Raiser } from '../hits/raise.ts';
import type { Freshness } from '../lanes/freshness.ts';
import type { Road } from '../lanes/road.ts';
import type { ActiveLists } from '../lists/active.ts';
import type { Db } from '../store/db.ts';
import { deadRows, outboxStats } from '../store/outbox.ts';
import type { Instant, ListType } from '../types.ts';

export interface CameraWatch {
  readonly id: string;
  readonly lane: string;
  readonly freshness: Freshness;
  /** Why the last run ended; undefined while frames come. */
  error: string | undefined;
  losses: number;
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
  readonly raiser: Raiser;
  readonly pool: { state(): { readonly ready: number; readonly threads: number; readonly restarts: number } };
  readonly cameras: readonly CameraWatch[];
  readonly deliveries: ReadonlyMap<string, Delivery>;
}

/** List types that a lane of this configuration looks things up in. */
export const LISTS: readonly ListType[] = ['plate-list'];

export function takeSnapshot(r: Running): Snapshot {
  const at = r.clock.now();
  const trusted = r.clock.trusted();
  const waiting = r.raiser.state();
  return {
    at,
    startedAt: r.startedAt,
    cameras: r.cameras.map(({ id, lane, freshness, error }) => ({ id, lane, changedAt: freshness.changedAt(), error })),
    lists: Object.fromEntries(LISTS.map((type) => [type, r.lists.state(type, trusted)])),
    refused: r.lists.lastRefused(),
    relays: [...r.deliveries].map(([id, delivery]) => {
      const { rows, bytes, dead, oldestAgeMs } = outboxStats(r.db, id, at);
      const oldestMs = rows > dead ? at - oldestAgeMs : undefined;
      return { id, rows, bytes, dead, oldestMs, error: delivery.state().error };
    }),
    inference: r.pool.state(),
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
      frames: r.road.counts(c.id),
    })),
    lists: Object.fromEntries(
      Object.entries(s.lists).map(([type, l]) => [
        type,
        l.state === 'in force' ? { ...l, expires: time(l.expires) } : l,
      ]),
    ),
    lookups: r.road.lookups(),
    upstream: s.relays.map((x) => ({
      ...{ ...x, oldestMs: undefined, oldest: time(x.oldestMs), error: x.error ?? null },
      refused: deadRows(r.db, x.id, REFUSED_SHOWN).map((e) => ({ ...e, time: time(e.time) })),
    })),
    inference: r.pool.state(),
    storage: s.storage,
    clock: { highest: time(s.clock.highest), behindMs: s.clock.behindMs },
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
  const counts = (c: CameraWatch) => r.road.counts(c.id);
  return [
    cameras('sitebox_frames_received_total', 'counter', 'Frames decoded', (c) => counts(c).received),
    cameras('sitebox_frames_dropped_total', 'counter', 'Frames replaced by newer ones', (c) => counts(c).dropped),
    cameras('sitebox_frames_analysed_total', 'counter', 'Frames searched for plates', (c) => counts(c).analysed),
    cameras('sitebox_frames_failed_total', 'counter', 'Of the analysed, those that failed', (c) => counts(c).failed),
    cameras('sitebox_camera_losses_total', 'counter', 'Times the camera was lost', (c) => c.losses),
    cameras('sitebox_stream_frame_age_seconds', 'gauge', 'Age of the last changed frame', (c) =>
      ageSeconds(r, c.freshness.changedAt()),
    ),
    {
      ...{ name: 'sitebox_lookups_total', type: 'counter', help: 'Look-ups by outcome', labels: ['outcome'] },
      read: () => Object.entries(r.road.lookups()).map(([outcome, n]) => [[outcome], n] as const),
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

function listReading(r: Running, name: string, help: string, value: (l: InForce) => number): Reading {
  return {
    ...{ name, help, type: 'gauge', labels: ['list'] },
    read: () =>
      LISTS.map((type) => {
        const state = r.lists.state(type, r.clock.trusted());
        return [[type], state.state === 'in force' ? value(state) : 0] as const;
      }),
  };
}
type InForce = Extract<ReturnType<ActiveLists['state']>, { state: 'in force' }>;

function ageSeconds(r: Running, at: Instant | undefined): number {
  return (r.clock.now() - (at ?? r.startedAt)) / 1000;
}
