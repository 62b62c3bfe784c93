/** W17: the watchdog is fed by work that was done, not by turns that were taken. */
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { Supervisor } from '../supervise.ts';
import { getMeta, openDb, openWritable, type Db } from '../store/db.ts';
import { openOutages } from '../store/outages.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import type { Envelope } from '../contracts/relay.ts';
import { openDirectAlarms } from './direct-alarms.ts';
import { stalledParts } from './sd-notify.ts';
import { PeriodicTasks, type PeriodicTasksOptions } from './periodic-tasks.ts';
import { problem } from '../contracts/words/problem.ts';
import { Monitor } from './monitor.ts';
import type { Status } from '../contracts/status.ts';

let folder: string;
let db: Db;
beforeEach(() => {
  folder = tempFolder();
  db = openDb(folder);
});
afterEach(() => {
  vi.useRealTimers();
  if (db.open) db.close();
});

const FACTS = { site: 'demo', box: 'box-001', version: '0', startedAt: 0 };
const DIRECT = openDirectAlarms({ relays: [], source: '', mono: () => 0, log: SILENT_LOG });

/** What the tasks ask of the box; each of them ends in the store or in `fails`. */
function boxOf(fails: () => void, rooms: readonly Status[], more: Partial<PeriodicTasksOptions> = {}): PeriodicTasks {
  const monitor = new Monitor(FACTS, rooms);
  return new PeriodicTasks({
    config: { storage: { folder }, sha256: '' },
    db,
    outbox: OUTBOX,
    clock: { now: () => (fails(), 0), trusted: () => 0, keep: () => undefined },
    supervisor: new Supervisor(SILENT_LOG),
    log: SILENT_LOG,
    monitor,
    direct: DIRECT,
    lists: { state: () => ({}), turn: () => undefined } as unknown as PeriodicTasksOptions['lists'],
    lookups: () => new Map(),
    road: { listChanged: () => undefined },
    hits: { state: () => ({ waiting: 0, lost: 0, error: undefined }), retry: () => undefined },
    reviews: { turn: () => undefined },
    crew: undefined,
    alerts: undefined,
    cameras: [],
    counter: { flush: () => undefined },
    auditLog: { turn: () => undefined, sign: () => undefined, publicKey: () => null },
    ...more,
  });
}
/** Nothing is written to it here. */
const OUTBOX = new OutboxWriter({} as Db, {
  source: '',
  relays: [],
  limits: { rows: 9, bytes: 1e6 },
  now: () => 0,
  wake: () => undefined,
});

it.each(['with a crew', 'without a crew'])(
  'W17: turns all of whose work fails are no progress, and work that is done again is, %s',
  async (which) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let broken = false;
    const fails = (): void => {
      if (broken) throw new Error('planted');
    };
    const asks: Status = { problems: () => (fails(), []) };
    const tasks = boxOf(fails, [asks], {
      counter: { flush: fails },
      ...(which === 'with a crew' ? { crew: { turn: fails } } : {}),
    });
    tasks.start();
    onTestFinished(() => tasks.stop());
    const stalled = (from: number) =>
      stalledParts({ store: { done: from, idle: false } }, { store: { done: tasks.progress(), idle: false } });
    const before = tasks.progress();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(stalled(before)).toEqual([]);
    broken = true;
    db.close();
    const whenBroken = tasks.progress();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(stalled(whenBroken)).toEqual(['store']);
    broken = false;
    const open = () => openWritable(folder);
    db.exchange(open, open);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stalled(whenBroken)).toEqual([]);
  },
);

/** A box whose one problem is `planted`, and what the room is told past the store. */
function boxWithAlarm() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const got: string[] = [];
  const relay = {
    send: (e: Envelope): Promise<void> => {
      got.push(e.subject);
      return Promise.resolve();
    },
  };
  const direct = openDirectAlarms({ relays: [{ id: 'room', relay }], source: '', mono: () => 0, log: SILENT_LOG });
  const planted: Status = { problems: () => [problem('planted', 'faces-off', { cause: 'planted' })] };
  const tasks = boxOf(() => undefined, [planted], { direct });
  const run = (): void => {
    tasks.start();
    onTestFinished(() => tasks.stop());
  };
  return { run, direct, told: () => got.filter((subject) => subject === 'planted') };
}

it('W4: a store that cannot even be read silences no alarm: it leaves past it, once', async () => {
  const { run, told } = boxWithAlarm();
  // Every read throws from here on.
  db.close();
  run();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(told()).toEqual(['planted']);
});

it('W4: a store that can be read again hears of the alarms that left past it', async () => {
  const { run, direct, told } = boxWithAlarm();
  db.exec('ALTER TABLE meta RENAME TO meta2');
  run();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(told()).toEqual(['planted']);
  expect(direct.ahead()).toBe(true);
  db.exec('ALTER TABLE meta2 RENAME TO meta');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(direct.ahead()).toBe(false);
  expect(getMeta(db, 'alarms')).toContain('planted');
  expect(openOutages(db).map(({ key }) => key)).toEqual(['planted']);
  expect(told()).toHaveLength(1);
});
