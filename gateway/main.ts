/** The composition root: configuration -> parts -> start order. One AbortController stops all, in reverse. */
import { readFileSync } from 'node:fs';
import * as adapters from '../adapters/index.ts';
import { openClock } from './clock.ts';
import { openCrew } from './crew/crew.ts';
import { followInstructions } from './crew/instructions.ts';
import { openDelivery, type Delivery } from './deliver.ts';
import { openGates } from './gates.ts';
import { openHitLog } from './hits/commit.ts';
import { openRaiser } from './hits/raise.ts';
import { openAhead, type Ahead } from './infer/ahead.ts';
import type { About, Job, Needs, Results } from './infer/jobs.ts';
import { openPool, type Pool } from './infer/pool.ts';
import { openFreshness } from './lanes/freshness.ts';
import { openMoved } from './lanes/moved.ts';
import { openRoad, type RoadParts } from './lanes/road.ts';
import { openLists } from './lists/active.ts';
import { startDuties, type Duties } from './ops/duties.ts';
import { openMetrics } from './ops/metrics.ts';
import { feedWatchdog, openNotify, type Notify, type Parts as Progress } from './ops/notify.ts';
import { healthView, readings, type CameraWatch, type Running } from './ops/report.ts';
import { openServer } from './page/server.ts';
import { openParts, type Parts } from './parts.ts';
import { runDevice, type Device, type Watch } from './sources.ts';
import { openCounter, type Counter } from './store/counts.ts';
import { openDb, type Db } from './store/db.ts';
import { timeKeeper } from './store/lists.ts';
import type { Outlet } from './store/outbox.ts';
import type { ReaderObservation } from './documents.ts';
import type { Log, Observation } from './types.ts';

export interface Gateway {
  /** Of the box's own web server. */
  readonly url: string;
  /** Stops the sources first and the store last; what was acknowledged is on disk already. */
  stop(): Promise<void>;
}

const PACKAGE = new URL('../package.json', import.meta.url);
const VERSION = (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
type Threads = Pool<Job, Results>;
const WORKER = new URL('./infer/worker.ts', import.meta.url);

/** Starts everything `file` names. Throws ConfigError, StoreError or ListenError with nothing left running. */
export async function startGateway(file: string, log: Log): Promise<Gateway> {
  const parts = openParts(file, adapters, log);
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  try {
    const db = openDb(parts.config.storage.folder);
    undo.push(() => void db.close());
    const box = assemble(parts, db, log, undo);
    const server = await openServer(parts.config.listen, {
      health: () => healthView(box.running),
      metrics: async () => ({ contentType: box.registry.contentType, text: await box.registry.metrics() }),
      lanes: new Map(box.running.gates.map((gate) => [gate.lane, gate.feed])),
      ...(box.running.crew ? { sos: box.running.crew.sos } : {}),
    });
    undo.push(() => server.close());
    const notify = openNotify(process.env, log);
    undo.push(() => notify.stopping());
    undo.push(runBox(parts, box, log, notify));
    const { site, box: name } = parts.config;
    log.info({ site, box: name, url: server.url, version: VERSION }, 'serving');
    await notify.ready(`serving ${site}/${name}`);
    return { url: server.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Box {
  readonly running: Running;
  readonly registry: { readonly contentType: string; metrics(): Promise<string> };
  readonly counter: Counter;
  readonly outlet: Outlet;
  readonly pool: Threads;
  readonly ahead: Ahead;
}

/** Makes the parts and joins them by plain calls. Nothing runs yet but the reading threads, which load their models meanwhile. */
function assemble(parts: Parts, db: Db, log: Log, undo: (() => Promise<void> | void)[]): Box {
  const { config } = parts;
  const { site, timeZone } = config;
  const clock = openClock(timeKeeper(db));
  const limits = { maxBytes: config.limits.listBytes, maxEntries: config.limits.listEntries };
  const lists = openLists({ db, site, trustFile: config.lists.trust, timeZone, limits }, clock.trusted());
  const deliveries = new Map<string, Delivery>();
  const outlet: Outlet = {
    source: `/sites/${site}/boxes/${config.box}`,
    relays: parts.relays.map((r) => r.id),
    limits: { rows: config.limits.outboxRows, bytes: config.limits.outboxBytes },
    now: () => clock.now(),
    wake: () => deliveries.forEach((d) => d.wake()),
  };
  const metrics = openMetrics(VERSION);
  const { equipment } = parts;
  const crew = config.crew && openCrew({ db, outlet, clock, config: config.crew, equipment, log });
  const windowMs = config.hits.windowS * 1000;
  const hits = openHitLog({ db, outlet, windowMs, clock, metrics, log, raised: (hit) => crew?.hit(hit) });
  for (const { id, relay } of parts.relays) {
    deliveries.set(
      id,
      openDelivery({ db, relayName: id, relay: hits.timed(id, relay), source: outlet.source, log, clock }),
    );
  }
  const raiser = openRaiser((hit, evidence) => hits.commit(hit, evidence), log);
  const counter = openCounter(db, outlet);
  const pool = openPool<Job, Results>({ ...threadsFor(parts), workerUrl: WORKER, log });
  undo.push(() => pool.close());
  const ahead = openAhead(pool, config.inference.deadlineMs);
  const roadLanes = new Set(config.lanes.filter((l) => l.kind === 'road').map((l) => l.id));
  const road = openRoad({
    ...{ clock, log, config: config.sha256, threads: config.inference.threads },
    raise: (hit, evidence) => raiser.raise(hit, evidence),
    cameras: parts.cameras.filter((c) => roadLanes.has(c.lane)),
    ...inference(pool, ahead, config.inference.deadlineMs),
    list: () => lists.state('plate-list', clock.trusted()),
    match: (read, lane) => lists.match(read, lane, clock.trusted()),
    count(passage) {
      counter.add(passage);
      metrics.passage(passage);
    },
  });
  const gates = openGates({
    ...{ parts, clock, lists, ahead, log },
    raise(hit, evidence) {
      // Logged and counted where it is lost.
      raiser.raise(hit, evidence).catch(() => undefined);
    },
    count(presentation) {
      counter.addPresentation(presentation);
      metrics.presentation(presentation, (clock.now() - presentation.at) / 1000);
    },
  });
  const running: Running = {
    ...{ config, version: VERSION, startedAt: clock.now(), db, clock, lists },
    ...{ road, gates, raiser, pool, deliveries, crew, ...watchesOf(parts) },
  };
  metrics.show(readings(running));
  return { running, registry: metrics.registry, counter, outlet, pool, ahead };
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
function threadsFor({ config, cameras }: Parts): { threads: number; workerData: Needs } {
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
  return { threads: cameras.length === 0 ? 0 : config.inference.threads, workerData: needs };
}

/** Starts deliveries, duties and devices. What it returns stops the devices first and lets what they saw be looked up. */
function runBox(parts: Parts, box: Box, log: Log, notify: Notify): () => Promise<void> {
  const { running, pool, ahead } = box;
  const stop = new AbortController();
  const stopDevices = new AbortController();
  const tasks = [...running.deliveries.values()].map((d) => d.run(stop.signal));
  const duties = startDuties(running, box.counter, box.outlet, log);
  pool.onFree(() => {
    ahead.pump();
    running.road.pump();
  });
  const devices = devicesOf(parts, running).map((device) => runDevice(device, log, stopDevices.signal));
  const { crew } = running;
  if (crew) {
    devices.push(crew.run(stopDevices.signal));
    for (const part of parts.relays) tasks.push(followInstructions(part, crew.instruct, log, stop.signal));
  }
  tasks.push(feedWatchdog(notify, () => progress(running, pool, duties), log, stop.signal));
  return async () => {
    stopDevices.abort();
    await Promise.all(devices);
    await Promise.all([running.road.drain(), ...running.gates.map((gate) => gate.drain())]);
    duties.stop();
    crew?.close();
    stop.abort();
    await Promise.all(tasks);
    for (const { relay } of parts.relays) await relay.close?.();
  };
}

/** What the road needs of the pool. A frame moves to its thread and back; for evidence it is copied, because its track keeps it. */
function inference(
  pool: Threads,
  ahead: Ahead,
  deadlineMs: number,
): Pick<RoadParts, 'free' | 'models' | 'plates' | 'evidence' | 'pushedPictures'> {
  return {
    free: () => ahead.free(),
    models: () => (pool.about() as About | undefined)?.models ?? [],
    plates: (frame, region) =>
      pool.run({ kind: 'plates', frame, ...(region ? { region } : {}) }, [frame.rgb.buffer], deadlineMs),
    async evidence({ frame, corners }) {
      const { plate, scene } = await pool.run({ kind: 'evidence', frame, corners }, [], deadlineMs);
      return [plate, scene];
    },
    pushedPictures({ pictures, ...job }) {
      // Copies to give away: a view of the camera's message would take all of it along.
      const copies = Object.fromEntries(Object.entries(pictures).map(([name, bytes]) => [name, new Uint8Array(bytes)]));
      const transfer = Object.values(copies).map((bytes) => bytes.buffer);
      return pool.run({ kind: 'pushed pictures', pictures: copies, ...job }, transfer, deadlineMs);
    },
  };
}

/** Each camera and reader with the lane that takes what it emits. */
function devicesOf(parts: Parts, { cameras, readers, gates, road }: Running): Device[] {
  const gateOf = (lane: string) => gates.find((g) => g.lane === lane);
  return [
    ...parts.cameras.map(({ id, source }): Device => {
      const watch = cameras.find((c) => c.id === id)!;
      const gate = gateOf(watch.lane);
      return {
        ...{ what: 'camera', source, watch },
        take(o) {
          // A heartbeat says no more than that the camera is up. No gate has a camera that pushes: parts.ts refuses it.
          if (o.kind === 'pushed') road.pushed(id, o.read, o.settle);
          if (o.kind !== 'frame') return;
          watch.freshness.seen(o.frame);
          watch.moved.seen(o.frame);
          (gate ?? road).frame(o.frame);
        },
        lost: () => (gate ? undefined : road.lost(id)),
      };
    }),
    ...parts.readers.map(({ id, source }): Device => {
      const watch = readers.find((r) => r.id === id)!;
      const gate = gateOf(watch.lane)!;
      return {
        ...{ what: 'reader', source, watch },
        take: (o) => (isOfCamera(o) ? undefined : gate.observed(id, o)),
        lost: () => gate.lost(id),
      };
    }),
  ];
}

function isOfCamera(o: Observation): o is Exclude<Observation, ReaderObservation> {
  return o.kind === 'frame' || o.kind === 'video' || o.kind === 'heartbeat' || o.kind === 'pushed';
}

/** For the watchdog: a part that has work and does none of it is a hang. */
function progress(running: Running, pool: Threads, duties: Duties): Progress {
  const { busy, ready, done, restarts } = pool.state();
  const deliveries = [...running.deliveries].map(
    ([id, d]) => [`delivery ${id}`, { done: d.state().turns, idle: false }] as const,
  );
  return {
    store: { done: duties.turns(), idle: false },
    // Threads that die and are replaced are alarms, not hangs.
    pool: { done: done + restarts, idle: busy === 0 || ready === 0 },
    ...Object.fromEntries(deliveries),
  };
}
