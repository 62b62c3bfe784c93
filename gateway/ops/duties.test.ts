/** W17: the watchdog is fed by work that was done, not by turns that were taken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSupervisor } from '../supervisor.ts';
import { openDb, type Db } from '../store/db.ts';
import { stalledParts } from './notify.ts';
import { startDuties } from './duties.ts';
import type { Running } from './report.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
let folder: string;
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-duties-'));
  db = openDb(folder);
});
afterEach(() => {
  vi.useRealTimers();
  if (db.open) db.close();
  rmSync(folder, { recursive: true });
});

it('W17: turns all of whose work fails are no progress, and work that is done again is', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let broken = false;
  const fails = (): void => {
    if (broken) throw new Error('planted');
  };
  // What the duties ask of the box; each of them ends in the store or in these.
  const running = {
    ...{ db, cameras: [], gates: [], status: [{ problems: () => [] }], version: '0', startedAt: 0 },
    config: { storage: { folder }, lanes: [], sha256: '', crew: undefined },
    clock: { now: () => (fails(), 0), keep: () => undefined },
    raiser: { state: () => ({ waiting: 0 }), retry: () => undefined },
    crew: { turn: fails },
    lists: { changed: () => false, state: () => ({}) },
    get deliveries() {
      fails();
      return new Map();
    },
  } as unknown as Running;
  const counter = { flush: fails, add: () => undefined, addPresentation: () => undefined };
  const outlet = { source: '', relays: [], limits: { rows: 1, bytes: 1 }, now: () => 0, wake: () => undefined };
  const duties = startDuties(running, counter, outlet, openSupervisor({ log: silent }), silent);
  const stalled = (from: number) =>
    stalledParts({ store: { done: from, idle: false } }, { store: { done: duties.progress(), idle: false } });
  const before = duties.progress();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(stalled(before)).toEqual([]);
  broken = true;
  db.exec('DROP TABLE meta');
  const whenBroken = duties.progress();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(stalled(whenBroken)).toEqual(['store']);
  broken = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stalled(whenBroken)).toEqual([]);
  duties.stop();
});
