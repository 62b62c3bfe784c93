/** The figures behind /metrics, read at scrape time from the running parts. Names and labels are documented in docs/metrics.md. */
import { freeBytes } from '../store/files/ballast.ts';
import type { Reading } from '../contracts/status.ts';
import { framesOf, listTypes, lookupsOf, type CameraWatch, type Running } from './report.ts';
import { crewReadings } from '../crew/status.ts';
import type { Delivery } from '../upstream/deliver.ts';
import type { PushCounts } from '../road/pushed.ts';
import type { LookUpLists } from '../lists/in-force/active.ts';
import { outboxStats } from '../store/outbox/outbox.ts';
import type { Instant } from '../contracts/base.ts';

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
    ...r.status.flatMap((s) => s.readings?.() ?? []),
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
    relays('sitebox_events_delivered_total', 'counter', 'Events acknowledged', (_, d) => d.state().stored),
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
      ...{ name: 'sitebox_pushes_refused_total', type: 'counter', labels: ['camera', 'reason'] },
      help: 'Pushes that were answered with a refusal',
      read: pushes(({ refused }, id) => Object.entries(refused).map(([reason, n]) => [[id, reason], n])),
    },
    {
      ...{ name: 'sitebox_pushed_pictures_refused_total', type: 'counter', labels: ['camera'] },
      help: 'Pushed pictures that were not decoded',
      read: pushes(({ picturesRefused }, id) => [[[id], picturesRefused]]),
    },
    {
      ...{ name: 'sitebox_pushed_reads_late_total', type: 'counter', labels: ['camera'] },
      help: 'Pushed reads that the camera had kept and sent late',
      read: pushes(({ late }, id) => [[[id], late]]),
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
      ...{ name: 'sitebox_documents_superseded_total', type: 'counter', labels: ['reader'] },
      help: 'Documents that were dropped without a look-up',
      read: () => r.gates.flatMap((g) => [...g.dropped()].map(([reader, { count }]) => [[reader], count] as const)),
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
type InForce = Extract<ReturnType<LookUpLists['state']>, { state: 'in force' }>;

function ageSeconds(r: Running, at: Instant | undefined): number {
  return (r.clock.now() - (at ?? r.startedAt)) / 1000;
}
