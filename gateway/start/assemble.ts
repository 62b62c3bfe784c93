/** Opens the rooms of one box and joins them by plain calls; `start.ts` starts and stops them. */
import { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../clock/clock.ts';
import type { OpenedParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { CameraIdentity } from '../contracts/onvif.ts';
import type { Models } from '../contracts/models.ts';
import type { Status } from '../contracts/status.ts';
import { CrewService } from '../crew/crew-service.ts';
import { openFailureStreaks } from '../devices/failure-streaks.ts';
import { CameraSelfReports } from '../devices/camera-events.ts';
import { openCamera, type Camera } from '../devices/cameras.ts';
import { openHitCommitter } from '../hits/commit.ts';
import type { Reviews } from '../hits/reviews.ts';
import { HitBuffer } from '../hits/hit-buffer.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import type { FollowedLists } from '../lists/in-force/followed-lists.ts';
import { openMetrics, type Metrics } from '../metrics.ts';
import { openDirectAlarms } from '../monitor/direct-alarms.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { shiftSheet } from '../monitor/shift-sheet.ts';
import { PeriodicTasks } from '../monitor/periodic-tasks.ts';
import type { LoginThrottles } from '../people/login-throttle.ts';
import { keepCameraCard } from '../store/camera-cards.ts';
import { openCounter } from '../store/counts.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import type { Supervisor } from '../supervise.ts';
import { Delivery } from '../upstream/deliver.ts';
import { openInstructions, type Instructions } from '../upstream/instructions.ts';
import { openBoxOutbox } from './box-outbox.ts';
import { keepLogins, keepStore } from './keep-store.ts';
import { ListedAlerts } from './listed-alerts.ts';
import { listStates, listTypes, lookupsOf, openLanes, type Lanes } from './lanes.ts';
import { openMonitor } from './monitoring.ts';
import { openPeople, type PeopleRooms } from './people.ts';
import { openReviews } from './reviews.ts';
import { openRecogniser } from './threads.ts';
import { openTimeAndLists } from './time-and-lists.ts';

export interface BoxOptions {
  readonly parts: OpenedParts;
  readonly logins: LoginThrottles;
  readonly models: Models;
  readonly version: string;
  readonly db: Db;
  readonly log: Log;
  readonly supervisor: Supervisor;
  /** Of what is opened outside the rooms: safe mode, the certificate. */
  readonly more: readonly Status[];
  /** Filled with what a stop has to undo, in reverse. */
  readonly undo: (() => Promise<void> | void)[];
}

/** The rooms of a running box. */
export interface BoxRooms {
  readonly clock: Clock;
  readonly lists: FollowedLists;
  readonly lanes: Lanes;
  readonly cameras: readonly Camera[];
  readonly selfReports: CameraSelfReports;
  readonly crew: CrewService | undefined;
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** From the command room. */
  readonly instructions: Instructions;
  readonly recogniser: Recogniser;
  readonly people: PeopleRooms;
  readonly reviews: Reviews;
  readonly monitor: Monitor;
  readonly tasks: PeriodicTasks;
  readonly metrics: Metrics;
  readonly auditLog: AuditLog;
}

/** Only the inference threads start here, and load their models meanwhile. */
export function assemble(options: BoxOptions): BoxRooms {
  const { parts, logins, models, version, db, log, supervisor, undo } = options;
  const { config, equipment, relays } = parts;
  const kept = keepStore(config, db, log, undo);
  keepLogins(logins, db, undo);
  const { clock, lists, clockState } = openTimeAndLists(parts, db, log, undo);
  const deliveries = new Map<string, Delivery>();
  const outbox = openBoxOutbox(config, clock, db, () => [kept, ...deliveries.values()].forEach((part) => part.wake()));
  const states = () => listStates(config, lists, clock);
  const shift = { db, clock, lists: states, relays: relays.map(({ id }) => id), isRunning: true };
  const people = openPeople({ db, outbox, clock, throttles: logins, sheet: (until) => shiftSheet(shift, until) });
  const auditLog = new AuditLog({ db, outbox, folder: config.storage.folder, log });
  const metrics = openMetrics(version);
  const crew = config.crew && new CrewService({ db, outbox, clock, config: config.crew, equipment, log });
  const alerts = crew && new ListedAlerts({ db, clock, lists, types: listTypes(config), crew });
  const { dismissals, ...reviews } = openReviews(parts, {
    db,
    outbox,
    clock,
    log,
    accounts: people.accounts,
    crew,
    alerts,
  });
  const hits = openHits(options, { outbox, clock, metrics, crew, deliveries });
  const counter = openCounter(db, outbox);
  const recogniser = openRecogniser(parts, models, supervisor, log, undo);
  const rows = openFailureStreaks();
  const lanes = openLanes({ parts, clock, log, lists, recogniser, hits, dismissals, counter, metrics, rows });
  // Every box takes instructions: reviews of hits always, the others where it has a crew; without one they are answered.
  const handlers = { ...crew?.instructions, ...reviews.handlers };
  const instructions = openInstructions({ db, outbox, clock, log, handlers });
  const cameras = parts.cameras.map((camera) => openCamera(camera, supervisor));
  const selfReports = openSelfReports(options, clock);
  const rooms = { parts, version, db, clock, supervisor, lists, lanes, cameras, hits, crew, deliveries, instructions };
  const own = [auditLog.status, clockState, logins.status];
  const more = [...kept.status, ...own, selfReports.status, ...people.status, ...reviews.status, ...options.more];
  const monitor = openMonitor({ ...rooms, recogniser, rows, more });
  metrics.show(monitor.readings());
  const tasks = new PeriodicTasks({
    config,
    db,
    outbox,
    clock,
    supervisor,
    log,
    monitor,
    direct: openDirectAlarms({ relays, source: outbox.source, mono: () => clock.mono(), log }),
    lists,
    lookups: () => new Map(listTypes(config).map((type) => [type, lookupsOf(type, lanes)])),
    road: lanes.road,
    hits,
    reviews,
    crew,
    alerts,
    cameras,
    counter,
    auditLog,
  });
  const opened = { clock, lists, deliveries, instructions, people, reviews: reviews.reviews, recogniser };
  return { ...opened, lanes, cameras, selfReports, crew, monitor, tasks, metrics, auditLog };
}

/** With each subscription the card of the camera is kept. */
function openSelfReports({ parts, db, supervisor }: BoxOptions, clock: Clock): CameraSelfReports {
  const cameras = parts.cameras.flatMap(({ id, lane, events }) => (events ? [{ id, lane, events }] : []));
  const identified = (camera: string, identity: CameraIdentity): void => {
    const card = { ...identity, camera, who: 'box', at: clock.now() };
    supervisor.attempt('task:camera-cards', () => void keepCameraCard(db, card));
  };
  return new CameraSelfReports({ cameras, supervisor, clock, identified });
}

interface HitRooms extends Pick<BoxRooms, 'crew' | 'metrics'> {
  readonly outbox: OutboxWriter;
  readonly clock: Clock;
  /** Filled here: what the committer times is what the relays send. */
  readonly deliveries: Map<string, Delivery>;
}

function openHits(
  { parts, db, log, undo }: BoxOptions,
  { outbox, clock, metrics, crew, deliveries }: HitRooms,
): HitBuffer {
  const windowMs = parts.config.hits.windowS * 1000;
  const raised = (hit: Hit): void => crew?.alert(hit, 'unreviewed');
  const committed = openHitCommitter({ db, outbox, windowMs, clock, metrics, log, raised });
  for (const { id, relay } of parts.relays) {
    const timed = committed.timed(id, relay);
    deliveries.set(id, new Delivery({ relayName: id, relay: timed, db, source: outbox.source, log, clock }));
  }
  const hits = new HitBuffer((hit, evidence) => committed.commit(hit, evidence), log);
  undo.push(db.onWritable(() => hits.retry()));
  return hits;
}
