/** The composition root: configuration -> parts -> start order. One AbortController stops all, in reverse. */
import { readFileSync } from 'node:fs';
import * as adapters from '../adapters/index.ts';
import { openClock } from './clock.ts';
import { openDelivery, type Delivery } from './deliver.ts';
import { openHitLog } from './hits/commit.ts';
import { openRaiser } from './hits/raise.ts';
import type { About, Job, Results } from './infer/jobs.ts';
import { openPool, type Pool } from './infer/pool.ts';
import { openFreshness } from './lanes/freshness.ts';
import { openRoad, type RoadParts } from './lanes/road.ts';
import { openLists } from './lists/active.ts';
import { startDuties, type Duties } from './ops/duties.ts';
import { openMetrics } from './ops/metrics.ts';
import { feedWatchdog, openNotify, type Notify, type Parts as Progress } from './ops/notify.ts';
import { healthView, readings, type CameraWatch, type Running } from './ops/report.ts';
import { openServer } from './page/server.ts';
import { openParts, type CameraPart, type Parts } from './parts.ts';
import { openCounter, type Counter } from './store/counts.ts';
import { openDb, type Db } from './store/db.ts';
import { timeKeeper } from './store/lists.ts';
import type { Outlet } from './store/outbox.ts';
import { supervise } from './supervise.ts';
import type { Log } from './types.ts';

export interface Gateway {
  /** Of the box's own web server. */
  readonly url: string;
  /** Stops the sources first and the store last; what was acknowledged is on disk already. */
  stop(): Promise<void>;
}

/** A lost camera is tried again after 0.5 to 2 s, for ever: whoever repairs it stands before it and waits. */
const CAMERA_PAUSES = { firstMs: 500, mostMs: 2_000 };

const PACKAGE = new URL('../package.json', import.meta.url);
const VERSION = (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
type Plates = Pool<Job, Results>;
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
  readonly pool: Plates;
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
  const hits = openHitLog({ db, outlet, windowMs: config.hits.windowS * 1000, clock, metrics, log });
  for (const { id, relay } of parts.relays) {
    deliveries.set(
      id,
      openDelivery({ db, relayName: id, relay: hits.timed(id, relay), source: outlet.source, log, clock }),
    );
  }
  const raiser = openRaiser((hit, evidence) => hits.commit(hit, evidence), log);
  const counter = openCounter(db, outlet);
  const pool = openPool<Job, Results>({ threads: config.inference.threads, workerUrl: WORKER, log });
  undo.push(() => pool.close());
  const road = openRoad({
    ...{ cameras: parts.cameras, clock, log, config: config.sha256, threads: config.inference.threads },
    ...inference(pool, config.inference.deadlineMs),
    list: () => lists.state('plate-list', clock.trusted()),
    match: (read, lane) => lists.match(read, lane, clock.trusted()),
    raise: (hit, evidence) => raiser.raise(hit, evidence),
    count(passage) {
      counter.add(passage);
      metrics.passage(passage);
    },
  });
  const cameras = parts.cameras.map(({ id, lane }): CameraWatch => ({
    id,
    lane,
    freshness: openFreshness(),
    error: undefined,
    losses: 0,
  }));
  const startedAt = clock.now();
  const running = { config, version: VERSION, startedAt, db, clock, lists, road, raiser, pool, cameras, deliveries };
  metrics.show(readings(running));
  return { running, registry: metrics.registry, counter, outlet, pool };
}

/** Starts deliveries, duties and cameras. What it returns stops the cameras first and lets what they saw be looked up. */
function runBox(parts: Parts, box: Box, log: Log, notify: Notify): () => Promise<void> {
  const { running, pool } = box;
  const stop = new AbortController();
  const stopCameras = new AbortController();
  const tasks = [...running.deliveries.values()].map((d) => d.run(stop.signal));
  const duties = startDuties(running, box.counter, box.outlet, log);
  pool.onFree(() => running.road.pump());
  const cameras = parts.cameras.map((part) => runCamera(part, running, log, stopCameras.signal));
  tasks.push(feedWatchdog(notify, () => progress(running, pool, duties), log, stop.signal));
  return async () => {
    stopCameras.abort();
    await Promise.all(cameras);
    await running.road.drain();
    duties.stop();
    stop.abort();
    await Promise.all(tasks);
    for (const { relay } of parts.relays) await relay.close?.();
  };
}

/** What the road needs of the pool. A frame moves to its thread and back; for evidence it is copied, because its track keeps it. */
function inference(pool: Plates, deadlineMs: number): Pick<RoadParts, 'free' | 'models' | 'plates' | 'evidence'> {
  return {
    free: () => pool.free(),
    models: () => (pool.about() as About | undefined)?.models ?? [],
    plates: (frame, region) =>
      pool.run({ kind: 'plates', frame, ...(region ? { region } : {}) }, [frame.rgb.buffer], deadlineMs),
    async evidence({ frame, corners }) {
      const { plate, scene } = await pool.run({ kind: 'evidence', frame, corners }, [], deadlineMs);
      return [plate, scene];
    },
  };
}

async function runCamera(part: CameraPart, running: Running, log: Log, signal: AbortSignal): Promise<void> {
  const { id } = part;
  const watch = running.cameras.find((c) => c.id === id)!;
  let up = false;
  const run = (ending: AbortSignal) =>
    part.source.run((observation) => {
      if (observation.kind !== 'frame') return;
      const { frame } = observation;
      if (!up) log.info({ camera: id, width: frame.width, height: frame.height }, 'camera up');
      up = true;
      watch.error = undefined;
      watch.freshness.seen(frame);
      running.road.frame(frame);
    }, ending);
  const watcher = {
    started: () => undefined,
    failed(error: unknown, pauseMs: number) {
      const cause = error instanceof Error ? error.message : String(error);
      // Logged when it begins and when its cause changes, not at each of the many tries.
      if (up || cause !== watch.error) log.warn({ camera: id, cause, pauseMs: Math.round(pauseMs) }, 'camera lost');
      if (up) watch.losses++;
      up = false;
      watch.error = cause;
      running.road.lost(id);
    },
  };
  await supervise(run, CAMERA_PAUSES, watcher, signal);
  running.road.lost(id);
}

/** For the watchdog: a part that has work and does none of it is a hang. */
function progress(running: Running, pool: Plates, duties: Duties): Progress {
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
