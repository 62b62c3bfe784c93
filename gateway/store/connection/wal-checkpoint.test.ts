import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi, type TestContext } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { mountDisk } from '../../../simulators/faults/small-disk.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { DB_FILE, getMeta, setMeta } from '../db.ts';
import { BALLAST_FILE } from '../files/names.ts';
import { openStore, type Store } from '../store.ts';
import { openWalCheckpoint } from './wal-checkpoint.ts';

const NOOP = 'wal_checkpoint(NOOP)';
const PASSIVE = 'wal_checkpoint(PASSIVE)';
const PATIENCE = { timeout: 30_000, interval: 5 };

let folder: string;
let store: Store;
beforeEach(() => {
  folder = tempFolder();
  store = openStore(folder, SILENT_LOG);
});
afterEach(() => store.close());

/** From here on the event loop checkpoints. */
const OWN_FRAMES = 40_000;
/** More than a store has when it was just opened. */
const SHORT_FRAMES = 500;
/** 2,000 pages. */
const LENGTH = 8 * 2 ** 20;
const write = (round = 0): void => setMeta(store.db, 'a', String(round).repeat(LENGTH));
/** More is written while the thread checkpoints. */
const goOn = (): void => setMeta(store.db, 'b', String(performance.now()));
/** How far the log has come, and how often from here on the event loop asks for that or runs a checkpoint itself. */
function watchLog() {
  const pragma = store.db.pragma.bind(store.db);
  const spy = vi.spyOn(store.db, 'pragma');
  return {
    frames: () => (pragma(NOOP) as [{ readonly log: number; readonly checkpointed: number }])[0],
    own: (text: string): number => spy.mock.calls.filter(([given]) => given === text).length,
  };
}

test('L8, W13: a long log is checkpointed off the event loop', async () => {
  write();
  const { frames, own } = watchLog();
  store.look();
  await vi.waitUntil(() => frames().checkpointed === frames().log, PATIENCE);
  expect(own(PASSIVE)).toBe(0);
  store.look();
  expect(store.db.health.state().refusal).toBeUndefined();
  // The connection closed last cleans up, as if there had been no thread.
  store.close();
  expect(existsSync(`${join(folder, DB_FILE)}-wal`)).toBe(false);
  store = openStore(folder, SILENT_LOG);
  expect(getMeta(store.db, 'a')).toHaveLength(LENGTH);
});

test('L8, W13: what is written into a long log during a checkpoint is checkpointed off the event loop too, so that the log restarts', async () => {
  const { frames, own } = watchLog();
  for (let i = 0; i < 6; i++) write(i);
  const { log } = frames();
  store.look();
  await vi.waitUntil(() => {
    goOn();
    return frames().log < log / 2;
  }, PATIENCE);
  expect(own(PASSIVE)).toBe(0);
});

test('L8, W13: when the log has grown very long all the same, the event loop checkpoints the rest', async () => {
  const { frames, own } = watchLog();
  for (let i = 0; frames().log < OWN_FRAMES; i++) write(i);
  const { log } = frames();
  store.look();
  await vi.waitUntil(() => {
    goOn();
    return own(PASSIVE) > 0;
  }, PATIENCE);
  goOn();
  expect(frames().log).toBeLessThan(log / 2);
});

test('W5: a log that SQLite itself checkpointed and began again is no change by another program', () => {
  const { frames } = watchLog();
  let log = 0;
  for (let i = 0; frames().log >= log; i++) {
    ({ log } = frames());
    write(i);
  }
  for (let i = 0; frames().log < SHORT_FRAMES; i++) setMeta(store.db, 'b', String(i));
  store.look();
  expect(store.db.health.state().refusal).toBeUndefined();
});

test('W1: when the thread fails, the event loop runs the checkpoint, and the thread runs the next one', async () => {
  const nowhere = openWalCheckpoint(join(folder, 'nowhere', DB_FILE), () => undefined);
  expect(nowhere.begin()).toBe(true);
  await vi.waitUntil(() => !nowhere.isUnderWay(), PATIENCE);
  expect(nowhere.begin()).toBe(false);
  expect(nowhere.begin()).toBe(true);
  await vi.waitUntil(() => !nowhere.isUnderWay(), PATIENCE);
  nowhere.close();
});

/** A store whose log may hold 2,000 pages without more space, but whose file has no space for them: the rest of the disk is full. */
async function onFullDisk(context: TestContext, ballast: number) {
  const beside = tempFolder();
  const disk = mountDisk(join(beside, 'disk'), { kind: 'tmpfs', megabytes: 60 });
  if (typeof disk === 'string') return context.skip(disk);
  onTestFinished(() => disk.unmount());
  if (ballast > 0) writeFileSync(join(disk.folder, BALLAST_FILE), Buffer.alloc(ballast, 1));
  const small = openStore(disk.folder, SILENT_LOG);
  onTestFinished(() => small.close());
  const whole = () => {
    const [{ log, checkpointed }] = small.db.pragma(NOOP) as [{ log: number; checkpointed: number }];
    return log === checkpointed;
  };
  setMeta(small.db, 'a', 'x'.padEnd(LENGTH));
  small.look();
  await vi.waitUntil(whole, PATIENCE);
  disk.fill();
  setMeta(small.db, 'b', 'y'.padEnd(LENGTH - 2 ** 16));
  expect(whole()).toBe(false);
  return { disk, small, whole };
}

test('W4, W5: a checkpoint without space in the file uses the ballast', async (context) => {
  const { disk, small, whole } = await onFullDisk(context, 16 * 2 ** 20);
  small.look();
  await vi.waitUntil(whole, PATIENCE);
  expect(existsSync(join(disk.folder, BALLAST_FILE))).toBe(false);
  expect(small.db.health.state()).toMatchObject({ refusal: undefined, onReserve: true });
});

test('W4, W5: pages moved before the disk was full do not count as a change by others, and the rest follows when there is space', async (context) => {
  const { disk, small, whole } = await onFullDisk(context, 0);
  const refusals: unknown[] = [];
  const looked = vi.spyOn(small.db, 'hasRoomFor');
  await vi.waitUntil(() => {
    refusals.push(small.db.health.state().refusal?.kind);
    return looked.mock.results.some(({ value }) => value === false);
  }, PATIENCE);
  small.look();
  expect([...refusals, small.db.health.state().refusal?.kind]).not.toContain('moved');
  disk.free();
  await vi.waitUntil(whole, PATIENCE);
  setMeta(small.db, 'c', '1');
  small.look();
  expect(small.db.health.state().refusal).toBeUndefined();
});
