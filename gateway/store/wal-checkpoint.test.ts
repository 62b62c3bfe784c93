import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Log } from '../types.ts';
import { DB_FILE, getMeta, setMeta } from './db.ts';
import { openStore, type Store } from './store.ts';
import { openWalCheckpoint } from './wal-checkpoint.ts';

const QUIET: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const NOOP = 'wal_checkpoint(NOOP)';
const PASSIVE = 'wal_checkpoint(PASSIVE)';
const PATIENCE = { timeout: 30_000, interval: 5 };

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-wal-'));
  store = openStore(folder, QUIET);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** 2,000 pages. */
const LENGTH = 8 * 2 ** 20;
const write = (round = 0): void => setMeta(store.db, 'a', String(round).padEnd(LENGTH));
/** How far the log has come; and how often the event loop looks for that, or makes a checkpoint itself, from here on. */
function watchLog() {
  const pragma = store.db.pragma.bind(store.db);
  const spy = vi.spyOn(store.db, 'pragma');
  return {
    frames: () => (pragma(NOOP) as [{ readonly log: number; readonly checkpointed: number }])[0],
    own: (text: string): number => spy.mock.calls.filter(([given]) => given === text).length,
  };
}

test('L8, W13: a long log is moved into the store without the event loop', async () => {
  write();
  const { frames, own } = watchLog();
  store.look();
  await vi.waitUntil(() => frames().checkpointed === frames().log, PATIENCE);
  expect(own(PASSIVE)).toBe(0);
  store.look();
  expect(store.db.health.state().refusal).toBeUndefined();
  // Whoever closes a store tidies up, as if there had been no thread.
  store.close();
  expect(existsSync(`${join(folder, DB_FILE)}-wal`)).toBe(false);
  store = openStore(folder, QUIET);
  expect(getMeta(store.db, 'a')).toHaveLength(LENGTH);
});

test('L8, W13: the log is bounded also where writes never pause', async () => {
  const { frames, own } = watchLog();
  for (let i = 0; i < 12; i++) {
    write(i);
    const { log } = frames();
    store.look();
    const looks = own(NOOP);
    // More comes while the thread moves what is there, up to the end of it. Who looks too often is in its way.
    for (let n = 1; n < 5_000 && (n % 50 > 0 || frames().checkpointed < log); n++) setMeta(store.db, 'b', `${i} ${n}`);
    await vi.waitUntil(() => own(NOOP) > looks, PATIENCE);
  }
  expect(statSync(`${join(folder, DB_FILE)}-wal`).size).toBeLessThan(80 * 2 ** 20);
  expect(own(PASSIVE)).toBeGreaterThan(0);
});

test('W1: where the thread could not, the event loop does it, and the next time the thread again', async () => {
  const nowhere = openWalCheckpoint(join(folder, 'nowhere', DB_FILE), () => undefined);
  expect(nowhere.begin()).toBe(true);
  await vi.waitUntil(() => !nowhere.isUnderWay(), PATIENCE);
  expect(nowhere.begin()).toBe(false);
  expect(nowhere.begin()).toBe(true);
  await vi.waitUntil(() => !nowhere.isUnderWay(), PATIENCE);
  nowhere.close();
});
