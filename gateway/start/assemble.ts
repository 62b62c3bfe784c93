/** Makes the parts of a gateway and joins them by plain calls; `main.ts` starts and stops them. */
import type { LoginBrakes } from '../people/login-brake.ts';
import { join } from 'node:path';
import type { TimeSource } from '../clock/belief.ts';
import { listSource, ntpSource, roomSource } from '../clock/sources.ts';
import { clockStatus } from '../clock/status.ts';
import { openClock, type Clock } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import { openCrew, type Crew } from '../crew/crew.ts';
import { openDelivery, type Delivery } from '../upstream/deliver.ts';
import type { GateRooms } from '../gate/gate-lane.ts';
import { gatesStatus } from '../gate/status.ts';
import { openGateLanes } from './gates.ts';
import { openHitLog } from '../hits/commit.ts';
import { openReview } from '../hits/review.ts';
import { openRaiser } from '../hits/raise.ts';
import { openAhead, type Ahead } from '../inference/priority-queue.ts';
import { openDecoder, type Decoder } from '../inference/decode.ts';
import type { About, Job, Needs, Pixels, Results } from '../inference/jobs.ts';
import { openPool, type Pool } from '../inference/pool.ts';
import { openBadRows } from '../devices/bad-rows.ts';
import { openFreshness } from '../devices/frozen-stream.ts';
import { openMoved } from '../devices/tampering.ts';
import { openRoad, type RoadParts } from '../road/road.ts';
import { followLists } from '../lists/in-force/follow.ts';
import { listsStatus } from '../lists/in-force/status.ts';
import { openDirectAlarms } from '../monitor/direct-alarms.ts';
import { openMetrics, type Metrics } from '../metrics.ts';
import { openIntegrity } from '../monitor/integrity.ts';
import { readings } from '../monitor/readings.ts';
import type { CameraWatch, Running } from '../monitor/report.ts';
import { storeStatus } from '../monitor/store-status.ts';
import { filesOf, type Parts } from '../config/parts.ts';
import type { Watch } from '../devices/run.ts';
import type { Supervisor } from '../supervise.ts';
import { openCounter, type Counter } from '../store/counts.ts';
import { DB_FILE, setMeta, type Db } from '../store/db.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import { sweepAside } from '../store/files/set-aside.ts';
import { timeKeeper } from '../store/time.ts';
import { openHeadFile } from '../store/anchors/head-file.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { settleAnchors } from '../store/anchors/rollback-check.ts';
import type { Models } from '../contracts/models.ts';
import type { Status } from '../contracts/status.ts';
import { boxExposures } from '../store/files/private-files.ts';
import type { Log } from '../contracts/base.ts';
import { openInstructions, type InstructionParts, type Instructions } from '../upstream/instructions.ts';
import { orphansStatus } from '../upstream/orphans.ts';
import { deliveriesStatus } from '../upstream/status.ts';

export type Threads = Pool<Job, Results>;
/** A camera waits for what is done with its pictures. */
const PUSHED_MS = 2_000;
/** What a loss of power may take of them: they are a second line. */
const SAVE_ANCHORS_MS = 60_000;
const SWEEP_ASIDE_MS = 3_600_000;

export interface Box {
  readonly running: Running;
  readonly registry: { readonly contentType: string; metrics(): Promise<string> };
  readonly counter: Counter;
  readonly outbox: OutboxWriter;
  /** Of the command room. */
  readonly instructions: Instructions;
  readonly pool: Threads;
  readonly ahead: Ahead;
}

/** Nothing runs yet but the reading threads, which load their models meanwhile. */
export function assemble(
  parts: Parts,
  brakes: LoginBrakes,
  models: Models,
  version: string,
  db: Db,
  log: Log,
  supervisor: Supervisor,
  undo: (() => Promise<void> | void)[],
): Box {
  const { config } = parts;
  const kept = keepStore(config, db, log, undo);
  const { clock, lists, ...time } = openTimeAndLists(parts, db, log, undo);
  const deliveries = new Map<string, Delivery>();
  const outbox = new OutboxWriter(db, {
    source: `/sites/${config.site}/boxes/${config.box}`,
    relays: parts.relays.map((r) => r.id),
    limits: { rows: config.limits.outboxRows, bytes: config.limits.outboxBytes },
    now: () => clock.now(),
    wake: () => [kept, ...deliveries.values()].forEach((part) => part.wake()),
  });
  const metrics = openMetrics(version);
  const { equipment } = parts;
  const crew = config.crew && openCrew({ db, outbox, clock, config: config.crew, equipment, log });
  const windowMs = config.hits.windowS * 1000;
  const hits = openHitLog({ db, outbox, windowMs, clock, metrics, log, raised: (hit) => crew?.hit(hit) });
  for (const { id, relay } of parts.relays) {
    const own = { relayName: id, relay: hits.timed(id, relay) };
    deliveries.set(id, openDelivery({ ...own, db, source: outbox.source, log, clock }));
  }
  const raiser = openRaiser((hit, evidence) => hits.commit(hit, evidence), log);
  undo.push(db.onWritable(() => raiser.retry()));
  const [counter, logins] = [openCounter(db, outbox), keepLogins(brakes, db, undo)];
  const pool = openPool<Job, Results>({ ...threadsFor(parts, supervisor), workerUrl: models.worker, log });
  undo.push(() => pool.close());
  const ahead = openAhead(pool, config.inference.deadlineMs);
  const decoder = openDecoder(parts.cameras.some((c) => c.pushes) ? 1 : 0, models.decoder, log);
  undo.push(() => decoder.close());
  const roadLanes = new Set(config.lanes.filter((l) => l.kind === 'road').map((l) => l.id));
  const rows = openBadRows();
  const road = openRoad({
    ...{ clock, log, rows, config: config.sha256, threads: config.inference.threads },
    raise: (hit, evidence) => raiser.raise(hit, evidence),
    cameras: parts.cameras.filter((c) => roadLanes.has(c.lane)),
    ...inference(pool, ahead, decoder, config.inference.deadlineMs),
    list: () => lists.state('plate-list', clock.trusted()),
    match: (read, lane) => lists.match(read, lane, clock.trusted()),
    count(passage) {
      counter.add(passage);
      metrics.passage(passage);
    },
  });
  const counters = presentationCounters(counter, metrics, clock);
  const rooms = { clock, lists, hitBuffer: raiser, inference: ahead, badRows: rows, counters, log };
  const gates = openGateLanes(parts, rooms);
  // Parts with problems, figures or a block of /health of their own hand their status in here.
  const instructions = instructionsOf(crew, { db, outbox, clock, log });
  const status = [supervisor.status, rows.status, logins, gatesStatus(gates, () => clock.now()), listsStatus(lists)];
  const exposures = () => boxExposures(filesOf(parts));
  status.push(raiser.status, time.status, db.damage.status, storeStatus(db, exposures), ...kept.status);
  if (crew) status.push(crew.status);
  status.push(deliveriesStatus(deliveries), instructions.status);
  status.push(orphansStatus(db, outbox.relays, () => clock.mono()));
  const direct = openDirectAlarms({ relays: parts.relays, source: outbox.source, mono: () => clock.mono(), log });
  const running: Running = {
    ...{ config, version, startedAt: clock.now(), db, clock, lists },
    ...{ road, gates, raiser, pool, deliveries, crew, status, direct, ...watchesOf(parts) },
  };
  metrics.show(readings(running));
  return { running, registry: metrics.registry, counter, outbox, pool, ahead, instructions };
}

/** In the store for the command room, and in /metrics with the time that the attendant waited. */
function presentationCounters(counter: Counter, metrics: Metrics, clock: Clock): GateRooms['counters'] {
  return {
    presentation(presentation) {
      counter.addPresentation(presentation);
      metrics.presentation(presentation, (clock.now() - presentation.at) / 1000);
    },
  };
}

/** What keeps the store honest: its anchors, and a thread that looks at all of it. `wake` is called whenever an event was written. */
function keepStore({ storage }: Config, db: Db, log: Log, undo: (() => Promise<void> | void)[]) {
  const anchors = settleAnchors(db, { now: Date.now, log });
  const head = openHeadFile(db, anchors.settled, log);
  const sweep = (): void => sweepAside(storage.folder, Date.now(), log);
  sweep();
  const timers = [
    setInterval(() => anchors.save(), SAVE_ANCHORS_MS).unref(),
    setInterval(sweep, SWEEP_ASIDE_MS).unref(),
  ];
  const integrity = openIntegrity({ db, path: join(storage.folder, DB_FILE), log, now: Date.now });
  undo.push(() => {
    integrity.stop();
    timers.forEach((timer) => clearInterval(timer));
    anchors.save();
    head.close();
  });
  return { wake: () => head.touch(), status: [anchors.status, head.status, integrity.status] };
}

/** Wrong logins count over a restart. */
function keepLogins(logins: LoginBrakes, db: Db, undo: (() => void)[]): Status {
  logins.keepIn({ load: () => readableMeta(db, LOGINS), save: (text) => setMeta(db, LOGINS, text) });
  undo.push(db.onWritable(() => logins.save()));
  return logins.status;
}
const LOGINS = 'wrongLogins';

/** Lists end by the clock, and when they were signed says something of the time. */
function openTimeAndLists(parts: Parts, db: Db, log: Log, undo: (() => Promise<void> | void)[]) {
  const { site, timeZone, limits, storage, lists: files } = parts.config;
  const sources: TimeSource[] = [ntpSource()];
  const clock = openClock(timeKeeper(db), Date.now, { sources });
  const lists = followLists({
    ...{ db, folder: storage.folder, site, trustFile: files.trust, timeZone, log },
    limits: { maxBytes: limits.listBytes, maxEntries: limits.listEntries },
    now: () => clock.trusted(),
  });
  undo.push(() => lists.close());
  sources.push(listSource(() => lists.issued()));
  for (const { id, relay } of parts.relays)
    sources.push(
      roomSource(
        id,
        () => relay.heard?.(),
        () => clock.mono(),
      ),
    );
  return { clock, lists, status: clockStatus(clock, sources) };
}

/** Every box hears the room: what it has no crew for is answered, and people's judgement of hits is taken. */
function instructionsOf(crew: Crew | undefined, given: Omit<InstructionParts, 'handlers'>): Instructions {
  const review = openReview({ ...given, confirmed: (hit) => crew?.confirmed(hit) });
  return openInstructions({ ...given, handlers: { ...crew?.instructions, review } });
}

/** What /health says of each device, before it has said a word. */
function watchesOf({ cameras, readers }: Parts): Pick<Running, 'cameras' | 'readers'> {
  const watch = ({ id, lane }: { id: string; lane: string }): Watch => {
    return { id, lane, up: false, error: undefined, losses: 0 };
  };
  return {
    cameras: cameras.map((c): CameraWatch => {
      return { ...watch(c), pushes: c.pushes, freshness: openFreshness(), moved: openMoved() };
    }),
    readers: readers.map(watch),
  };
}

/** No thread is started that has nothing to do, and none loads a model that no lane asks for. */
function threadsFor({ config, cameras }: Parts, { off }: Supervisor): { threads: number; workerData: Needs } {
  const { comparison, lanes } = config;
  const compares = lanes.some((l) => l.kind === 'gate' && l.compare && l.camera !== undefined);
  const needs: Needs = {
    plates: lanes.some((l) => l.kind === 'road'),
    ...(comparison && compares
      ? {
          faces: {
            chain: comparison.models,
            ...(comparison.threshold === undefined ? {} : { threshold: comparison.threshold }),
          },
        }
      : {}),
  };
  return { threads: cameras.length === 0 || off('inference') ? 0 : config.inference.threads, workerData: needs };
}

/** What the road needs of the pool. A frame moves to its thread and back; for evidence it is copied, because its track keeps it. */
function inference(
  pool: Threads,
  ahead: Ahead,
  decoder: Decoder,
  deadlineMs: number,
): Pick<RoadParts, 'free' | 'models' | 'plates' | 'evidence' | 'pushedPictures'> {
  return {
    free: () => ahead.free(),
    models: () => (pool.about() as About | undefined)?.models ?? [],
    plates: (frame, region) =>
      pool.run({ kind: 'plates', frame, ...(region ? { region } : {}) }, [frame.rgb.buffer], deadlineMs),
    async evidence({ frame, corners }) {
      const { plate, vehicle } = await pool.run({ kind: 'evidence', frame, corners }, [], deadlineMs);
      return [plate, vehicle];
    },
    async pushedPictures({ pictures: files, ...job }) {
      const { pictures, refused } = await decoder.decode(files);
      const transfer = Object.values(pictures).map((p: Pixels) => p.rgb.buffer);
      if (transfer.length === 0) return { reads: [], evidence: [], refused };
      // The thread that was free may not be any more.
      const patience = AbortSignal.timeout(PUSHED_MS);
      return { ...(await ahead.run({ kind: 'pushed pictures', pictures, ...job }, transfer, patience)), refused };
    },
  };
}
