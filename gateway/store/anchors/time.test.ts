/** When the anchors are written and when not; failures are counted. */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { noteRefusal } from '../../lists/in-force/import.ts';
import type { Log } from '../../contracts/base.ts';
import { readAnchors } from './anchors.ts';
import { ANCHORS_FILE } from '../files/names.ts';
import { testDb } from '../db.fixtures.ts';
import { timeKeeper } from '../time.ts';
import { settleAnchors } from './rollback-check.ts';

const T0 = Date.UTC(2026, 0, 1);

test('W6: the trusted time is written without the anchors, which follow within the minute, and their failure is counted', () => {
  const folder = tempFolder();
  const db = testDb(folder);
  const clockMs = () => (readAnchors(folder) as { anchors?: { clockMs: number } }).anchors?.clockMs;
  const errors: unknown[] = [];
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: (what) => void errors.push(what) };
  const keeper = settleAnchors(db, { now: () => T0, log });
  const failures = () => [...keeper.status.readings!()[0]!.read()];
  const path = join(folder, ANCHORS_FILE);
  // Every write of the anchors makes a new file.
  const { ino } = statSync(path);
  for (let i = 1; i <= 6; i++) timeKeeper(db).save(T0 + i * 10_000);
  expect(statSync(path).ino).toBe(ino);
  keeper.save();
  expect(clockMs()).toBe(T0 + 60_000);
  const written = statSync(path).ino;
  keeper.save();
  expect(statSync(path).ino, 'they say what they said').toBe(written);
  rmSync(path);
  mkdirSync(join(path, 'full'), { recursive: true });
  mkdirSync(join(`${path}.damaged`, 'full'), { recursive: true });
  timeKeeper(db).save(T0 + 70_000);
  expect(timeKeeper(db).load()).toBe(T0 + 70_000);
  // A refusal is reported as one, not as a change that is in force.
  noteRefusal(db, { ok: false, why: 'unsigned', detail: 'x' }, { now: T0, who: 'A. Person' });
  expect(errors).toEqual([]);
  for (let i = 0; i < 3; i++) keeper.save();
  expect(keeper.status.problems!().map((p) => p.key)).toEqual(['store:anchors']);
  expect([errors.length, failures()]).toEqual([1, [[[], 3]]]);
  for (const at of [path, `${path}.damaged`]) rmSync(at, { recursive: true });
  keeper.save();
  expect(keeper.status.problems!()).toEqual([]);
  expect(clockMs()).toBe(T0 + 70_000);
});
