/** Names of calls come again: counters of devices begin anew when they are switched on, and clocks that are not set always say the same. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CrewDevice } from '../contracts/crew.ts';
import { openCrewRig, sosOf, type CrewRig } from './crew.fixtures.ts';
import { openSosRecords, type SosRecords } from './sos-records.ts';

const HOUR = 3_600_000;
let rig: CrewRig;
let cam: CrewDevice;
let records: SosRecords;
beforeEach(() => {
  rig = openCrewRig();
  cam = rig.add({ id: 'cam-1' });
  records = openSosRecords({ db: rig.db, outbox: rig.outbox(), clock: rig.clock });
});
afterEach(() => rig.close());

const say = (state: 'raised' | 'cancelled' = 'raised') =>
  records.report(sosOf('cam-1', { sos: '1', state, at: rig.clock.now() }), cam);

it('C2: the name of a call that was withdrawn an hour ago is another call, and withdraws that one', () => {
  const first = say();
  say('cancelled');
  // What was under way when it was withdrawn.
  rig.pass(60_000);
  expect(say()).toMatchObject({ id: first.id, isNew: false });
  rig.pass(HOUR);
  const second = say();
  expect(second).toMatchObject({ isNew: true, state: 'raised' });
  expect(second.id).not.toBe(first.id);
  expect(say()).toMatchObject({ id: second.id, isNew: false });
  expect(say('cancelled')).toMatchObject({ id: second.id, isNew: true });
  expect(records.open()).toEqual([]);
});

it('C2: the name of a call that nobody has seen for an hour is a press that all hear', () => {
  const first = say();
  rig.pass(HOUR);
  expect(say()).toMatchObject({ id: first.id, isNew: true });
  expect(say()).toMatchObject({ id: first.id, isNew: false });
  expect(records.open()).toMatchObject([{ presses: 2 }]);
});

it('C2: the name of a call that somebody has seen is another call after a shift', () => {
  const first = say();
  records.acknowledge(first.id, 'room');
  rig.pass(2 * HOUR);
  expect(say()).toMatchObject({ id: first.id, isNew: false });
  rig.pass(10 * HOUR);
  const second = say();
  expect(second).toMatchObject({ isNew: true });
  expect(records.open()[0]).toMatchObject({ id: second.id });
  expect(records.open()[0]).not.toHaveProperty('acknowledged');
});

it('C2: the name of a press that was merged is free again as well', () => {
  for (let i = 0; i < 6; i++) records.report(sosOf('cam-1', { sos: `${i}`, at: rig.clock.now() }), cam);
  const withdrawn = records.report(sosOf('cam-1', { sos: '5', state: 'cancelled', at: rig.clock.now() }), cam);
  rig.pass(HOUR);
  const again = records.report(sosOf('cam-1', { sos: '5', at: rig.clock.now() }), cam);
  expect(again).toMatchObject({ isNew: true, state: 'raised' });
  expect(again.id).not.toBe(withdrawn.id);
});
