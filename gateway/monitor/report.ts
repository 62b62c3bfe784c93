/** Looks at the running parts and says how they are: the snapshot behind the alarms and /health. */
import type { DirectAlarms } from './direct-alarms.ts';
import { freeBytes } from '../store/files/ballast.ts';
import { findProblems, type Snapshot } from './health.ts';
import type { Problem, Status } from '../contracts/status.ts';
import { causeOf } from '../contracts/errors.ts';
import type { KeptClock } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import type { Crew } from '../crew/crew.ts';
import { crewHealth } from '../crew/status.ts';
import type { Delivery } from '../upstream/deliver.ts';
import type { Raiser } from '../hits/raise.ts';
import type { Freshness } from '../devices/frozen-stream.ts';
import type { Moved } from '../devices/tampering.ts';
import type { About } from '../inference/jobs.ts';
import type { GateLane } from '../gate/gate-lane.ts';
import type { Road, RoadCounts } from '../road/road.ts';
import type { FollowedLists } from '../lists/in-force/follow.ts';
import { unlessDamaged, type Db } from '../store/db.ts';
import { deadRows, outboxStats } from '../store/outbox/outbox.ts';
import type { Watch } from '../devices/run.ts';
import type { Instant } from '../contracts/base.ts';
import type { ListType } from '../contracts/list.ts';
import { problem } from '../contracts/words/problem.ts';

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
  readonly clock: KeptClock;
  readonly lists: FollowedLists;
  readonly road: Road;
  readonly gates: readonly GateLane[];
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
  readonly status: Status[];
  readonly direct: DirectAlarms;
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
export function framesOf(r: Running, camera: CameraWatch): RoadCounts {
  const gate = r.gates.find((g) => g.lane === camera.lane);
  if (!gate) return r.road.counts(camera.id);
  return { ...gate.frames(), taken: 0, dropped: 0, unchanged: 0, analysed: 0, failed: 0, failing: 0 };
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
      minFreeBytes: r.config.limits.minFreeDiskBytes,
      waitingHits: waiting.waiting,
      lostHits: waiting.lost,
      error: waiting.error,
    },
    clock: r.clock.state(),
  };
}

/** All that is wrong now. */
export function problemsOf(r: Running, s?: Snapshot): Problem[] {
  return [() => findProblems(s ?? takeSnapshot(r)), ...r.status.map((part) => () => part.problems?.() ?? [])].flatMap(
    (ask) => {
      try {
        return ask();
      } catch (error) {
        return [unknownState(error)];
      }
    },
  );
}

/** Of a part that cannot even say how it is. */
function unknownState(error: unknown): Problem {
  return problem('health', 'state-unknown', { cause: causeOf(error) });
}

/** The answer of /health where parts of it cannot be had. It always answers. */
export function healthOf(r: Running): { status: 'ok' | 'alarm' } & Record<string, unknown> {
  try {
    return healthView(r);
  } catch (error) {
    const problems = [...problemsOf(r), unknownState(error)];
    const { site, box } = r.config;
    return { status: 'alarm', problems, site, box, version: r.version, startedAt: new Date(r.startedAt).toISOString() };
  }
}

/** Events that a command room refused for good, as /health names them: the newest ones, with the reason. */
const REFUSED_SHOWN = 5;

/** The answer of /health. Times are RFC 3339. */
export function healthView(r: Running): { status: 'ok' | 'alarm'; problems: Problem[] } & Record<string, unknown> {
  const s = takeSnapshot(r);
  const problems = problemsOf(r, s);
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
    ...(r.crew ? { crew: unlessDamaged(() => crewHealth(r.crew!), { error: 'the store is damaged' }) } : {}),
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
    ...Object.fromEntries(r.status.flatMap((part) => Object.entries(part.health?.() ?? {}))),
  };
}

/** The text of the sign stands here too, so that who looks after the site can see what visitors are told. */
function gateView(gate: GateLane): object {
  const { lane, compares, sign } = gate;
  return {
    ...{ lane, compares, sign: sign ?? null },
    ...{ outcomes: gate.outcomes(), comparisons: Object.fromEntries(gate.comparisons()) },
  };
}
