/** The composition root: configuration -> parts -> start order. One AbortController stops all, in reverse. */
import { readFileSync } from 'node:fs';
import { openLoginBrakes, type LoginBrakes } from '../people/login-brake.ts';
import { assemble, type Box, type Threads } from './assemble.ts';
import { startDuties, type Duties } from '../monitor/periodic-tasks.ts';
import { feedWatchdog, openNotify, type Notify, type Parts as Progress } from '../monitor/sd-notify.ts';
import { healthOf, type Running } from '../monitor/report.ts';
import { ListenError, openServer } from '../web/server.ts';
import { openParts, type Parts } from '../config/parts.ts';
import { runDevice, type Device } from '../devices/run.ts';
import { causeOf, ConfigError, whatAndWhere } from '../contracts/errors.ts';
import { explainDamage, isDamage, isDamagedStore, StoreError, type Db } from '../store/db.ts';
import { isShown } from '../monitor/store-status.ts';
import { isOutdated, openStore, openWithoutStore, type Store } from '../store/store.ts';
import { openEnds, NEVER_OFF, type Ends } from './ends.ts';
import { safeModeStatus } from './safe-mode.ts';
import { appendAudit } from '../store/audit.ts';
import { storedWork } from '../store/hits.ts';
import { openSupervisor, type Supervisor } from '../supervise.ts';
import type { ReaderObservation } from '../contracts/document.ts';
import type { Models } from '../contracts/models.ts';
import type { Program } from '../contracts/program.ts';
import type { Log } from '../contracts/base.ts';
import type { Observation } from '../contracts/source.ts';
import { hearInstructions } from '../upstream/hear.ts';

export interface Gateway {
  /** Of the box's own web server. */
  readonly url: string;
  /** Stops the sources first and the store last; what was acknowledged is on disk already. */
  stop(): Promise<void>;
  /** Of an error that nobody caught (start/last-resort.ts). */
  fatal(part: string | undefined, error: unknown): boolean;
  /** All that runs for as long as the box does. */
  readonly supervisor: Supervisor;
}

const PACKAGE = new URL('../../package.json', import.meta.url);
const VERSION = (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;

/** Starts everything `file` names. Throws ConfigError, StoreError or ListenError with nothing left running. */
export async function startGateway(file: string, { adapters, models }: Program, log: Log): Promise<Gateway> {
  const logins = openLoginBrakes(log);
  const parts = openParts(file, adapters, logins, log);
  const { folder } = parts.config.storage;
  // The event loop stands still meanwhile, and a start that systemd ends would begin anew for ever.
  if (isOutdated(folder)) await openNotify(process.env, log).longStart();
  try {
    return await startOn(parts, logins, models, log, () => openStore(folder, log));
  } catch (error) {
    if (!isDamagedStore(error)) throw error;
    // Health page, displays and calls for help need no store; a box that does not start has none of them.
    const why = causeOf(explainDamage(folder, error));
    log.error({ cause: why }, 'the store is damaged: the box goes on without it, and keeps nothing');
    return await startOn(openParts(file, adapters, logins, log), logins, models, log, () =>
      openWithoutStore(folder, why, log),
    );
  }
}

async function startOn(
  parts: Parts,
  logins: LoginBrakes,
  models: Models,
  log: Log,
  open: () => Store,
): Promise<Gateway> {
  const undo: (() => Promise<void> | void)[] = [];
  let failed: (error: unknown) => void = () => undefined;
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  try {
    const store = open();
    undo.push(() => store.close());
    const ends = openEnds({ folder: parts.config.storage.folder, log, work: () => storedWork(store.db) });
    undo.push(() => ends.stopped());
    failed = (error) => ends.ended(undefined, error);
    const supervisor = openSupervisor({ log, off: (part) => ends.off(part) });
    const box = assemble(parts, logins, models, VERSION, store.db, log, supervisor, undo);
    box.running.status.push(safeModeStatus(ends));
    await box.running.lists.started();
    const server = await openServer(parts.config.listen, {
      health: () => healthOf(box.running),
      metrics: async () => ({ contentType: box.registry.contentType, text: await box.registry.metrics() }),
      lanes: new Map(box.running.gates.map((gate) => [gate.lane, gate])),
      ...(box.running.crew ? { sos: box.running.crew.sos } : {}),
      keeps: () => !isShown(store.db.health.state()),
    });
    undo.push(() => server.close());
    const notify = openNotify(process.env, log);
    undo.push(() => notify.stopping());
    undo.push(runBox(parts, box, supervisor, log, notify));
    const { site, box: name } = parts.config;
    log.info({ site, box: name, url: server.url, version: VERSION }, 'serving');
    await notify.ready(`serving ${site}/${name}`);
    return {
      url: server.url,
      stop,
      supervisor,
      fatal: (part, error) => fatal({ ends, supervisor, db: store.db, log }, part, error),
    };
  } catch (error) {
    await stop();
    if (!isExpected(error)) failed(error);
    throw error;
  }
}

interface FatalParts {
  readonly ends: Ends;
  readonly supervisor: Supervisor;
  readonly db: Db;
  readonly log: Log;
}

/** An error of the crew's equipment, or of the watchdog, restarts that alone: calls for help come in through it, and neither can be off. */
function fatal({ ends, supervisor, db, log }: FatalParts, part: string | undefined, error: unknown): boolean {
  const what = whatAndWhere(error);
  if (part !== undefined && NEVER_OFF.test(part) && supervisor.fail(part, new Error(what))) return false;
  ends.ended(part, error);
  supervisor.attempt('duty:audit', () =>
    appendAudit(db, { at: Date.now(), who: 'box', what: 'box ended by an error', detail: { part: part ?? null } }),
  );
  log.error({ part: part ?? null }, 'the box stops and is started again');
  return true;
}

/** What a person has to put right before the box can start. */
function isExpected(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof StoreError || error instanceof ListenError || isDamage(error);
}

/** Of a delivery: what ends it lies in the store, and is not over in a moment. */
const DELIVERY_PAUSES = { firstMs: 1_000, mostMs: 30_000 };
const PAUSES = { firstMs: 1_000, mostMs: 10_000 };

/** Starts deliveries, duties and devices. What it returns stops the devices first and lets what they saw be looked up. */
function runBox(parts: Parts, box: Box, supervisor: Supervisor, log: Log, notify: Notify): () => Promise<void> {
  const { running, pool, ahead } = box;
  const stop = new AbortController();
  const stopDevices = new AbortController();
  const tasks = [...running.deliveries].map(([id, delivery]) =>
    supervisor.keep(`delivery:${id}`, (signal) => delivery.run(signal), stop.signal, { pauses: DELIVERY_PAUSES }),
  );
  const duties = startDuties(running, box.counter, box.outbox, supervisor, log);
  pool.onFree(() => {
    ahead.pump();
    running.road.pump();
  });
  const devices = devicesOf(parts, running).map((device) => runDevice(device, supervisor, log, stopDevices.signal));
  const { crew } = running;
  if (crew) devices.push(crew.run(supervisor, stopDevices.signal));
  for (const part of parts.relays) tasks.push(hearInstructions(part, box.instructions, supervisor, log, stop.signal));
  const feed = (signal: AbortSignal) => feedWatchdog(notify, () => progress(running, pool, duties), log, signal);
  if (notify.watchdogMs !== undefined) tasks.push(supervisor.keep('watchdog', feed, stop.signal, { pauses: PAUSES }));
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
          if (o.kind === 'refused') road.refused(id, o.reason, o.why);
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
  return ['frame', 'video', 'heartbeat', 'pushed', 'refused'].includes(o.kind);
}

/** For the watchdog: a part that has work and does none of it is a hang. */
function progress(running: Running, pool: Threads, duties: Duties): Progress {
  const { busy, ready, done, restarts } = pool.state();
  const deliveries = [...running.deliveries].map(
    ([id, d]) => [`delivery ${id}`, { done: d.state().turns, idle: false }] as const,
  );
  return {
    store: { done: duties.progress(), idle: false },
    // Threads that die and are replaced are alarms, not hangs.
    pool: { done: done + restarts, idle: busy === 0 || ready === 0 },
    ...Object.fromEntries(deliveries),
  };
}
