/** What the box does by the clock: lists that changed on disk, hits that wait, alarms, counts, audit, the heartbeat, the ballast. */
import { alarmChanges, nextKnown, parseKnown } from './alarms.ts';
import { BALLAST_BYTES, freeBytes, layBallast } from '../store/files/ballast.ts';
import { reportMoved } from '../devices/tampering-events.ts';
import { listTypes, lookupsOf, problemsOf, type Running } from './report.ts';
import { appendAudit, readHead } from '../store/audit.ts';
import type { Counter } from '../store/counts.ts';
import { setMeta } from '../store/db.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import { isRefusal } from '../store/connection/health.ts';
import { type OutboxWriter } from '../store/outbox/outbox.ts';
import type { Supervisor } from '../supervise.ts';
import type { Log } from '../contracts/base.ts';
import type { ListType } from '../contracts/list.ts';

export interface Duties {
  /**
   * Turns in which something was done that needs the store, or there was nothing to do; for the watchdog. A turn all of whose work failed is
   * none. A store that refuses for a reason that is known and named (a full disk) does not count as failing: a restart would not help.
   */
  progress(): number;
  stop(): void;
}

const TURN_MS = 1_000;
/** In turns: counts and ballast every ten seconds, the heartbeat every minute. */
const FLUSH_EVERY = 10;
const HEARTBEAT_EVERY = 60;
/** A batch of look-ups, as the audit log has it: those of five minutes, as numbers. */
const BATCH_EVERY = 300;
const KNOWN_ALARMS = 'alarms';
/** Duties that cannot be done without the store; `crew` too, where there is one. */
const ASK_STORE = ['cameras', 'alarms', 'counts', 'heartbeat'];

export function startDuties(
  r: Running,
  counter: Counter,
  outbox: OutboxWriter,
  supervisor: Supervisor,
  log: Log,
): Duties {
  let turns = 0;
  let progress = 0;
  let worked = false;
  const asksStore = new Set(r.crew ? [...ASK_STORE, 'crew'] : ASK_STORE);
  /** One duty that fails (a full disk, mostly) must not keep the others from being done. */
  const duty = (name: string, work: () => void): void => {
    const did = supervisor.attempt(`duty:${name}`, () => {
      try {
        work();
      } catch (error) {
        // The store says so itself, once for all who write (`store-status.ts`).
        if (!isRefusal(error)) throw error;
      }
    });
    if (did && asksStore.has(name)) worked = true;
  };
  const turn = (): void => {
    duty('clock', () => r.clock.keep());
    duty('lists', () => lists());
    duty('hits', () => r.raiser.retry());
    duty('crew', () => r.crew?.turn());
    duty('cameras', () => reportCameras(r, outbox, log));
    duty('alarms', () => reportAlarms(r, outbox, log));
    if (turns % FLUSH_EVERY === FLUSH_EVERY - 1) duty('counts', () => counter.flush());
    if (turns % FLUSH_EVERY === 0 && r.raiser.state().waiting === 0) duty('ballast', () => keepBallast(r));
    if (turns % HEARTBEAT_EVERY === 0) duty('heartbeat', () => heartbeat(r, outbox));
    if (turns % BATCH_EVERY === BATCH_EVERY - 1) duty('audit', () => batches());
    turns++;
    if (worked) progress++;
    worked = false;
  };
  const batches = lookupBatches(r);
  const lists = watchLists(r, log);
  const note = (what: string): void => {
    const detail = { version: r.version, config: r.config.sha256 };
    duty('audit', () => appendAudit(r.db, { at: r.clock.now(), who: 'box', what, detail }));
  };
  note('box started');
  const timer = setInterval(turn, TURN_MS);
  turn();
  return {
    progress: () => progress,
    stop() {
      clearInterval(timer);
      duty('clock', () => r.clock.keep());
      duty('counts', () => counter.flush());
      duty('audit', () => batches());
      note('box stopped');
    },
  };
}

/** Writes how many look-ups there were since the last call, by outcome, and against which list: never what was looked up. */
function lookupBatches(r: Running): () => void {
  const types = listTypes(r.config);
  const before = new Map(types.map((type) => [type, { ...lookupsOf(r, type) }]));
  let since = r.clock.now();
  return () => {
    const at = r.clock.now();
    for (const type of types) {
      const now = { ...lookupsOf(r, type) };
      const then = before.get(type) ?? {};
      const lookups = Object.fromEntries(
        Object.entries(now).map(([outcome, n]) => [outcome, n - (then[outcome] ?? 0)]),
      );
      if (Object.values(lookups).every((n) => n === 0)) continue;
      const list = r.lists.state(type, r.clock.trusted());
      const detail = { since: new Date(since).toISOString(), lookups, list: list.ref ? { ...list.ref } : null };
      appendAudit(r.db, { at, who: 'box', what: 'look-ups', detail });
      before.set(type, now);
    }
    since = at;
  };
}

/** Lists are loaded by a thread: what it brought shows at a later turn. */
function watchLists(r: Running, log: Log): () => void {
  const types = listTypes(r.config);
  const stateOf = (type: ListType) => r.lists.state(type, r.clock.trusted());
  const known = new Map(types.map((type) => [type, stateOf(type)]));
  return () => {
    r.lists.turn();
    for (const type of types) {
      const [before, state] = [known.get(type)!, stateOf(type)];
      known.set(type, state);
      if (state.ref?.sha256 !== before.ref?.sha256 && type === 'plate-list') r.road.listChanged();
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

/** Laid down again once there is room. Until then what may be lost is not written. */
function keepBallast(r: Running): void {
  const { folder } = r.config.storage;
  r.db.health.useReserve(!layBallast(folder) && freeBytes(folder) <= BALLAST_BYTES);
}

/** A camera that somebody turned or covered: what it shows is not what it is there for. */
function reportCameras(r: Running, outbox: OutboxWriter, log: Log): void {
  const cameras = r.cameras.filter((c) => !c.pushes);
  const views = cameras.map(({ id, lane, moved }) => ({ id, lane, moved: moved.view() }));
  for (const change of reportMoved(r.db, views, outbox)) log.warn({ ...change }, 'camera moved or covered');
}

/** Past the store where it takes nothing, or cannot even say what the room knows. Throws then. */
function reportAlarms(r: Running, outbox: OutboxWriter, log: Log): void {
  const problems = problemsOf(r);
  const stored = storedAlarms(r.db);
  const known = r.direct.over(parseKnown('text' in stored ? stored.text : undefined));
  const changes = alarmChanges(known, problems);
  if ('text' in stored && changes.length === 0 && !r.direct.ahead()) return;
  const write = r.db.transaction(() => {
    for (const change of changes) {
      const { key, data } = change;
      const id = r.direct.idOf(change);
      const event = { type: 'io.sitebox.alarm.v1', subject: key, time: r.clock.now(), data } as const;
      outbox.enqueue({ ...event, stream: `alarm:${key}`, ...(id === undefined ? {} : { id }) });
    }
    setMeta(r.db, KNOWN_ALARMS, nextKnown(known, changes, problems));
  });
  try {
    if (!('text' in stored)) throw stored.error;
    write.immediate();
    r.direct.settled();
  } catch (error) {
    r.direct.send(changes, r.clock.now());
    throw error;
  }
  for (const { key, state } of changes) {
    const problem = problems.find((p) => p.key === key);
    if (state === 'raised') log.warn({ alarm: key, what: problem?.what, todo: problem?.todo }, 'alarm raised');
    else log.info({ alarm: key }, 'alarm cleared');
  }
}

function storedAlarms(db: Running['db']): { readonly text: string | undefined } | { readonly error: unknown } {
  try {
    return { text: readableMeta(db, KNOWN_ALARMS) };
  } catch (error) {
    return { error };
  }
}

/** Tells the command room once a minute that the box lives; only the newest one waits while the line is down. */
function heartbeat(r: Running, outbox: OutboxWriter): void {
  const problems = problemsOf(r).map((p) => p.key);
  const data = {
    status: problems.length === 0 ? 'ok' : 'alarm',
    problems,
    version: r.version,
    startedAt: new Date(r.startedAt).toISOString(),
    // What the room has seen of the log cannot be taken back here unseen.
    audit: readHead(r.db) ?? null,
  };
  const event = { type: 'io.sitebox.health.v1', subject: 'box', time: r.clock.now(), data, stream: 'health' } as const;
  outbox.enqueue({ ...event, supersedes: {} });
}
