/** What ends by the clock is deleted, and each run is a deed; where it cannot be logged nothing is deleted. */
import { expect, test } from 'vitest';
import { forgetAlerts } from './alerts.ts';
import { testDb } from './db.fixtures.ts';
import type { Db } from './db.ts';
import { addCode, addSession, removeExpired } from './sessions.ts';

const T0 = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

const runs = (db: Db) =>
  db.prepare("SELECT who, detail FROM audit WHERE what = 'retention run' ORDER BY seq").all() as { detail: string }[];
const count = (db: Db, table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
const refuseLog = (db: Db) =>
  db.exec(`CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted: full'); END`);

function addAlerts(db: Db): void {
  const add = db.prepare('INSERT INTO alerts (hit, device, id, stage, atMs, endedMs) VALUES (?, ?, ?, ?, ?, ?)');
  add.run('H-1', 'cam-1', 'A-1', 'confirmed', T0, T0 + DAY_MS);
  add.run('H-1', 'cam-2', 'A-2', 'confirmed', T0, T0 + DAY_MS);
  add.run('H-2', 'cam-1', 'A-3', 'confirmed', T0, T0 + 9 * DAY_MS);
}

test('alerts go 30 days after their end, with a row that says how many; a run without work has none', () => {
  const db = testDb();
  addAlerts(db);
  forgetAlerts(db, T0 + 30 * DAY_MS);
  expect([count(db, 'alerts'), runs(db)]).toEqual([3, []]);
  for (let i = 0; i < 2; i++) forgetAlerts(db, T0 + 32 * DAY_MS);
  expect(count(db, 'alerts')).toBe(1);
  expect(runs(db)).toEqual([{ who: 'box', detail: '{"class":"alerts","rows":2}' }]);
});

test('sessions go with their end and codes a day later, in one row', () => {
  const db = testDb();
  const session = { id: 'S-1', digest: 'a', kind: 'personal', created: T0, last: T0, pinTries: 0 } as const;
  addSession(db, { ...session, expires: T0 + DAY_MS });
  addSession(db, { ...session, id: 'S-2', digest: 'b' });
  addCode(db, { digest: 'c', purpose: 'lane', lane: 'gate-1', expires: T0 + 600_000 });
  db.write(() => removeExpired(db, T0 + DAY_MS, T0 + DAY_MS));
  expect([count(db, 'sessions'), count(db, 'oneTimeCodes')]).toEqual([1, 1]);
  expect(runs(db)).toEqual([{ who: 'box', detail: '{"class":"sessions","rows":1}' }]);
  addSession(db, { ...session, expires: T0 + DAY_MS });
  db.write(() => removeExpired(db, T0 + DAY_MS + 600_000, T0 + DAY_MS));
  expect([count(db, 'sessions'), count(db, 'oneTimeCodes')]).toEqual([1, 0]);
  expect(runs(db).at(-1)).toEqual({ who: 'box', detail: '{"class":"sessions","rows":2}' });
});

test('what cannot be logged is not deleted', () => {
  const db = testDb();
  addAlerts(db);
  refuseLog(db);
  expect(() => forgetAlerts(db, T0 + 60 * DAY_MS)).toThrow('planted');
  expect(count(db, 'alerts')).toBe(3);
});
