/** Opens the lanes of the configuration and joins them to lists, threads, hits and counters. */
import type { Clock } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import type { OpenedParts } from '../config/parts.ts';
import type { CameraPart } from '../contracts/parts.ts';
import type { ListState, ListType } from '../contracts/list.ts';
import type { Camera, FrameCounts } from '../devices/cameras.ts';
import type { FailureStreaks } from '../devices/failure-streaks.ts';
import { GateLane, type GateRooms } from '../gate/gate-lane.ts';
import type { FollowedLists } from '../lists/in-force/followed-lists.ts';
import type { DismissalMemory } from '../hits/dismissal-memory.ts';
import type { HitBuffer } from '../hits/hit-buffer.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import type { Metrics } from '../metrics.ts';
import { RoadLanes } from '../road/road.ts';
import type { Counter } from '../store/counts.ts';

export interface Lanes {
  readonly road: RoadLanes;
  readonly gates: readonly GateLane[];
}

export interface LanesOptions extends Pick<GateRooms, 'clock' | 'log'> {
  readonly lists: FollowedLists;
  readonly parts: OpenedParts;
  readonly recogniser: Recogniser;
  readonly hits: HitBuffer;
  readonly dismissals: DismissalMemory;
  readonly counter: Counter;
  readonly metrics: Metrics;
  readonly rows: FailureStreaks;
}

export function openLanes(options: LanesOptions): Lanes {
  const { parts, clock, log, lists, recogniser, hits, dismissals, counter, metrics, rows } = options;
  const { config } = parts;
  const road = new RoadLanes({
    clock,
    log,
    rows,
    lists,
    hits,
    dismissals,
    recogniser,
    config: config.sha256,
    threads: config.inference.threads,
    cameras: parts.cameras.filter(isOfRoad),
    count(passage) {
      counter.add(passage);
      metrics.passage(passage);
    },
  });
  const counters = presentationCounters(counter, metrics, clock);
  const rooms = { clock, lists, hitBuffer: hits, recogniser, badRows: rows, counters, log };
  return { road, gates: openGateLanes(parts, rooms) };
}

function openGateLanes({ config, photoDecoder }: OpenedParts, rooms: GateRooms): readonly GateLane[] {
  return config.lanes.flatMap((lane) => {
    if (lane.kind !== 'gate') return [];
    const options = {
      lane: lane.id,
      readers: lane.readers,
      camera: lane.camera,
      sign: lane.compare ? config.comparison?.sign : undefined,
      photoDecoder,
      timeZone: config.timeZone,
      config: config.sha256,
    };
    return [new GateLane(options, rooms)];
  });
}

/** In the store for the command room, and in /metrics with the time that the attendant waited. */
function presentationCounters(counter: Counter, metrics: Metrics, clock: Pick<Clock, 'now'>): GateRooms['counters'] {
  return {
    presentation(presentation) {
      counter.addPresentation(presentation);
      metrics.presentation(presentation, (clock.now() - presentation.at) / 1000);
    },
  };
}

/** Frames of a gate are only counted: it looks at single ones, while a document lies on the reader. */
export function framesOf({ id, lane }: Camera, { road, gates }: Lanes): FrameCounts {
  const gate = gates.find((g) => g.lane === lane);
  if (!gate) return road.counts(id);
  const none = { taken: 0, dropped: 0, unchanged: 0, analysed: 0, failed: 0, failing: 0, partly: 0 };
  return { ...gate.frames(), ...none, platesRead: 0, platesSighted: 0 };
}

export function isOfRoad({ views }: Pick<CameraPart, 'views'>): boolean {
  return views.length > 0;
}

/** The list types that the lanes of this configuration use. */
export function listTypes({ lanes }: Config): readonly ListType[] {
  const has = (kind: 'road' | 'gate') => lanes.some((l) => l.kind === kind);
  return [...(has('road') ? (['plate-list'] as const) : []), ...(has('gate') ? (['doc-list'] as const) : [])];
}

/** Of the lists that the lanes look things up in. */
export function listStates(
  config: Config,
  lists: Pick<FollowedLists, 'state'>,
  clock: Pick<Clock, 'trusted'>,
): readonly (readonly [ListType, ListState])[] {
  return listTypes(config).map((type) => [type, lists.state(type, clock.trusted())]);
}

/** Look-ups by outcome since the start, never what was looked up. */
export function lookupsOf(type: ListType, { road, gates }: Lanes): Readonly<Record<string, number>> {
  if (type === 'plate-list') return road.lookups();
  const total: Record<string, number> = {};
  for (const gate of gates)
    for (const [outcome, n] of Object.entries(gate.counts.outcomes())) total[outcome] = (total[outcome] ?? 0) + n;
  return total;
}
