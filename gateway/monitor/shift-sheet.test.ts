/** The sheet of a shift on a real store: what is open and what was not looked at, bounded however much there is. */
import { beforeEach, expect, it } from 'vitest';
import type { ListState, ListType } from '../contracts/list.ts';
import { testDb } from '../store/db.fixtures.ts';
import { setMeta, type Db } from '../store/db.ts';
import { addHandover } from '../store/handovers.ts';
import { noteAlarm, noteRunning, noteStart } from '../store/outages.ts';
import { plantHits, plantOrder, plantSos } from '../store/shift.fixtures.ts';
import { KNOWN_ALARMS } from './alarms.ts';
import { MAX_LISTED, shiftSheet } from './shift-sheet.ts';

const T0 = Date.UTC(2026, 10, 30, 8);
const HOUR_MS = 3_600_000;
const REF = { type: 'plate-list', version: 3, sha256: 'a' } as const;

let db: Db;
let now: number;
beforeEach(() => {
  db = testDb();
  now = T0;
});

const sheet = (lists: readonly (readonly [ListType, ListState])[] = [], isRunning = true) =>
  shiftSheet({ db, clock: { now: () => now }, lists: () => lists, relays: ['room'], isRunning }, T0 + 24 * HOUR_MS);

it('an empty store has nothing to hand over', () => {
  expect(sheet()).toEqual({
    until: '2026-12-01T08:00:00.000Z',
    hits: { counts: { unreviewed: 0, first: 0, 'one-opinion': 0 }, newest: [], more: 0 },
    sos: { newest: [], more: 0 },
    orders: { newest: [], more: 0 },
    lists: [],
    mode: { mode: 'normal' },
    alarms: [],
    devices: [],
    blind: { newest: [], more: 0 },
    outbox: [{ relay: 'room', waiting: 0, dead: 0 }],
  });
});

it('holds open calls, unread orders, broken devices, and hits that take an opinion', () => {
  plantHits(db, 2, T0 - HOUR_MS);
  plantHits(db, 1, T0, 'first', 'F');
  for (const state of ['confirmed', 'dismissed', 'disputed']) plantHits(db, 1, T0, state, state);
  plantSos(db, 'S-1', T0 - 11 * HOUR_MS, T0);
  plantSos(db, 'S-2', T0 - 13 * HOUR_MS, T0);
  plantSos(db, 'S-3', T0 - 50 * HOUR_MS);
  plantOrder(db, 'O-1', T0);
  setMeta(db, 'deviceProblems', '["cam-2 battery low"]');
  setMeta(db, 'movedCameras', '["north"]');
  const { hits, sos, orders, devices } = sheet();
  expect(hits).toMatchObject({ counts: { unreviewed: 2, first: 1, 'one-opinion': 0 }, more: 0 });
  expect(hits.newest.map(({ id, state }) => `${id} ${state}`)).toEqual([
    'F-0 first',
    'H-1 unreviewed',
    'H-0 unreviewed',
  ]);
  expect(sos.newest.map(({ id, seen }) => [id, seen])).toEqual([
    ['S-1', true],
    ['S-3', false],
  ]);
  expect(orders).toEqual({ newest: [{ id: 'O-1', created: '2026-11-30T08:00:00.000Z', devices: ['cam-2'] }], more: 0 });
  expect(devices).toEqual([
    { device: 'cam-2', what: 'battery low' },
    { device: 'north', what: 'tampering' },
  ]);
});

it('of 10,000 open hits it lists the newest and says how many more', () => {
  plantHits(db, 10_000, T0);
  const { hits } = sheet();
  expect([hits.counts.unreviewed, hits.newest.length, hits.newest[0]!.id, hits.more]).toEqual([
    10_000,
    MAX_LISTED,
    'H-9999',
    10_000 - MAX_LISTED,
  ]);
});

it('says of each list whether it ends before the next shift does', () => {
  const inForce = (hours: number): ListState => ({
    state: 'in force',
    ref: REF,
    entries: 1,
    expires: T0 + hours * HOUR_MS,
  });
  expect(
    sheet([
      ['plate-list', inForce(23)],
      ['plate-list', inForce(24)],
      ['doc-list', { state: 'not in force', why: 'expired', detail: '' }],
    ]).lists.map(({ type, endsBefore, why }) => [type, endsBefore, why]),
  ).toEqual([
    ['plate-list', true, undefined],
    ['plate-list', false, undefined],
    ['doc-list', true, 'expired'],
  ]);
});

it('holds since when an alarm lasts, and when a camera or the box did not look since the last hand-over', () => {
  const at = (hours: number) => T0 + hours * HOUR_MS;
  noteStart(db, at(-30));
  noteRunning(db, at(-30));
  noteStart(db, at(-29));
  db.write(() => noteAlarm(db, 'camera:north', at(-3), 'north is silent'));
  db.write(() => noteAlarm(db, 'camera:north', at(-2)));
  noteRunning(db, at(-2));
  noteStart(db, at(-1));
  db.write(() => noteAlarm(db, 'reader:desk', at(-0.5), 'desk is silent'));
  db.write(() => noteAlarm(db, 'clock', at(-0.5), 'the clock is behind'));
  setMeta(
    db,
    KNOWN_ALARMS,
    '{"reader:desk":"desk is silent","clock":"the clock is behind","old":"of an earlier version"}',
  );
  expect(sheet().alarms).toEqual([
    { key: 'reader:desk', what: 'desk is silent', since: '2026-11-30T07:30:00.000Z' },
    { key: 'clock', what: 'the clock is behind', since: '2026-11-30T07:30:00.000Z' },
    { key: 'old', what: 'of an earlier version' },
  ]);
  const blind = () =>
    sheet().blind.newest.map(({ key, from, to }) => `${key} ${from.slice(11, 16)} ${to?.slice(11, 16) ?? '-'}`);
  expect(blind()).toEqual(['reader:desk 07:30 -', 'box 06:00 07:00', 'camera:north 05:00 06:00']);
  const handover = { id: 'X', outgoing: '1', incoming: '2', note: '', digest: 'd', sheet: sheet() };
  db.write(() => addHandover(db, at(-1.5), handover));
  expect(blind()).toEqual(['reader:desk 07:30 -', 'box 06:00 07:00']);
});

it('of a box that is stopped says since when nothing was looked at', () => {
  expect(sheet([], false).blind.newest).toEqual([]);
  noteRunning(db, T0 - HOUR_MS);
  expect(sheet([], false).blind.newest).toEqual([
    { key: 'box', what: 'the box did not run', from: '2026-11-30T07:00:00.000Z' },
  ]);
  expect(sheet().blind.newest).toEqual([]);
});

it('a clock that was set back makes no time end before it began, and no start an outage', () => {
  db.write(() => noteAlarm(db, 'camera:north', T0, 'north is silent'));
  db.write(() => noteAlarm(db, 'camera:north', T0 - HOUR_MS));
  noteRunning(db, T0);
  noteStart(db, T0 - HOUR_MS);
  expect(sheet().blind.newest.map(({ key, from, to }) => [key, from === to])).toEqual([['camera:north', true]]);
});

it('what ended is forgotten after 90 days, which is logged; what lasts is not', () => {
  const later = T0 + 91 * 24 * HOUR_MS;
  for (const key of ['camera:a', 'camera:b']) db.write(() => noteAlarm(db, key, T0, 'silent'));
  db.write(() => noteAlarm(db, 'camera:a', T0 + HOUR_MS));
  db.write(() => noteAlarm(db, 'camera:c', later, 'silent'));
  expect(db.prepare('SELECT key FROM outages ORDER BY seq').pluck().all()).toEqual(['camera:b', 'camera:c']);
  expect(db.prepare("SELECT detail FROM audit WHERE what = 'retention run'").pluck().all()).toEqual([
    '{"class":"shifts","rows":1}',
  ]);
});
