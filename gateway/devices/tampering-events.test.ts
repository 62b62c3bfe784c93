import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCrewRig, T0, type CrewRig } from '../crew/crew.fixtures.ts';
import type { TamperingState } from './tampering.ts';
import { openDb } from '../store/db.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import { reportTampering } from './tampering-events.ts';

const MOVED: TamperingState = { state: 'moved', since: T0 - 120_000, sure: 0.917 };
let rig: CrewRig;
beforeEach(() => void (rig = openCrewRig()));
afterEach(() => rig.close());

const report = (tampering: TamperingState, db = rig.db) =>
  reportTampering(db, [{ id: 'cam-1', lane: 'road-1', tampering }], rig.outbox({}, { db }));

test('a camera that was moved is reported once, and once when it is over, over a restart too', () => {
  expect(report({ state: 'in place' })).toEqual([]);
  expect(report(MOVED)).toEqual([{ camera: 'cam-1', state: 'raised' }]);
  expect(report({ ...MOVED, sure: 0.8 })).toEqual([]);
  const after = openDb(rig.folder);
  // Started again, the box has to learn first what the camera looks at.
  expect([report({ state: 'learning' }, after), report(MOVED, after)]).toEqual([[], []]);
  rig.pass(1000);
  expect(report({ state: 'in place' }, after)).toEqual([{ camera: 'cam-1', state: 'cleared' }]);
  expect(report({ state: 'in place' }, after)).toEqual([]);
  after.close();
  const event = { type: 'io.sitebox.device.v2', subject: 'cam-1' };
  const data = { camera: 'cam-1', what: 'tampering' };
  expect(rig.waiting()).toMatchObject([
    {
      ...event,
      data: { ...data, lane: 'road-1', state: 'raised', since: '2026-11-21T07:58:00.000Z', confidence: 0.92 },
    },
    { ...event, data: { ...data, state: 'cleared', since: '2026-11-21T08:00:01.000Z' } },
  ]);
});

test('a camera that is configured no more is over', () => {
  report(MOVED);
  expect(reportTampering(rig.db, [], rig.outbox())).toEqual([{ camera: 'cam-1', state: 'cleared' }]);
});

test('what the outbox refuses is reported at the next call', () => {
  expect(() =>
    reportTampering(rig.db, [{ id: 'cam-1', lane: 'a', tampering: MOVED }], rig.outbox({ rows: 0 })),
  ).toThrow(OutboxFull);
  expect(report(MOVED)).toHaveLength(1);
});
