/** Starts the rooms of a box in order, and stops them in reverse. */
import { readFileSync } from 'node:fs';
import { openParts, type OpenedParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import { causeOf, ConfigError, whatAndWhere } from '../contracts/errors.ts';
import type { Models } from '../contracts/models.ts';
import type { Program } from '../contracts/program.ts';
import { runDevice } from '../devices/run.ts';
import { feedWatchdog, openNotify, type Notify, type ProgressByPart } from '../monitor/sd-notify.ts';
import { isShown } from '../monitor/store-status.ts';
import { LoginThrottles } from '../people/login-throttle.ts';
import { appendOrCount } from '../store/audit-gap.ts';
import { explainStore, isDamage, isDamagedStore, StoreError, type Db } from '../store/db.ts';
import { storedWork } from '../store/hits.ts';
import { isOutdated, openStore, openWithoutStore, type Store } from '../store/store.ts';
import { Supervisor } from '../supervise.ts';
import { receiveInstructions } from '../upstream/receive-instructions.ts';
import { ListenError, openServer, type ServerSources } from '../web/server.ts';
import type { BoxCertificate } from '../web/tls/certificate.ts';
import { assemble, type BoxRooms } from './assemble.ts';
import { devicesOf } from './devices.ts';
import { openCertificate } from './certificate.ts';
import { displaysAreOpen, rememberDisplays } from './displays.ts';
import { NEVER_OFF, openEnds, type Ends } from './ends.ts';
import { codeForFirstAccounts } from './people.ts';
import { lastHeadSent } from './last-head.ts';
import { listStates } from './lanes.ts';
import { safeModeStatus } from './safe-mode.ts';

export interface Gateway {
  /** Of the box's own web server. */
  readonly url: string;
  /** Where there is no account yet: shown at the console, and nowhere else. */
  readonly setupCode: string | undefined;
  /** Of its web server; absent where only this machine reaches it, by plain HTTP. */
  readonly certificate: BoxCertificate | undefined;
  /** Stops the sources first and the store last; what was acknowledged is on disk already. */
  stop(): Promise<void>;
  /** Counts and audits an error that nobody caught (start/last-resort.ts). False: only its part was restarted, and the box goes on. Never throws. */
  fatal(part: string | undefined, error: unknown): boolean;
  /** All that runs for as long as the box does. */
  readonly supervisor: Supervisor;
}

const PACKAGE = new URL('../../package.json', import.meta.url);
const VERSION = (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;

/** Starts everything `file` names. Throws ConfigError, StoreError or ListenError with nothing left running. */
export async function startGateway(file: string, { adapters, models }: Program, log: Log): Promise<Gateway> {
  const logins = new LoginThrottles(log);
  const parts = openParts(file, adapters, logins, log);
  const { folder } = parts.config.storage;
  // The event loop stands still meanwhile, and a start that systemd ends would begin anew for ever.
  const wasOutdated = isOutdated(folder);
  if (wasOutdated) await openNotify(process.env, log).longStart();
  try {
    return await startOn(parts, logins, models, log, () => {
      const store = openStore(folder, log);
      if (wasOutdated) rememberDisplays(store.db);
      return store;
    });
  } catch (error) {
    if (!isDamagedStore(error)) throw error;
    // Health page, displays and calls for help need no store; a box that does not start has none of them.
    const why = causeOf(explainStore(folder, error));
    log.error({ cause: why }, 'the store is damaged: the box goes on without it, and keeps nothing');
    return await startOn(openParts(file, adapters, logins, log), logins, models, log, () =>
      openWithoutStore(folder, why, log),
    );
  }
}

async function startOn(
  parts: OpenedParts,
  logins: LoginThrottles,
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
    const supervisor = new Supervisor(log, (part) => ends.off(part));
    const safeMode = safeModeStatus(ends);
    const certificate = await openCertificate(parts.config, store.db, log);
    const more = [safeMode, ...(certificate ? [certificate.status] : [])];
    const box = assemble({ parts, logins, models, version: VERSION, db: store.db, log, supervisor, more, undo });
    await box.lists.started();
    const views: ServerSources = {
      health: () => box.monitor.health(),
      metrics: async () => ({
        contentType: box.metrics.registry.contentType,
        text: await box.metrics.registry.metrics(),
      }),
      lanes: new Map(box.lanes.gates.map((gate) => [gate.lane, gate])),
      ...(box.crew ? { sos: box.crew.sos } : {}),
      keeps: () => !isShown(store.db.health.state()),
    };
    const api = {
      ...box.people,
      hits: { reviews: box.reviews, db: store.db, now: () => box.clock.now() },
      crew: box.crew?.forPeople,
      health: () => box.monitor.health(),
      lists: () => listStates(parts.config, box.lists, box.clock),
      problems: () => box.monitor.problems(),
      displaysAreOpen: () => displaysAreOpen(store.db, box.people.accounts, certificate),
      log,
    };
    const server = await openServer(parts.config.listen, views, { tls: certificate, api });
    undo.push(() => server.close());
    const notify = openNotify(process.env, log);
    undo.push(() => notify.stopping());
    undo.push(runBox(parts, box, supervisor, log, notify));
    const { site, box: name } = parts.config;
    log.info({ site, box: name, url: server.url, version: VERSION }, 'serving');
    await notify.ready(`serving ${site}/${name}`);
    return {
      url: server.url,
      setupCode: codeForFirstAccounts(box.people, log),
      certificate,
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
  supervisor.attempt('task:audit', () =>
    appendOrCount(db, { at: Date.now(), who: 'box', what: 'box ended by an error', detail: { part: part ?? null } }),
  );
  log.error({ part: part ?? null }, 'the box stops and is started again');
  return true;
}

/** What a person has to put right before the box can start. */
function isExpected(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof StoreError || error instanceof ListenError || isDamage(error);
}

/** Of a delivery: what ends it lies in the store, and is not over in a moment. */
const DELIVERY_PAUSES = { firstMs: 1_000, maxMs: 30_000 };
const PAUSES = { firstMs: 1_000, maxMs: 10_000 };

/** Starts deliveries, tasks and devices. What it returns stops the devices first and lets what they saw be looked up. */
function runBox(
  parts: OpenedParts,
  box: BoxRooms,
  supervisor: Supervisor,
  log: Log,
  notify: Notify,
): () => Promise<void> {
  const { crew, deliveries, lanes, recogniser, tasks } = box;
  const stop = new AbortController();
  const stopDevices = new AbortController();
  const runs = [...deliveries].map(([id, delivery]) =>
    supervisor.keep(`delivery:${id}`, (signal) => delivery.run(signal), stop.signal, { pauses: DELIVERY_PAUSES }),
  );
  tasks.start();
  recogniser.onFree(() => lanes.road.pump());
  const devices = devicesOf(parts, box.cameras, lanes).map((device) =>
    runDevice(device, supervisor, stopDevices.signal),
  );
  devices.push(box.selfReports.run(stopDevices.signal));
  if (crew) devices.push(crew.run(supervisor, stopDevices.signal));
  for (const part of parts.relays) runs.push(receiveInstructions(part, box.instructions, supervisor, log, stop.signal));
  const feed = (signal: AbortSignal) => feedWatchdog(notify, () => progressOf(box), log, signal);
  if (notify.watchdogMs !== undefined) runs.push(supervisor.keep('watchdog', feed, stop.signal, { pauses: PAUSES }));
  return async () => {
    stopDevices.abort();
    await Promise.all(devices);
    await Promise.all([lanes.road.drain(), ...lanes.gates.map((gate) => gate.drain())]);
    tasks.stop();
    await lastHeadSent(box);
    crew?.close();
    stop.abort();
    await Promise.all(runs);
    for (const { relay } of parts.relays) await relay.close?.();
  };
}

/** For the watchdog: a part that has work and does none of it is a hang. */
function progressOf({ recogniser, deliveries, tasks }: BoxRooms): ProgressByPart {
  const { busy, ready, done, restarts } = recogniser.state();
  const sent = [...deliveries].map(([id, d]) => [`delivery ${id}`, { done: d.state().turns, idle: false }] as const);
  return {
    store: { done: tasks.progress(), idle: false },
    // Threads that die and are replaced are alarms, not hangs.
    pool: { done: done + restarts, idle: busy === 0 || ready === 0 },
    ...Object.fromEntries(sent),
  };
}
