/** Where a caller is, while the wall clock of the box is set: by the order in which things came, and with the age they have. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { iso } from '../contracts/time.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import { crewSchema } from '../config/crew.ts';
import type { EquipmentHost, CrewMessage, Equipment } from '../contracts/crew.ts';
import { ageOf } from '../store/sos-table.ts';
import { CrewService } from './crew-service.ts';
import { openCrewRig, sosOf, T0, type CrewRig } from './crew.fixtures.ts';

const HOUR = 3_600_000;
const HERE = { lat: 30.25, lon: 120.125, trusted: true };
/** 220 m from HERE. */
const NEAR = { lat: 30.252, lon: 120.125, trusted: true };

let rig: CrewRig;
let crew: CrewService;
let host: EquipmentHost;
let heard: CrewMessage[];
/** By how much the wall clock was set. */
let stepMs: number;

const now = () => rig.clock.now() + stepMs;
const equipment: Equipment = {
  run: () => Promise.resolve(),
  deliver(device, message) {
    if (device === 'chief-1') heard.push(message);
    return true;
  },
};
function open(): void {
  const config = crewSchema.parse({ equipment: [{ id: 'broker', kind: 'broker' }] });
  const parts = { db: rig.db, outbox: rig.outbox({}, { now }), clock: { ...rig.clock, now }, config, log: SILENT_LOG };
  crew = new CrewService({ ...parts, equipment: [{ id: 'broker', equipment }] });
  host = crew.hostFor(equipment);
  host.presence('chief-1', true);
  heard = [];
}
const report = (position: typeof HERE) => host.report({ device: 'cam-1', at: now(), position });
const call = (more = {}) => host.sos(sosOf('cam-1', { at: now(), ...more }));
const told = () => heard.flatMap((m) => (m.kind === 'sos' ? [m] : []));
const shown = () => crew.sos.open()[0]!.place!;
/** What the room was told last. */
const event = () => rig.waiting().findLast((e) => e.type === 'io.sitebox.sos.v1')!.data;
function pass(seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    rig.pass(1000);
    crew.turn();
  }
}

beforeEach(() => {
  stepMs = 0;
  rig = openCrewRig();
  rig.add({ id: 'cam-1' });
  rig.add({ id: 'chief-1' });
  open();
});
afterEach(() => rig.close());

describe.each([-HOUR, -24 * HOUR, -5000, HOUR])('C3: the wall clock is set by %i ms while a call is open', (step) => {
  it('the place follows the caller, as its own, by reports and by repeats', () => {
    call({ position: HERE });
    pass(1);
    stepMs = step;
    report(NEAR);
    pass(11);
    expect(told().at(-1)).toMatchObject({ place: { lat: 30.252, origin: 'own' } });
    expect(shown()).toMatchObject({ lat: 30.252, origin: 'own', ageS: 11 });
    expect(event()).toMatchObject({
      place: { lat: 30.252, origin: 'own', at: iso(T0 + 1000 + step) },
    });
    call({ position: { ...HERE, lat: 30.254 } });
    expect(told().at(-1)).toMatchObject({ place: { lat: 30.254, origin: 'own', ageS: 0 } });
    expect(event()).toMatchObject({ place: { lat: 30.254, ageS: 0 } });
  });

  it('a place that stays has its age, also for the room', () => {
    call({ position: HERE });
    pass(5);
    stepMs = step;
    pass(35);
    expect(shown()).toMatchObject({ lat: 30.25, ageS: 40 });
    expect(event()).toMatchObject({ place: { lat: 30.25, ageS: 31 } });
  });

  it('a place of before the call is still one of before it', () => {
    report(HERE);
    pass(5);
    stepMs = step;
    call();
    expect(told()).toMatchObject([{ place: { lat: 30.25, origin: 'last known', ageS: 5 } }]);
  });

  it('a device that comes later hears where the caller is now, under an id that it does not know', () => {
    call({ position: HERE });
    host.presence('chief-1', false);
    stepMs = step;
    rig.pass(1000);
    report(NEAR);
    host.presence('chief-1', true);
    expect(told().map((m) => m.place?.lat)).toEqual([30.25, 30.252]);
    expect(told()[0]!.id).not.toBe(told()[1]!.id);
  });

  it('and the box starts again: the caller is followed, and a place is no younger than the start', () => {
    call({ position: HERE });
    stepMs = step;
    open();
    pass(20);
    expect(shown().ageS).toBeGreaterThanOrEqual(20);
    report(NEAR);
    expect(told().at(-1)).toMatchObject({ place: { lat: 30.252, origin: 'own', ageS: 0 } });
    expect(shown()).toMatchObject({ lat: 30.252, ageS: 0 });
  });
});

it('C3: a place that was kept while a terminal was out of reach takes not the place of a newer one', () => {
  call({ position: HERE });
  stepMs = -HOUR;
  pass(1);
  call({ sos: 'call-2', position: NEAR, positionAt: now() - 600_000 });
  expect(crew.sos.open().map(({ place }) => place!.lat)).toEqual([30.25, 30.25]);
});

it('C2: a press that waits while the clock is set back is followed by what comes after it', () => {
  for (let i = 0; i < 30; i++) call({ sos: `call-${i}`, position: HERE });
  stepMs = -HOUR;
  pass(1);
  call({ sos: 'call-29', position: NEAR });
  pass(1);
  expect(crew.sos.open()[0]).toMatchObject({ place: { lat: 30.252, ageS: 1 } });
});

it('C3: a place from the future has no age, rather than none of its own', () => {
  const place = { ...HERE, origin: 'own', at: T0 } as const;
  expect([T0 - 1000, T0 - 1, T0, T0 + 1000].map((at) => ageOf(place, at))).toEqual([
    {},
    { ageS: 0 },
    { ageS: 0 },
    { ageS: 1 },
  ]);
});

it('C2: the name of a call that was withdrawn, when the clock stood a day ahead, is another call', () => {
  call();
  call({ state: 'cancelled' });
  stepMs = -24 * HOUR;
  heard = [];
  call();
  expect(told()).toMatchObject([{ state: 'raised' }]);
  expect(crew.view().sosOpen).toBe(1);
});
