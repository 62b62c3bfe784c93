/** The tasks of every second: changed lists, waiting hits, the crew, alarms, and less often counts, audit, heartbeat and ballast. */
import { iso } from '../contracts/time.ts';
import { alarmChanges, KNOWN_ALARMS, nextKnown, parseKnown } from './alarms.ts';
import { BALLAST_BYTES, freeBytes, layBallast } from '../store/files/ballast.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { noteSettings } from '../audit/settings.ts';
import type { PersistentClock } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../contracts/base.ts';
import type { ListType } from '../contracts/list.ts';
import type { CrewService } from '../crew/crew-service.ts';
import type { Camera } from '../devices/cameras.ts';
import { reportTampering } from '../devices/tampering-events.ts';
import type { HitBuffer } from '../hits/hit-buffer.ts';
import type { FollowedLists } from '../lists/in-force/followed-lists.ts';
import type { RoadLanes } from '../road/road.ts';
import { appendOrCount } from '../store/audit-gap.ts';
import { readHead } from '../store/audit.ts';
import type { Counter } from '../store/counts.ts';
import { setMeta, type Db } from '../store/db.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import { isRefusal } from '../store/connection/health.ts';
import { noteAlarm, noteRunning, noteStart } from '../store/outages.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import type { Supervisor } from '../supervise.ts';
import type { DirectAlarms } from './direct-alarms.ts';
import { LookupBatches, type LookupBatchesOptions } from './lookup-batches.ts';
import type { Monitor } from './monitor.ts';

export interface PeriodicTasksOptions extends Pick<LookupBatchesOptions, 'lookups'> {
  readonly config: Pick<Config, 'sha256' | 'storage'>;
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<PersistentClock, 'now' | 'trusted' | 'keep'>;
  readonly supervisor: Supervisor;
  readonly log: Log;
  readonly monitor: Pick<Monitor, 'problems' | 'facts'>;
  readonly direct: DirectAlarms;
  readonly lists: FollowedLists;
  readonly road: Pick<RoadLanes, 'listChanged'>;
  readonly hits: Pick<HitBuffer, 'retry' | 'state'>;
  /** What people say of hits. */
  readonly reviews: { turn(): void };
  readonly crew: Pick<CrewService, 'turn'> | undefined;
  /** Of the crew: those end whose entry a new list no longer has. */
  readonly alerts: { turn(): void } | undefined;
  readonly cameras: readonly Camera[];
  readonly counter: Pick<Counter, 'flush'>;
  readonly auditLog: Pick<AuditLog, 'turn' | 'sign' | 'publicKey'>;
}

const TURN_MS = 1_000;
/** In turns of a second. */
const FLUSH_EVERY = 10;
const HEARTBEAT_EVERY = 60;
/** The audit log counts look-ups by five minutes. */
const BATCH_EVERY = 300;
/** Tasks that cannot be done without the store; `crew` too, where there is one. */
const ASK_STORE = ['cameras', 'alarms', 'counts', 'heartbeat'];

export class PeriodicTasks {
  readonly #box: PeriodicTasksOptions;
  readonly #asksStore: ReadonlySet<string>;
  readonly #lookups: LookupBatches;
  readonly #watchLists: () => void;
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;
  #progress = 0;
  #worked = false;

  constructor(box: PeriodicTasksOptions) {
    this.#box = box;
    this.#asksStore = new Set(box.crew ? [...ASK_STORE, 'crew'] : ASK_STORE);
    this.#lookups = new LookupBatches(box);
    this.#watchLists = listWatch(box);
  }

  start(): void {
    const { config, db, clock } = this.#box;
    this.#do('audit', () => noteSettings(db, config.sha256, clock.now()));
    this.#do('outages', () => noteStart(db, clock.now()));
    this.#note('box started');
    // Those of a box that was killed.
    this.#do('audit', () => this.#lookups.log());
    this.#timer = setInterval(() => this.#turn(), TURN_MS);
    this.#turn();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#do('clock', () => this.#box.clock.keep());
    this.#do('counts', () => this.#box.counter.flush());
    this.#do('audit', () => this.#lookups.log());
    this.#do('outages', () => noteRunning(this.#box.db, this.#box.clock.now()));
    this.#note('box stopped');
    this.#do('audit-head', () => this.#box.auditLog.sign());
  }

  /**
   * Turns in which something was done that needs the store, or there was nothing to do; for the watchdog. A turn all of whose work failed is
   * none. A store that refuses for a reason that is known and named (a full disk) does not count as failing: a restart would not help.
   */
  progress(): number {
    return this.#progress;
  }

  #turn(): void {
    const { clock, lists, hits, reviews, crew, alerts, counter, auditLog } = this.#box;
    this.#do('clock', () => clock.keep());
    this.#do('lists', () => {
      lists.reloadIfChanged();
      this.#watchLists();
    });
    this.#do('hits', () => hits.retry());
    this.#do('reviews', () => reviews.turn());
    this.#do('audit-head', () => auditLog.turn());
    this.#do('crew', () => crew?.turn());
    this.#do('alerts of the crew', () => alerts?.turn());
    this.#do('cameras', () => reportCameras(this.#box));
    this.#do('alarms', () => reportAlarms(this.#box));
    if (this.#turns % FLUSH_EVERY === FLUSH_EVERY - 1) {
      this.#do('counts', () => counter.flush());
      this.#do('outages', () => noteRunning(this.#box.db, clock.now()));
      this.#do('look-ups', () => this.#lookups.keep());
    }
    if (this.#turns % FLUSH_EVERY === 0 && hits.state().waiting === 0)
      this.#do('ballast', () => keepBallast(this.#box));
    if (this.#turns % HEARTBEAT_EVERY === 0) this.#do('heartbeat', () => heartbeat(this.#box));
    if (this.#turns % BATCH_EVERY === BATCH_EVERY - 1) this.#do('audit', () => this.#lookups.log());
    this.#turns++;
    if (this.#worked) this.#progress++;
    this.#worked = false;
  }

  /** A task that fails, mostly on a full disk, must not stop the others. */
  #do(name: string, work: () => void): void {
    const did = this.#box.supervisor.attempt(`task:${name}`, () => {
      try {
        work();
      } catch (error) {
        // A refusing store is one problem for all who write (`store-status.ts`).
        if (!isRefusal(error)) throw error;
      }
    });
    if (did && this.#asksStore.has(name)) this.#worked = true;
  }

  #note(what: 'box started' | 'box stopped'): void {
    const { monitor, config, db, clock } = this.#box;
    const detail = { version: monitor.facts.version, config: config.sha256 };
    this.#do('audit', () => appendOrCount(db, { at: clock.now(), who: 'box', what, detail }));
  }
}

/** Notices lists that the loading thread has brought into force, or that ended. */
function listWatch({ lists, lookups, clock, road, log }: PeriodicTasksOptions): () => void {
  const stateOf = (type: ListType) => lists.state(type, clock.trusted());
  const known = new Map([...lookups().keys()].map((type) => [type, stateOf(type)]));
  return () => {
    for (const [type, before] of known) {
      const state = stateOf(type);
      known.set(type, state);
      if (state.ref?.sha256 !== before.ref?.sha256 && type === 'plate-list') road.listChanged();
      if (state.state === 'in force') {
        const { ref, entries } = state;
        if (before.state !== 'in force' || before.ref.sha256 !== ref.sha256)
          log.info({ type, version: ref.version, entries }, 'list in force');
      } else if (before.state === 'in force' || before.why !== state.why) {
        log.warn({ type, why: state.why }, 'list not in force');
      }
    }
  };
}

/** The ballast file is written again once there is room. Until then, nothing is written that may be lost. */
function keepBallast({ config, db }: PeriodicTasksOptions): void {
  const { folder } = config.storage;
  db.health.useReserve(!layBallast(folder) && freeBytes(folder) <= BALLAST_BYTES);
}

/** Reports cameras that were turned or covered. */
function reportCameras({ cameras, db, outbox, log }: PeriodicTasksOptions): void {
  const views = cameras
    .filter((c) => !c.pushes)
    .map(({ id, lane, tampering }) => ({ id, lane, tampering: tampering.view() }));
  for (const change of reportTampering(db, views, outbox)) log.warn({ ...change }, 'camera moved or covered');
}

/** When the store refuses or cannot be read, alarms leave past it and this throws. */
function reportAlarms({ monitor, direct, db, clock, outbox, log }: PeriodicTasksOptions): void {
  const problems = monitor.problems();
  const stored = storedAlarms(db);
  const before = parseKnown('text' in stored ? stored.text : undefined);
  const known = direct.over(before);
  const changes = alarmChanges(known, problems);
  if ('text' in stored && changes.length === 0 && !direct.ahead()) return;
  const write = db.transaction(() => {
    for (const change of changes) {
      const { key, data } = change;
      const id = direct.idOf(change);
      const event = { type: 'io.sitebox.alarm.v1', subject: key, time: clock.now(), data } as const;
      outbox.enqueue({ ...event, stream: `alarm:${key}`, ...(id === undefined ? {} : { id }) });
    }
    // Those that left past the store while it refused as well.
    for (const { key, state, what } of alarmChanges(before, problems))
      noteAlarm(db, key, clock.now(), state === 'raised' ? what : undefined);
    setMeta(db, KNOWN_ALARMS, nextKnown(known, changes, problems));
  });
  try {
    if (!('text' in stored)) throw stored.error;
    write.immediate();
    direct.settled();
  } catch (error) {
    direct.send(changes, clock.now());
    throw error;
  }
  for (const { key, state } of changes) {
    const problem = problems.find((p) => p.key === key);
    if (state === 'raised') log.warn({ alarm: key, what: problem?.what, todo: problem?.todo }, 'alarm raised');
    else log.info({ alarm: key }, 'alarm cleared');
  }
}

function storedAlarms(db: Db): { readonly text: string | undefined } | { readonly error: unknown } {
  try {
    return { text: readableMeta(db, KNOWN_ALARMS) };
  } catch (error) {
    return { error };
  }
}

/** Tells the command room once a minute that the box lives; only the newest one waits while the line is down. */
function heartbeat({ monitor, db, clock, outbox, auditLog }: PeriodicTasksOptions): void {
  const problems = monitor.problems().map((p) => p.key);
  const { version, startedAt } = monitor.facts;
  const data = {
    status: problems.length === 0 ? 'ok' : 'alarm',
    problems,
    version,
    startedAt: iso(startedAt),
    // Rows of the audit log that the room has seen cannot be removed here without its noticing.
    audit: readHead(db) ?? null,
    // With which it signs the heads that ride upstream each hour.
    auditKey: auditLog.publicKey(),
  };
  const event = { type: 'io.sitebox.health.v1', subject: 'box', time: clock.now(), data, stream: 'health' } as const;
  outbox.enqueue({ ...event, supersedes: {} });
}
