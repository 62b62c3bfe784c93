/** A log that cannot be written: it stops hits and what people do, and calls for help go on; what is missing is entered as a gap. */
import { beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { appendAnyDeed } from './audit.fixtures.ts';
import { appendOrCount, enterGap, restoreGap } from './audit-gap.ts';
import { verifyAudit } from './audit.ts';
import { testDb } from './db.fixtures.ts';
import type { Db } from './db.ts';
import { freezeTable } from './damage/freeze-table.ts';
import { addDevice, revokeDevice } from './devices.ts';
import { exampleHit } from './hits.fixtures.ts';
import { recordHit } from './hits.ts';
import { OutboxWriter } from './outbox/outbox.ts';
import { recordSos } from './sos.ts';
import { latestTracks } from './tracks.ts';

const T0 = Date.UTC(2026, 0, 1);
const DEVICE = { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;
const PERSON = { by: 'Chief 1', now: T0 };
const CLOCK = { highest: T0, behindMs: 0 };

let folder: string;
let db: Db;
let outbox: OutboxWriter;

beforeEach(() => {
  folder = tempFolder();
  db = testDb(folder);
  outbox = new OutboxWriter(db, {
    source: '/s',
    relays: ['room'],
    limits: { rows: 9, bytes: 1e6 },
    now: () => T0,
    wake() {},
  });
  addDevice(db, DEVICE, PERSON);
  // As the daily check does with a damaged table.
  freezeTable(db, 'audit');
});

function thaw(): void {
  for (const what of ['INSERT', 'UPDATE', 'DELETE']) db.exec(`DROP TRIGGER "frozen audit ${what}"`);
}
const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;

function call(name: string) {
  const report = { device: 'cam-1', sos: name, state: 'raised', at: T0 } as const;
  const move = () => ({ where: {}, change: 'repeat' as const });
  return recordSos(db, { report, device: DEVICE, move, clock: CLOCK }, outbox);
}

test('a hit, a change of devices and a look at positions are not done where they cannot be logged', () => {
  expect(() => recordHit(db, { hit: exampleHit(T0), evidence: [], windowMs: 1 }, outbox)).toThrow('audit');
  expect(() => revokeDevice(db, 'cam-1', PERSON, outbox)).toThrow('audit');
  expect(() => latestTracks(db, { who: 'Chief 1', why: 'a search', now: T0 })).toThrow('audit');
  expect([count('hits'), count('outbox'), count('devices')]).toEqual([0, 0, 1]);
  expect(db.prepare('SELECT revokedMs FROM devices').pluck().get()).toBeNull();
  // What stopped is no gap.
  expect(db.gap.state()).toBeUndefined();
});

test('a call for help is stored and sent without the log, and entered as a gap as soon as it can', () => {
  call('a');
  call('b');
  expect([count('sos'), count('outbox'), count('audit')]).toEqual([2, 2, 1]);
  expect(() => enterGap(db, T0 + 5)).toThrow('audit');
  expect(db.gap.state()).toEqual({ from: T0, to: T0, rows: 2 });
  thaw();
  enterGap(db, T0 + 9);
  enterGap(db, T0 + 10);
  const row = db.prepare('SELECT atMs, who, what, detail FROM audit WHERE seq = 2').get();
  const detail = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z', rows: 2 };
  expect(row).toEqual({ atMs: T0 + 9, who: 'box', what: 'audit gap', detail: JSON.stringify(detail) });
  expect(verifyAudit(db)).toEqual({ ok: true, rows: 2 });
});

test('a gap outlives a restart', () => {
  call('a');
  const after = testDb(folder);
  restoreGap(after);
  expect(after.gap.state()).toEqual({ from: T0, to: T0, rows: 1 });
  enterGap(after, T0);
  const later = testDb(folder);
  restoreGap(later);
  expect(later.gap.state()).toBeUndefined();
});

test('a gap that was counted while the store took nothing is kept as soon as it takes something', () => {
  db.gap.count(T0);
  expect(() => enterGap(db, T0 + 5)).toThrow('audit');
  const after = testDb(folder);
  restoreGap(after);
  expect(after.gap.state()).toEqual({ from: T0, to: T0, rows: 1 });
});

test('without the count, the same row would stop what it belongs to', () => {
  const row = { at: T0, who: 'box', what: 'safe mode left', detail: {} } as const;
  expect(() => appendAnyDeed(db, row)).toThrow('audit');
  expect(() => appendOrCount(db, row)).not.toThrow();
});
