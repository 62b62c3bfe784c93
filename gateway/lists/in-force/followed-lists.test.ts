import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { playRoad, pushedRead } from '../../road/road.fixtures.ts';
import { ANCHORS_FILE } from '../../store/files/names.ts';
import { openDb, type Db } from '../../store/db.ts';
import { listRoots } from '../../store/lists.ts';
import { SILENT_LOG, type Log } from '../../contracts/base.ts';
import { installRoot } from './box-root.ts';
import { DEFAULT_LIST_LIMITS } from '../bundle.ts';
import { writeSigned } from '../files.ts';
import { DAY_MS, list, NOW, office, read, SITE, type Office } from '../lists.fixtures.ts';
import { FollowedLists } from './followed-lists.ts';
import { importBundle } from './import.fixtures.ts';
import { largeList, plateOf } from '../large.fixtures.ts';
import { buffersOfStore, loadStore } from './load-store.ts';
import { rotateRoot } from '../office/sign.ts';
import { loadProblems } from './status.ts';

let folder: string;
let trustFile: string;
let db: Db;
let o: Office;
let lists: FollowedLists | undefined;
const by = { now: NOW, who: 'officer' };
const options = () => ({ db, folder, site: SITE, trustFile, timeZone: 'UTC', limits: DEFAULT_LIST_LIMITS });
const follow = (): FollowedLists => (lists = new FollowedLists({ ...options(), now: () => NOW, log: SILENT_LOG }));
const state = (now = NOW) => lists!.state('plate-list', now);
/** As another process brings it. */
function bring(file: ReturnType<typeof list>): void {
  const other = openDb(folder);
  const taken = importBundle(other, { ...by, file, site: SITE, limits: DEFAULT_LIST_LIMITS });
  other.close();
  if (!taken.ok) throw new Error(taken.detail);
}

beforeEach(() => {
  folder = tempFolder();
  trustFile = join(folder, 'root.json');
  o = office();
  writeSigned(trustFile, o.rootFile);
  db = openDb(folder);
  installRoot(db, o.rootFile, by);
});
afterEach(async () => {
  await lists?.close();
  lists = undefined;
  db.close();
});

it('says that the lists are being loaded until they are, and the start waits for short ones', async () => {
  bring(list(o.listKeys, { version: 7 }));
  follow();
  expect(state()).toMatchObject({ state: 'not in force', why: 'loading' });
  expect(lists!.matchPlate(read('皖A12345'), 'north', NOW)).toBeUndefined();
  await lists!.started();
  expect(state()).toMatchObject({ state: 'in force', ref: { version: 7 }, entries: 1 });
  expect(lists!.matchPlate(read('皖A12345'), 'north', NOW)).toMatchObject({ certainty: 'exact', entry: { id: 'E-1' } });
  expect(state(NOW + 7 * DAY_MS)).toMatchObject({ state: 'not in force', why: 'expired' });
});

it('L8: a long list is read, verified and unpacked by the thread alone, while the old one matches', async () => {
  const entries = 10_000;
  bring(list(o.listKeys, { version: 7 }));
  follow();
  await lists!.started();
  bring(largeList(o, { version: 8 }, entries));
  const asked = vi.spyOn(db, 'prepare');
  const parsed = vi.spyOn(JSON, 'parse');
  onTestFinished(() => void vi.restoreAllMocks());
  lists!.reloadIfChanged();
  expect(lists!.loading()).toBe(true);
  expect(state()).toMatchObject({ state: 'in force', ref: { version: 7 } });
  expect(lists!.matchPlate(read('皖A12345'), 'north', NOW)).toMatchObject({ certainty: 'exact' });
  await vi.waitUntil(() => state().ref?.version === 8, { timeout: 120_000 });
  expect(state()).toMatchObject({ state: 'in force', entries });
  // What this thread does for a list does not grow with it.
  expect(asked.mock.calls.map(([sql]) => sql).filter((sql) => /bytes.* FROM lists/.test(sql))).toEqual([]);
  expect(Math.max(0, ...parsed.mock.calls.map(([text]) => text.length))).toBeLessThan(1_000);
  expect(parsed.mock.calls.length).toBeLessThan(100);
  for (const i of [0, 1, 5_432, entries - 1]) {
    expect(lists!.matchPlate(read(plateOf(i)), 'north', NOW)).toMatchObject({
      certainty: 'exact',
      entry: { id: `E-${i}` },
    });
  }
  // A plate of nobody's list, and one character off, of those that readers take for each other.
  expect(lists!.matchPlate(read('皖D00B01'), 'north', NOW)).toBeUndefined();
  expect(lists!.matchPlate(read('苏A00001'), 'north', NOW)).toMatchObject({
    certainty: 'possible',
    entry: { id: 'E-1' },
  });
});

it('L8: what the thread hands over is a few buffers, none of them copied, however long the list is', () => {
  bring(largeList(o, { version: 8 }, 1_000));
  const loaded = loadStore(db, options());
  const handed = buffersOfStore(loaded);
  let views = 0;
  const rest = JSON.stringify(loaded, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    if (value.byteLength > 100 && !(value instanceof Buffer)) expect(handed).toContain(value.buffer);
    views++;
    return '';
  });
  expect(views).toBeLessThan(10 + handed.length);
  expect(rest.length).toBeLessThan(5_000);
});

it('L8: with a long list in the store the start does not wait', async () => {
  bring(largeList(o, { version: 8 }, 10_000));
  follow();
  await lists!.started();
  expect(state()).toMatchObject({ state: 'not in force', why: 'loading' });
  await vi.waitUntil(() => state().state === 'in force', { timeout: 60_000 });
});

it('a first load that fails says so, is tried again by the turn, and pushed reads are answered meanwhile', async () => {
  bring(list(o.listKeys, { version: 7 }));
  const errors: unknown[] = [];
  const log: Log = { ...SILENT_LOG, error: (what) => void errors.push(what) };
  const elsewhere = join(folder, 'elsewhere');
  const answers: string[] = [];
  const road = playRoad({ list: () => state() }).road;
  const push = () => road.pushed('cam-1', pushedRead('皖A12345'), (why) => void answers.push(why?.message ?? 'ok'));
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  lists = new FollowedLists({ ...options(), folder: elsewhere, now: () => NOW, log });
  push();
  await lists.started();
  push();
  expect(answers).toEqual(['the list is still being read', 'ok']);
  expect(state()).toMatchObject({ state: 'not in force', why: 'not loaded' });
  expect((state() as { detail: string }).detail).toContain('elsewhere');
  expect(lists.loadError()).toContain('elsewhere');
  expect(errors).toHaveLength(1);
  expect(loadProblems(lists)).toMatchObject([{ key: 'list-load' }]);
  symlinkSync(folder, elsewhere);
  lists.reloadIfChanged();
  expect(lists.loading(), 'too early').toBe(false);
  vi.advanceTimersByTime(30_001);
  lists.reloadIfChanged();
  expect(lists.loading()).toBe(true);
  expect(state()).toMatchObject({ why: 'not loaded' });
  await vi.waitUntil(() => state().state === 'in force', { timeout: 60_000 });
  expect(loadProblems(lists)).toEqual([]);
});

it('a load that takes too long is a failure until it ends after all', async () => {
  bring(list(o.listKeys, { version: 7 }));
  // Shorter than the start of any thread.
  lists = new FollowedLists({ ...options(), now: () => NOW, log: SILENT_LOG, maxLoadMs: 0 });
  await lists.started();
  expect(state()).toMatchObject({ why: 'not loaded' });
  expect(lists.loading(), 'never two at a time').toBe(true);
  expect(loadProblems(lists)).toMatchObject([{ key: 'list-load' }]);
  await vi.waitUntil(() => state().state === 'in force', { timeout: 60_000 });
  expect(loadProblems(lists)).toEqual([]);
});

it('L2: a root that the store does not take is in force, is said, and is tried again', async () => {
  bring(list(o.listKeys, { version: 7 }));
  const next = rotateRoot(o.root, o.rootKeys, { now: NOW });
  writeSigned(trustFile, next.file, true);
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  db.pragma('query_only = ON');
  follow();
  await lists!.started();
  const keys = () => loadProblems(lists!).map(({ key }) => key);
  expect(state()).toMatchObject({ state: 'in force', ref: { version: 7 } });
  expect([keys(), listRoots(db).length]).toEqual([['root-store'], 1]);
  expect(lists!.unstoredRoot()!.what).toContain('readonly');
  vi.advanceTimersByTime(30_001);
  lists!.reloadIfChanged();
  expect(keys(), 'the store refuses still').toEqual(['root-store']);
  db.pragma('query_only = OFF');
  lists!.reloadIfChanged();
  expect(keys(), 'not at each turn').toEqual(['root-store']);
  vi.advanceTimersByTime(30_001);
  lists!.reloadIfChanged();
  expect([keys(), listRoots(db).length]).toEqual([[], 2]);
  lists!.reloadIfChanged();
  expect(lists!.loading(), 'it knows what it did itself').toBe(false);
});

it('L2: a root whose anchor cannot be written is stored all the same', async () => {
  bring(list(o.listKeys, { version: 7 }));
  writeSigned(trustFile, rotateRoot(o.root, o.rootKeys, { now: NOW }).file, true);
  rmSync(join(folder, ANCHORS_FILE));
  for (const name of [ANCHORS_FILE, `${ANCHORS_FILE}.damaged`])
    mkdirSync(join(folder, name, 'full'), { recursive: true });
  follow();
  await lists!.started();
  expect(listRoots(db)).toHaveLength(2);
  expect(loadProblems(lists!)).toEqual([]);
  lists!.reloadIfChanged();
  expect(lists!.loading()).toBe(false);
});

it('ends by itself the thread of a load that a stop meets, and of one that is done: force would abort the process', async () => {
  const exits: Promise<unknown[]>[] = [];
  const started = (thread: Worker): void => void exits.push(once(thread, 'exit'));
  process.on('worker', started);
  onTestFinished(() => void process.off('worker', started));
  bring(list(o.listKeys, { version: 7 }));
  await follow().close();
  await follow().started();
  // A thread that is forced ends with 1.
  expect(await Promise.all(exits)).toEqual([[0], [0]]);
});
