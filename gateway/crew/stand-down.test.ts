/** Each device that was alerted hears the end: at once, or first thing when it comes, over a restart too. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { crewSchema } from '../config/crew.ts';
import type { CrewMessage, Equipment, EquipmentHost } from '../contracts/crew.ts';
import { openAlerts } from '../store/alerts.ts';
import { revokeDevice } from '../store/devices.ts';
import { recordHit } from '../store/hits.ts';
import type { OutboxLimits } from '../store/outbox/outbox.ts';
import { CrewService } from './crew-service.ts';
import { openCrewRig, PLATE_HIT, type CrewRig } from './crew.fixtures.ts';

const HIT = PLATE_HIT.id;
const CONFIG = crewSchema.parse({
  equipment: [{ id: 'b', kind: 'broker' }],
  alerts: [{ roles: ['officer', 'guard'] }],
});

let rig: CrewRig;
let crew: CrewService;
let host: EquipmentHost;
/** What was given to each device, in order. */
let given: { readonly device: string; readonly message: CrewMessage }[];

const equipment: Equipment = {
  run: () => Promise.resolve(),
  deliver(device, message) {
    given.push({ device, message });
    return true;
  },
};

/** As after a start: nothing is connected. */
function open(limits: Partial<OutboxLimits> = {}): void {
  const parts = { db: rig.db, clock: rig.clock, log: SILENT_LOG, outbox: rig.outbox(limits), config: CONFIG };
  crew = new CrewService({ ...parts, equipment: [{ id: 'b', equipment }] });
  host = crew.hostFor(equipment);
}
const come = (...devices: string[]) => devices.forEach((d) => host.presence(d, true));
const go = (...devices: string[]) => devices.forEach((d) => host.presence(d, false));
const kindsOf = (device: string) =>
  given.filter((g) => g.device === device).map(({ message }) => ('cancelled' in message ? 'end' : message.kind));
const endsOf = (device: string) =>
  given.flatMap((g) => (g.device === device && 'cancelled' in g.message ? [g.message] : []));
const acknowledge = (...devices: string[]) =>
  given.forEach(({ device, message }) => devices.includes(device) && host.delivered(device, message.id));
const named = () => crew.status.problems!().flatMap(({ key, what }) => (key === `stand-down:${HIT}` ? [what] : []));
const events = () => rig.send().flatMap((e) => (e.type === 'io.sitebox.alert.v1' ? [e.data] : []));

beforeEach(() => {
  rig = openCrewRig();
  given = [];
  for (const id of ['cam-1', 'cam-2', 'cam-3']) rig.add({ id });
  rig.add({ id: 'guard-1', role: 'guard' });
  recordHit(rig.db, { hit: PLATE_HIT, evidence: [], windowMs: 0 }, rig.outbox());
  rig.send();
  open();
});
afterEach(() => rig.close());

describe('the end of an alert', () => {
  it('reaches each alerted device at once, cut to its role, and says for old devices too what it is', () => {
    come('cam-1', 'guard-1');
    crew.alert(PLATE_HIT, 'confirmed');
    crew.standDown(HIT, 'dismissed');
    expect([kindsOf('cam-1'), kindsOf('guard-1')]).toEqual(Array(2).fill(['interval', 'alert', 'end']));
    const [end] = endsOf('cam-1');
    expect(end).toMatchObject({
      hit: HIT,
      confirmed: false,
      cancelled: true,
      what: 'stolen vehicle · 皖A12345 · road-1',
    });
    expect(end).toMatchObject({ instruction: expect.stringContaining('解除预警') as string });
    expect(JSON.stringify(endsOf('guard-1'))).not.toContain('12345');
    expect(end!.id).not.toBe(given.find(({ message }) => message.kind === 'alert')!.message.id);
  });

  it('comes first of all to a device that is away, over a restart, again until it has it, and then no more', () => {
    come('cam-1', 'cam-2');
    crew.alert(PLATE_HIT, 'confirmed');
    acknowledge('cam-1', 'cam-2');
    go('cam-2');
    crew.standDown(HIT, 'outcome');
    const other = { ...PLATE_HIT, id: 'HIT-2', entry: 'entry-8' };
    recordHit(rig.db, { hit: other, evidence: [], windowMs: 0 }, rig.outbox());
    crew.alert(other, 'confirmed');
    open();
    given = [];
    come('cam-2');
    expect(kindsOf('cam-2')).toEqual(['end', 'interval', 'alert']);
    go('cam-2');
    come('cam-2');
    expect(endsOf('cam-2')).toHaveLength(2);
    acknowledge('cam-2');
    go('cam-2');
    come('cam-2');
    expect(endsOf('cam-2')).toHaveLength(2);
  });

  it('is found missing where the record of the alert goes with it: the broken variant', () => {
    const hears = () => {
      come('cam-1');
      crew.alert(PLATE_HIT, 'confirmed');
      go('cam-1');
      crew.standDown(HIT, 'dismissed');
      open();
      come('cam-1');
      return endsOf('cam-1').length > 0;
    };
    rig.db.exec('CREATE TRIGGER forgets AFTER UPDATE OF endedMs ON alerts BEGIN DELETE FROM alerts; END');
    expect(hears()).toBe(false);
    rig.db.exec('DROP TRIGGER forgets');
    expect(hears()).toBe(true);
  });

  it('never reaches a device that was not alerted, and takes from it an alert that it has not got', () => {
    come('cam-1');
    crew.alert(PLATE_HIT, 'confirmed');
    crew.standDown(HIT, 'withdrawn');
    come('cam-3');
    expect(kindsOf('cam-3')).toEqual(['interval']);
    expect(named()).toEqual([]);
  });

  it('comes once, however often it is said; the hit alerts no one again', () => {
    come('cam-1');
    crew.alert(PLATE_HIT, 'unreviewed');
    crew.alert(PLATE_HIT, 'one-opinion');
    crew.standDown(HIT, 'dismissed');
    crew.standDown(HIT, 'outcome');
    crew.alert(PLATE_HIT, 'confirmed');
    expect(kindsOf('cam-1')).toEqual(['interval', 'alert', 'end']);
    expect(events()).toMatchObject([{ why: 'dismissed' }]);
    expect(rig.audit().filter((row) => row === 'box: alert ended')).toHaveLength(1);
  });

  it('is not said where it cannot be stored: then nothing has ended', () => {
    come('cam-1');
    crew.alert(PLATE_HIT, 'confirmed');
    open({ rows: 0 });
    come('cam-1');
    expect(() => crew.standDown(HIT, 'dismissed')).toThrow(/outbox/);
    expect([endsOf('cam-1'), openAlerts(rig.db, '', 9)]).toEqual([[], [HIT]]);
    open();
    come('cam-1');
    crew.standDown(HIT, 'dismissed');
    expect(endsOf('cam-1')).toHaveLength(1);
  });

  it('that the device has is not sent again while the store refuses to note that', () => {
    come('cam-1');
    crew.alert(PLATE_HIT, 'confirmed');
    crew.standDown(HIT, 'dismissed');
    rig.db.exec("CREATE TRIGGER full BEFORE UPDATE ON alerts BEGIN SELECT RAISE(ABORT, 'no'); END");
    acknowledge('cam-1');
    rig.pass(10_000);
    expect(() => crew.turn()).toThrow('no');
    go('cam-1');
    come('cam-1');
    expect([endsOf('cam-1').length, named()]).toEqual([1, []]);
    rig.db.exec('DROP TRIGGER full');
    crew.turn();
    open();
    come('cam-1');
    expect(endsOf('cam-1')).toHaveLength(1);
  });
});

describe('devices that have not got the end', () => {
  beforeEach(() => {
    come('cam-1', 'cam-2', 'cam-3');
    crew.alert(PLATE_HIT, 'confirmed');
    go('cam-3');
  });

  it('are named after five seconds, until they have it', () => {
    crew.standDown(HIT, 'dismissed');
    acknowledge('cam-1');
    expect(named()).toEqual([]);
    rig.pass(5_000);
    crew.turn();
    expect(named()).toEqual([`the alert ${HIT} has ended, and these devices have not got the end: cam-2, cam-3`]);
    acknowledge('cam-2');
    come('cam-3');
    acknowledge('cam-3');
    expect(named()).toEqual([]);
  });

  it('are named after a restart, and where they were revoked meanwhile: the carrier has seen the alert', () => {
    crew.standDown(HIT, 'dismissed');
    acknowledge('cam-1', 'cam-2');
    revokeDevice(rig.db, 'cam-3', { by: 'Chief 1', now: rig.clock.now() });
    open();
    rig.pass(5_000);
    crew.turn();
    expect(named()[0]).toContain('cam-3');
    expect(endsOf('cam-3')).toEqual([]);
  });

  it('are in the event for the room, one event a turn however many hear it', () => {
    crew.standDown(HIT, 'dismissed');
    expect(events()).toEqual([
      expect.objectContaining({ hit: HIT, told: [], radio: [], notTold: ['cam-1', 'cam-2', 'cam-3'] }),
    ]);
    acknowledge('cam-1', 'cam-2');
    crew.turn();
    crew.turn();
    expect(events()).toMatchObject([{ why: 'dismissed', told: ['cam-1', 'cam-2'], notTold: ['cam-3'] }]);
  });
});

it('what is older than a month is forgotten, in portions', () => {
  come('cam-1');
  crew.alert(PLATE_HIT, 'confirmed');
  rig.pass(29 * 86_400_000);
  crew.turn();
  expect(openAlerts(rig.db, '', 9)).toEqual([HIT]);
  rig.pass(2 * 86_400_000);
  crew.turn();
  expect(openAlerts(rig.db, '', 9)).toEqual([]);
});
